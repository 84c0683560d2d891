import { beforeAll, describe, expect, it } from 'vitest';
import {
  AD,
  bundleOf,
  conversation,
  createParty,
  DAY,
  flip,
  hear,
  must,
  NOW,
  type Party,
  say,
  start,
  twoParties,
} from '../../test/support/world.ts';
import {
  canSeal,
  createPreKeys,
  decodeSessions,
  emptySessions,
  encodeSessions,
  needsNewSession,
  openMessage,
  ready,
  sealMessage,
  SESSION_LIMITS,
  utf8,
} from '../index.ts';

beforeAll(ready);

const isInitial = (message: Uint8Array) => message[1] === 1;
const active = ({ sessions }: Party) => Buffer.from(sessions.list[0]?.transcript ?? []).toString('hex');

describe('sessions', () => {
  it('C-SESSION-1 the handshake rides along until the first answer', () => {
    const { alice, bob } = twoParties();
    start(alice, bob, 0);
    const first = [say(alice, '1'), say(alice, '2')];
    expect(first.map(isInitial)).toEqual([true, true]);
    for (const message of first) hear(bob, alice, message);
    const answer = say(bob, '3');
    expect(isInitial(answer)).toBe(false);
    expect(isInitial(say(alice, '4'))).toBe(true);
    hear(alice, bob, answer);
    expect([say(alice, '5'), say(bob, '6'), say(alice, '7')].map(isInitial)).toEqual([false, false, false]);
  });

  it('C-SESSION-2 any of the first messages may come first', () => {
    const { alice, bob } = twoParties();
    start(alice, bob, 0);
    const messages = ['0', '1', '2', '3'].map((text) => say(alice, text));
    const heard = [2, 0, 3, 1].map((index) => hear(bob, alice, messages[index] ?? new Uint8Array()).text);
    expect(heard).toEqual(['2', '0', '3', '1']);
    expect(bob.sessions.list).toHaveLength(1);
    expect(bob.preKeys.oneTime.map(({ id }) => id)).toEqual([3, 4, 5]);
  });

  it('C-SESSION-3 sealing uses the session that was last started or heard from', () => {
    const { alice, bob } = conversation();
    const old = active(alice);
    const inOld = say(bob, 'in the old one');
    start(alice, bob, 1);
    expect(active(alice)).not.toBe(old);
    expect(isInitial(say(alice, 'in the new one'))).toBe(true);
    expect(hear(alice, bob, inOld)).toEqual({ text: 'in the old one' });
    expect(active(alice)).toBe(old);
    expect(alice.sessions.list).toHaveLength(2);
  });

  it('C-SESSION-4 two that start at once lose nothing and meet in one session', () => {
    const { alice, bob } = twoParties();
    start(alice, bob, 0);
    start(bob, alice, 0);
    const [toBob, toAlice] = [say(alice, 'from alice'), say(bob, 'from bob')];
    expect([hear(bob, alice, toBob), hear(alice, bob, toAlice)]).toEqual([
      { text: 'from alice' },
      { text: 'from bob' },
    ]);
    expect(active(alice)).not.toBe(active(bob));
    expect(hear(bob, alice, say(alice, 'one'))).toEqual({ text: 'one' });
    expect(active(alice)).toBe(active(bob));
    expect(hear(alice, bob, say(bob, 'two'))).toEqual({ text: 'two' });
    expect(active(alice)).toBe(active(bob));
  });

  it('C-SESSION-5 a side that lost its state starts again, and late messages of before still open', () => {
    const { alice, bob } = conversation();
    const late = say(alice, 'late');
    alice.sessions = emptySessions();
    const orphan = say(bob, 'orphan');
    expect(hear(alice, bob, orphan)).toEqual({ error: 'NoSession' });
    start(alice, bob, 1);
    expect(hear(bob, alice, say(alice, 'again'))).toEqual({ text: 'again' });
    expect(hear(alice, bob, say(bob, 'welcome back'))).toEqual({ text: 'welcome back' });
    expect(hear(bob, alice, late)).toEqual({ text: 'late' });
  });

  it('C-SESSION-6 keeps eight sessions, and lets own unanswered ones go first', () => {
    const { alice, bob } = conversation();
    const answered = active(alice);
    for (let round = 0; round < 20; round++) {
      start(alice, bob);
      say(alice, 'nobody hears');
    }
    expect(alice.sessions.list).toHaveLength(SESSION_LIMITS.kept);
    expect(hear(alice, bob, say(bob, 'still here'))).toEqual({ text: 'still here' });
    expect(active(alice)).toBe(answered);
    start(alice, bob);
    const before = alice.sessions.list.length;
    start(alice, bob);
    expect(alice.sessions.list).toHaveLength(before);
  });

  it('C-SESSION-7 a replayed first message opens nothing, also after its session is gone', () => {
    const { alice, bob } = twoParties();
    start(alice, bob);
    const first = say(alice, 'pay 10');
    expect(hear(bob, alice, first)).toEqual({ text: 'pay 10' });
    expect(hear(bob, alice, first)).toEqual({ error: 'AlreadyOpened' });
    for (let round = 0; round < SESSION_LIMITS.kept; round++) {
      start(alice, bob);
      hear(bob, alice, say(alice, 'again'));
    }
    expect(bob.sessions.list).toHaveLength(SESSION_LIMITS.kept);
    expect(bob.sessions.closed).toHaveLength(1);
    expect(hear(bob, alice, first)).toEqual({ error: 'AlreadyOpened' });
    expect(must(decodeSessions(encodeSessions(bob.sessions))).closed).toEqual(bob.sessions.closed);
  });

  it('C-SESSION-8 without the session there is NoSession', () => {
    const { alice, bob } = conversation();
    const message = say(alice, 'x');
    expect(hear({ ...bob, sessions: emptySessions() }, alice, message)).toEqual({ error: 'NoSession' });
    expect(hear(bob, alice, flip(message, 17))).toEqual({ error: 'NoSession' });
    expect(canSeal(emptySessions())).toBe(false);
    const sealed = sealMessage(emptySessions(), { plaintext: utf8('x'), ad: AD, random: alice.random });
    expect(sealed).toEqual({ ok: false, error: { type: 'NoSession' } });
  });

  it('C-SESSION-9 a first message opens for no other sender and no other recipient', () => {
    const { alice, bob, random } = twoParties();
    const carol = createParty(random);
    start(alice, bob);
    const message = say(alice, 'for bob');
    expect(hear(bob, carol, message)).toEqual({ error: 'Forged' });
    const carolWithBobsKeys = { ...carol, preKeys: bob.preKeys };
    expect(hear(carolWithBobsKeys, alice, message)).toEqual({ error: 'Forged' });
    expect(hear(bob, alice, message)).toEqual({ text: 'for bob' });
  });

  it('C-SESSION-10 a state comes back whole, compact, and from nothing else', () => {
    const { alice, bob } = conversation();
    for (let count = 0; count < 5; count++) say(alice, 'lost');
    hear(bob, alice, say(alice, 'x'));
    start(bob, alice, 0);
    for (const { sessions } of [alice, bob]) {
      const bytes = encodeSessions(sessions);
      expect(must(decodeSessions(bytes))).toEqual(sessions);
      for (let length = 0; length < bytes.length; length += 3) {
        expect(decodeSessions(bytes.slice(0, length))).toEqual({ ok: false, error: { type: 'Malformed' } });
      }
    }
    expect(encodeSessions(alice.sessions).length).toBeLessThan(400);
  });

  it('C-SESSION-10 impossible gaps and a chain without its key are malformed', () => {
    const { alice, bob } = conversation();
    say(alice, 'lost');
    hear(bob, alice, say(alice, 'x'));
    const [session] = bob.sessions.list;
    if (session === undefined) throw new Error('no session');
    const withRatchet = (ratchet: typeof session.ratchet) =>
      decodeSessions(encodeSessions({ list: [{ ...session, ratchet }], closed: [] })).ok;
    const { receiving } = session.ratchet;
    const changed = (change: (gap: { from: number; keys: Uint8Array }) => object) =>
      receiving.map((chain) => ({ ...chain, gaps: chain.gaps.map((gap) => ({ ...gap, ...change(gap) })) }));
    expect(withRatchet(session.ratchet)).toBe(true);
    expect(withRatchet({ ...session.ratchet, receiving: changed(() => ({ from: 7 })) })).toBe(false);
    expect(withRatchet({ ...session.ratchet, receiving: changed(() => ({ keys: new Uint8Array(0) })) })).toBe(false);
    expect(withRatchet({ ...session.ratchet, receiving: changed(({ keys }) => ({ keys: keys.slice(1) })) })).toBe(
      false,
    );
    const doubled = receiving.map((chain) => ({ ...chain, gaps: [...chain.gaps, ...chain.gaps] }));
    expect(withRatchet({ ...session.ratchet, receiving: doubled })).toBe(false);
    const sender = alice.sessions.list[0]?.ratchet;
    if (sender === undefined) throw new Error('no session');
    expect(withRatchet({ ...sender, self: undefined })).toBe(false);
  });

  it('C-SESSION-11 says when it is time for a new session', () => {
    const { alice, bob } = twoParties();
    expect(needsNewSession(alice.sessions, NOW)).toBe(true);
    start(alice, bob, 0);
    expect(needsNewSession(alice.sessions, NOW + 21 * DAY)).toBe(false);
    expect(needsNewSession(alice.sessions, NOW + 21 * DAY + 1)).toBe(true);
    hear(bob, alice, say(alice, 'x'));
    hear(alice, bob, say(bob, 'y'));
    expect(needsNewSession(alice.sessions, NOW + 400 * DAY)).toBe(false);
  });

  it('C-RATCHET-2 every bit of a first message is authenticated', () => {
    const { alice, bob } = twoParties();
    start(alice, bob, 0);
    const message = say(alice, 'true');
    for (let bit = 0; bit < message.length * 8; bit += 11) {
      expect(hear(bob, alice, flip(message, bit)).text, `bit ${bit}`).toBeUndefined();
    }
    for (let length = 0; length < message.length; length += 7) {
      expect(hear(bob, alice, message.slice(0, length)).text).toBeUndefined();
    }
    const input = { self: bob.device, preKeys: bob.preKeys, peerDeviceKey: alice.device.publicKey, message, now: NOW };
    expect(openMessage(bob.sessions, { ...input, ad: utf8('other') })).toEqual({
      ok: false,
      error: { type: 'Forged' },
    });
    expect(hear(bob, alice, message)).toEqual({ text: 'true' });
  });

  it('C-PREKEY-3 a handshake with pre-keys of another device is UnknownPreKey', () => {
    const { alice, bob } = twoParties();
    start(alice, bob, 0);
    const message = say(alice, 'x');
    const preKeys = createPreKeys(bob.device, bob.random, { now: NOW, oneTime: 1, firstId: 50 });
    expect(hear({ ...bob, preKeys }, alice, message)).toEqual({ error: 'UnknownPreKey' });
    expect(bundleOf(bob).oneTime).toBeUndefined();
  });
});
