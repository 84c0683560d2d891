/** The committed vectors of handshake, ratchet and session, run as two devices would, and checked step by step. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  decodePreKeys,
  decodeSessions,
  emptySessions,
  encodeSessions,
  openMessage,
  openPreKeyBundle,
  publishPreKeys,
  ready,
  sealMessage,
  type Sessions,
  startSession,
} from '../../src/index.ts';
import { initiate, respond } from '../../src/handshake/pqxdh.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { asPublic } from '../../src/keys.ts';
import { open } from '../../src/ratchet/open.ts';
import { seal } from '../../src/ratchet/seal.ts';
import { initialPrefix } from '../../src/session/message.ts';
import { agreeIndependently, dh, hmac, turn, xchachaOpen, xchachaSeal } from '../support/independent.ts';
import { must } from '../support/world.ts';
import { preKeysOf } from './handshake.ts';
import { hex, scripted, unhex } from './hex.ts';
import { errorOf, loadVector, opensOnlyWhole } from './load.ts';
import { ratchetEnds } from './ratchet.ts';

beforeAll(ready);

const people = ({ alice, bob }: { alice: { seed: string }; bob: Parameters<typeof preKeysOf>[0] }) => ({
  alice: deviceFromSeed(unhex(alice.seed)),
  bob: deviceFromSeed(unhex(bob.seed)),
  preKeys: preKeysOf(bob),
});

describe('handshake.json', () => {
  it('C-PQXDH-1 C-PQXDH-2 both sides and a second implementation reach the listed values', () => {
    const vector = loadVector('handshake');
    const { alice, bob, preKeys } = people(vector);
    for (const expected of vector.agreements) {
      const { signed, oneTime } = vector.published;
      const extra = expected.withOneTime ? { id: 2, bytes: unhex(oneTime) } : undefined;
      const bundle = must(openPreKeyBundle(bob.publicKey, unhex(signed), extra));
      const { header, root, transcript } = must(initiate(alice, bundle, scripted(vector.alice.draws)));
      expect([initialPrefix(header), root, transcript].map(hex)).toEqual([
        expected.header,
        expected.root,
        expected.transcript,
      ]);
      const answered = must(respond({ self: bob, preKeys, peerDeviceKey: alice.publicKey, header }));
      expect([answered.root, answered.transcript].map(hex)).toEqual([expected.root, expected.transcript]);
      const { dh1, dh2, dh3, dh4, ss, ...second } = agreeIndependently(
        { device: bob, preKeys },
        alice.publicKey,
        header,
      );
      expect([dh1, dh2, dh3, ss].map(hex)).toEqual([expected.dh1, expected.dh2, expected.dh3, expected.ss]);
      expect(dh4 ? hex(dh4) : null).toBe(expected.dh4);
      expect([second.root, second.transcript].map(hex)).toEqual([expected.root, expected.transcript]);
    }
  });

  it('C-PREKEY-2 published pre-keys, whole and broken', () => {
    const { bob, published, mustFail } = loadVector('handshake');
    const { signed, oneTime, note } = published;
    const deviceKey = asPublic<'Device'>(unhex(bob.deviceKey));
    expect(must(openPreKeyBundle(deviceKey, unhex(signed))).note).toEqual(unhex(note));
    const again = publishPreKeys(preKeysOf(bob), deviceFromSeed(unhex(bob.seed)), unhex(note));
    expect([hex(again.signed), ...again.oneTime.map(({ bytes }) => hex(bytes))]).toEqual([signed, oneTime]);
    opensOnlyWhole(unhex(signed), (bytes) => openPreKeyBundle(deviceKey, bytes), 13);
    opensOnlyWhole(unhex(oneTime), (bytes) => openPreKeyBundle(deviceKey, unhex(signed), { id: 2, bytes }), 13);
    for (const bad of mustFail) {
      const extra = bad.oneTime === null ? undefined : { id: 2, bytes: unhex(bad.oneTime) };
      const opened = openPreKeyBundle(asPublic<'Device'>(unhex(bad.deviceKey)), unhex(bad.signed), extra);
      expect(errorOf(opened), bad.why).toBe(bad.error);
    }
  });
});

describe('ratchet.json', () => {
  const vector = loadVector('ratchet');
  const [ad, now] = [unhex(vector.ad), vector.now];

  it('C-RATCHET-1 C-RATCHET-3 every step has the listed keys and bytes, and opens in the listed order', () => {
    const states = ratchetEnds();
    for (const step of vector.steps) {
      const sealed = must(
        seal(states[step.by], { plaintext: unhex(step.plaintext), ad, random: scripted(step.draws) }),
      );
      states[step.by] = sealed.next;
      expect(hex(sealed.message)).toBe(step.message);
      expect(hex(sealed.next.root)).toBe(step.root);
      expect(sealed.spent.slice(0, 2).map(hex)).toEqual([step.messageKey, step.chainKey]);
      for (const place of step.thenOpened) {
        const late = vector.steps[place];
        if (late === undefined) throw new Error('no such step');
        const to = late.by === 'alice' ? 'bob' : 'alice';
        const opened = must(open(states[to], { message: unhex(late.message), ad, now }));
        expect(hex(opened.plaintext)).toBe(late.plaintext);
        states[to] = opened.next;
      }
    }
  });

  it('C-RATCHET-1 C-RATCHET-2 a second implementation derives the same keys and bytes', () => {
    for (const { messageKey, chainKey, plaintext, message, draws } of vector.steps) {
      expect(hex(hmac(unhex(chainKey), Uint8Array.of(1)))).toBe(messageKey);
      const [header, nonce, sealed] = [
        unhex(message).slice(0, 40),
        unhex(message).slice(40, 64),
        unhex(message).slice(64),
      ];
      expect(hex(nonce)).toBe(draws.at(-1));
      const bound = new Uint8Array([...header, ...ad]);
      expect(hex(xchachaOpen(unhex(messageKey), nonce, sealed, bound))).toBe(plaintext);
      expect(xchachaSeal(unhex(messageKey), nonce, unhex(plaintext), bound)).toEqual(sealed);
    }
    const [first] = vector.steps;
    if (first === undefined) throw new Error('no step');
    const bobsKey = ratchetEnds().alice.peer ?? new Uint8Array();
    const { root, chain } = turn(unhex(vector.root), dh(unhex(first.draws[0] ?? ''), bobsKey));
    expect([hex(root), hex(chain)]).toEqual([first.root, first.chainKey]);
  });

  it('C-RATCHET-2 messages, whole and broken', () => {
    const { bob } = ratchetEnds();
    const [first] = vector.steps;
    opensOnlyWhole(unhex(first?.message ?? ''), (message) => open(bob, { message, ad, now }));
    for (const bad of vector.mustFail) {
      const opened = open(bob, { message: unhex(bad.message), ad: unhex(bad.ad), now });
      expect(errorOf(opened), bad.why).toBe(bad.error);
    }
  });
});

describe('session.json', () => {
  const vector = loadVector('session');
  const [ad, now] = [unhex(vector.ad), vector.now];
  const restored = (state: string): Sessions => must(decodeSessions(unhex(state)));

  it('C-SESSION-1 C-SESSION-10 the whole conversation has the listed bytes and stored states', () => {
    const { alice, bob } = people(vector);
    const preKeys = must(decodePreKeys(unhex(vector.bob.preKeys)));
    const { signed, oneTime } = publishPreKeys(preKeys, bob, new Uint8Array());
    const peer = must(openPreKeyBundle(bob.publicKey, signed, oneTime[0]));
    const input = { self: alice, peer, random: scripted(vector.alice.draws), now };
    const started = must(startSession(emptySessions(), input));
    expect(hex(encodeSessions(started))).toBe(vector.states.aliceStarted);
    const { first, answer, states } = vector;
    const sealed = must(sealMessage(started, { plaintext: unhex(first.plaintext), ad, random: scripted(first.draws) }));
    expect([hex(sealed.message), hex(encodeSessions(sealed.next))]).toEqual([first.message, states.aliceAfterFirst]);
    const toBob = { self: bob, preKeys, peerDeviceKey: alice.publicKey, ad, now };
    const heard = must(openMessage(emptySessions(), { ...toBob, message: unhex(first.message) }));
    expect(heard.usedOneTime).toBe(first.usedOneTime);
    expect(hex(encodeSessions(heard.next))).toBe(states.bobAfterFirst);
    const back = must(
      sealMessage(heard.next, { plaintext: unhex(answer.plaintext), ad, random: scripted(answer.draws) }),
    );
    expect(hex(back.message)).toBe(answer.message);
    const toAlice = { self: alice, preKeys, peerDeviceKey: bob.publicKey, ad, now };
    const answered = must(
      openMessage(restored(states.aliceAfterFirst), { ...toAlice, message: unhex(answer.message) }),
    );
    expect(hex(answered.plaintext)).toBe(answer.plaintext);
    expect(hex(encodeSessions(answered.next))).toBe(states.aliceAfterAnswer);
  });

  it('C-RATCHET-2 C-SESSION-8 messages, whole and broken', () => {
    const { alice, bob, preKeys } = people(vector);
    const toBob = { self: bob, preKeys, peerDeviceKey: alice.publicKey, ad, now };
    const hear = (message: Uint8Array) => openMessage(emptySessions(), { ...toBob, message });
    opensOnlyWhole(unhex(vector.first.message), hear, 17);
    for (const bad of vector.mustFail) expect(errorOf(hear(unhex(bad.message))), bad.why).toBe(bad.error);
    const toAlice = { self: alice, preKeys, peerDeviceKey: bob.publicKey, ad, now };
    const state = restored(vector.states.aliceAfterFirst);
    opensOnlyWhole(unhex(vector.answer.message), (message) => openMessage(state, { ...toAlice, message }));
  });
});
