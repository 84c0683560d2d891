import { beforeAll, describe, expect, it } from 'vitest';
import { dh, hmac, turn, xchachaOpen } from '../../test/support/independent.ts';
import { AD, conversation, DAY, flip, must, NOW, randomOf } from '../../test/support/world.ts';
import { concat, ready, utf8, wipe } from '../index.ts';
import { asPublic, asSecret, type KeyPair } from '../keys.ts';
import { x25519Public } from '../sodium.ts';
import { RATCHET_MESSAGE } from './message.ts';
import { open, type Opened } from './open.ts';
import { initiatorRatchet, type Ratchet, RATCHET_LIMITS, responderRatchet } from './ratchet.ts';
import { seal, type Sealed } from './seal.ts';
import { countSkipped } from './skipped.ts';

beforeAll(ready);

const random = randomOf(4);
const ROOT = new Uint8Array(32).fill(7);

function pair(): KeyPair<'Ratchet'> {
  const secretKey = asSecret<'Ratchet'>(random(32));
  return { secretKey, publicKey: asPublic<'Ratchet'>(x25519Public(secretKey)) };
}

function ends(): { alice: Ratchet; bob: Ratchet; first: KeyPair<'Ratchet'> } {
  const first = pair();
  const root = () => asSecret<'Root'>(ROOT.slice());
  return { alice: initiatorRatchet(root(), first.publicKey), bob: responderRatchet(root(), first), first };
}

const sealText = (ratchet: Ratchet, text: string): Sealed =>
  must(seal(ratchet, { plaintext: utf8(text), ad: AD, random }));
const openAt = (ratchet: Ratchet, message: Uint8Array, now = NOW) => open(ratchet, { message, ad: AD, now });
const textOf = ({ plaintext }: Opened) => new TextDecoder().decode(plaintext);

/** `count` messages in one chain. */
function sealMany(ratchet: Ratchet, count: number): { messages: Uint8Array[]; next: Ratchet } {
  const messages: Uint8Array[] = [];
  let next = ratchet;
  for (let index = 0; index < count; index++) {
    const sealed = sealText(next, String(index));
    messages.push(sealed.message);
    next = sealed.next;
  }
  return { messages, next };
}

const at = (messages: readonly Uint8Array[], index: number): Uint8Array => {
  const message = messages[index];
  if (message === undefined) throw new Error(`no message ${index}`);
  return message;
};

describe('Double Ratchet', () => {
  it('C-RATCHET-1 a turn is HKDF of root and DH, as another implementation has it', () => {
    const { alice, first } = ends();
    const { next, message } = sealText(alice, 'one');
    const self = next.self;
    if (self === undefined) throw new Error('no key');
    const { root, chain } = turn(ROOT, dh(self.secretKey, first.publicKey));
    expect(next.root).toEqual(root);
    const { header, nonce, ciphertext } = RATCHET_MESSAGE.decode(message) ?? {};
    if (header === undefined || nonce === undefined || ciphertext === undefined) throw new Error('malformed');
    expect(header).toEqual({ ratchetKey: self.publicKey, previousCount: 0, index: 0 });
    const key = hmac(chain, Uint8Array.of(1));
    expect(xchachaOpen(key, nonce, ciphertext, concat(message.slice(0, 40), AD))).toEqual(utf8('one'));
    expect(next.sending).toEqual({ key: hmac(chain, Uint8Array.of(2)), index: 1 });
  });

  it('C-RATCHET-1 every answer has a new ratchet key, and a chain keeps its own', () => {
    let { alice, bob } = ends();
    const keys: string[] = [];
    for (let round = 0; round < 4; round++) {
      const sealed = sealText(alice, 'x');
      const again = sealText(sealed.next, 'y');
      for (const { message } of [sealed, again]) keys.push(Buffer.from(message.slice(0, 32)).toString('hex'));
      const opened = must(openAt(must(openAt(bob, sealed.message)).next, again.message));
      expect(opened.next.sending).toBeUndefined();
      [alice, bob] = [opened.next, again.next];
    }
    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 0, 2, 2, 4, 4, 6, 6]);
  });

  it('C-RATCHET-2 any changed bit of the message, and any other ad, is an error', () => {
    const { alice, bob } = ends();
    const { message } = sealText(alice, 'true');
    for (let bit = 0; bit < message.length * 8; bit++)
      expect(openAt(bob, flip(message, bit)).ok, `bit ${bit}`).toBe(false);
    for (let length = 0; length < message.length; length++)
      expect(openAt(bob, message.slice(0, length)).ok).toBe(false);
    expect(open(bob, { message, ad: utf8('test  ad'), now: NOW })).toEqual({ ok: false, error: { type: 'Forged' } });
    expect(openAt(bob, message).ok).toBe(true);
  });

  it('C-RATCHET-3 messages open in any order, each once', () => {
    const { alice, bob } = ends();
    const { messages } = sealMany(alice, 6);
    let state = bob;
    for (const index of [4, 0, 5, 2, 1, 3]) {
      const opened = must(openAt(state, at(messages, index)));
      expect(textOf(opened)).toBe(String(index));
      state = opened.next;
      expect(openAt(state, at(messages, index))).toEqual({ ok: false, error: { type: 'AlreadyOpened', index } });
    }
    expect(state.receiving.flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  it('C-RATCHET-3 messages of finished chains open late, and once', () => {
    let { alice, bob } = ends();
    const late: Uint8Array[] = [];
    for (let round = 0; round < 5; round++) {
      const { messages, next } = sealMany(alice, 3);
      late.push(at(messages, 0), at(messages, 2));
      [alice, bob] = [must(openAt(bob, at(messages, 1))).next, next];
    }
    // After five rounds the two have changed places once more than even: `bob` holds what sent last.
    const [first, second] = [bob, alice];
    let state = second;
    let other = first;
    for (const [place, message] of late.entries()) {
      const toOther = Math.floor(place / 2) % 2 === 1;
      const opened = must(openAt(toOther ? other : state, message));
      if (toOther) other = opened.next;
      else state = opened.next;
      expect(openAt(opened.next, message)).toMatchObject({ error: { type: 'AlreadyOpened' } });
    }
  });

  it('C-RATCHET-4 no two messages of a conversation have the same key', () => {
    let { alice, bob } = ends();
    const keys = new Set<string>();
    let sealedCount = 0;
    for (let round = 0; round < 6; round++) {
      for (let count = 0; count < 5; count++) {
        const { next, spent, message } = sealText(alice, 'x');
        const [key] = spent;
        if (key === undefined) throw new Error('no key spent');
        keys.add(Buffer.from(key).toString('hex'));
        sealedCount++;
        alice = next;
        bob = must(openAt(bob, message)).next;
      }
      [alice, bob] = [bob, alice];
    }
    expect(keys.size).toBe(sealedCount);
  });

  it('C-RATCHET-5 after any failure the old state opens the true message', () => {
    const { alice, bob } = ends();
    const { messages, next } = sealMany(alice, 3);
    const before = structuredClone(bob);
    for (const bit of [0, 8 * 33, 8 * 37, 8 * 45, 8 * 70])
      expect(openAt(bob, flip(at(messages, 2), bit)).ok).toBe(false);
    expect(bob).toEqual(before);
    const opened = must(openAt(bob, at(messages, 2)));
    const withGaps = structuredClone(opened.next);
    for (const message of messages) expect(openAt(opened.next, flip(message, 8 * 70)).ok).toBe(false);
    expect(opened.next).toEqual(withGaps);
    expect(textOf(must(openAt(opened.next, at(messages, 0))))).toBe('0');
    expect(next.sending?.index).toBe(3);
  });

  it('C-RATCHET-6 a message more than 2,000 ahead is refused, in a chain and at its end', () => {
    const { alice, bob } = ends();
    const { messages, next } = sealMany(alice, RATCHET_LIMITS.skip + 2);
    const opened = must(openAt(bob, at(messages, RATCHET_LIMITS.skip)));
    expect(textOf(opened)).toBe('2000');
    const limit = RATCHET_LIMITS.skip;
    const refused = { ok: false, error: { type: 'TooFarAhead', gap: limit + 1, limit } };
    expect(openAt(bob, at(messages, limit + 1))).toEqual(refused);
    const answer = sealText(must(openAt(bob, at(messages, 0))).next, 'answer');
    const turned = sealText(must(openAt(next, answer.message)).next, 'turned');
    expect(openAt(answer.next, turned.message)).toEqual(refused);
  });

  it('C-RATCHET-7 at most 2,000 skipped keys are kept, the longest skipped go first', () => {
    const { alice, bob } = ends();
    const { messages } = sealMany(alice, 3_000);
    let state = bob;
    for (const index of [1_999, 2_999]) state = must(openAt(state, at(messages, index))).next;
    expect(state.receiving.reduce((total, { gaps }) => total + countSkipped(gaps), 0)).toBe(RATCHET_LIMITS.keptKeys);
    const lost = 2_998 - RATCHET_LIMITS.keptKeys;
    expect(openAt(state, at(messages, lost - 1))).toMatchObject({ error: { type: 'AlreadyOpened' } });
    for (const index of [lost, 1_500, 2_998])
      expect(textOf(must(openAt(state, at(messages, index))))).toBe(String(index));
  });

  it('C-RATCHET-8 a skipped key is dropped at 45 days', () => {
    const { alice, bob } = ends();
    const { messages } = sealMany(alice, 4);
    const skipped = must(openAt(bob, at(messages, 2), NOW)).next;
    const young = must(openAt(skipped, at(messages, 3), NOW + 45 * DAY)).next;
    expect(textOf(must(openAt(young, at(messages, 0), NOW)))).toBe('0');
    const old = must(openAt(skipped, at(messages, 3), NOW + 45 * DAY + 1)).next;
    expect(openAt(old, at(messages, 0))).toEqual({ ok: false, error: { type: 'AlreadyOpened', index: 0 } });
    expect(old.receiving.every(({ gaps }) => gaps.length === 0)).toBe(true);
  });

  it('C-RATCHET-9 at most 32 chains are remembered, those with late messages longest', () => {
    let { alice, bob } = ends();
    const lost: Uint8Array[] = [];
    for (let round = 0; round < 80; round++) {
      const { messages, next } = sealMany(alice, 2);
      if (round === 0) lost.push(at(messages, 0));
      let opened = must(openAt(bob, at(messages, 1)));
      if (round > 0) opened = must(openAt(opened.next, at(messages, 0)));
      [alice, bob] = [opened.next, next];
    }
    const chains = [alice, bob].map(({ receiving }) => receiving.length);
    expect(chains).toEqual([RATCHET_LIMITS.chains, RATCHET_LIMITS.chains]);
    const receivers = [alice, bob].filter((state) => openAt(state, at(lost, 0)).ok);
    expect(receivers).toHaveLength(1);
  });

  it('C-RATCHET-10 a state that is used twice repeats the key but never the nonce', () => {
    const { next } = sealText(ends().alice, 'before the backup');
    const [one, two] = [sealText(next, 'one thing'), sealText(next, 'another')];
    expect(one.spent[0]).toEqual(two.spent[0]);
    expect(one.message.slice(0, 40)).toEqual(two.message.slice(0, 40));
    expect(one.message.slice(40, 64)).not.toEqual(two.message.slice(40, 64));
  });

  it('C-RATCHET-11 the conversation goes on after spent secrets were wiped', () => {
    let { alice, bob } = ends();
    for (let round = 0; round < 6; round++) {
      const batch: Uint8Array[] = [];
      for (let count = 0; count < 4; count++) {
        const sealed = sealText(alice, `${round}.${count}`);
        wipe(...sealed.spent);
        batch.push(sealed.message);
        alice = sealed.next;
      }
      for (const count of [2, 0, 3, 1]) {
        const opened = must(openAt(bob, at(batch, count)));
        expect(textOf(opened)).toBe(`${round}.${count}`);
        wipe(...opened.spent);
        bob = opened.next;
      }
      [alice, bob] = [bob, alice];
    }
  });

  it('C-RATCHET-12 a stolen state reads nothing once both sides have turned', () => {
    let { alice, bob } = ends();
    const hello = sealText(alice, 'hello');
    [alice, bob] = [hello.next, must(openAt(bob, hello.message)).next];
    const stolen = structuredClone(alice);
    const reply = sealText(bob, 'the thief still reads this');
    expect(textOf(must(openAt(stolen, reply.message)))).toBe('the thief still reads this');
    alice = must(openAt(alice, reply.message)).next;
    const healed = sealText(alice, 'new key');
    const after = sealText(must(openAt(reply.next, healed.message)).next, 'not this');
    const thief = must(openAt(stolen, reply.message)).next;
    expect(openAt(thief, after.message).ok).toBe(false);
    // Not even with the turn that the thief can take with a key of its own.
    expect(openAt(sealText(thief, 'x').next, after.message)).toEqual({ ok: false, error: { type: 'Forged' } });
    expect(textOf(must(openAt(healed.next, after.message)))).toBe('not this');
  });

  it('has nobody to open from before an initiator has sealed', () => {
    const { alice } = ends();
    const other = sealText(ends().alice, 'x');
    expect(openAt(alice, other.message)).toEqual({ ok: false, error: { type: 'Forged' } });
    expect(openAt(alice, new Uint8Array(10))).toEqual({ ok: false, error: { type: 'Malformed' } });
  });

  it('C-PQXDH-4 a ratchet key of small order is a WeakKey on both paths', () => {
    const { bob } = ends();
    const zero = asPublic<'Ratchet'>(new Uint8Array(32));
    const sealed = seal(initiatorRatchet(asSecret<'Root'>(ROOT), zero), { plaintext: utf8(''), ad: AD, random });
    expect(sealed).toEqual({ ok: false, error: { type: 'WeakKey' } });
    const { message } = sealText(ends().alice, 'x');
    message.set(zero, 0);
    expect(openAt(bob, message)).toEqual({ ok: false, error: { type: 'WeakKey' } });
  });

  it('a plaintext over the cap is the caller’s bug', () => {
    const { alice } = conversation();
    const ratchet = alice.sessions.list[0]?.ratchet;
    if (ratchet === undefined) throw new Error('no session');
    expect(() => seal(ratchet, { plaintext: new Uint8Array(256 * 1024), ad: AD, random })).toThrow(RangeError);
  });
});
