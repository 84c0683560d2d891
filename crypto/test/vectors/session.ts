/** Vectors of whole sessions: from Bob's published pre-keys to an answered conversation, and the stored states. */
import {
  emptySessions,
  encodePreKeys,
  encodeSessions,
  openMessage,
  openPreKeyBundle,
  publishPreKeys,
  sealMessage,
  startSession,
  utf8,
} from '../../src/index.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { must } from '../support/world.ts';
import { ALICE, BOB, preKeysOf } from './handshake.ts';
import { counted, hex, scripted, tampered, unhex } from './hex.ts';

const AD = utf8('vector ad');
const NOW = 1_700_000_000_000;

export function buildSession() {
  const [alice, bob] = [deviceFromSeed(unhex(ALICE.seed)), deviceFromSeed(unhex(BOB.seed))];
  const preKeys = preKeysOf(BOB);
  const { signed, oneTime } = publishPreKeys(preKeys, bob, utf8('note'));
  const bundle = must(openPreKeyBundle(bob.publicKey, signed, oneTime[0]));
  const started = must(
    startSession(emptySessions(), { self: alice, peer: bundle, random: scripted(ALICE.draws), now: NOW }),
  );
  const draws = {
    first: [hex(counted(0x11)), hex(counted(0x31, 24))],
    answer: [hex(counted(0x41)), hex(counted(0x61, 24))],
  };
  const first = must(sealMessage(started, { plaintext: utf8('hello'), ad: AD, random: scripted(draws.first) }));
  const toBob = { self: bob, preKeys, peerDeviceKey: alice.publicKey, ad: AD, now: NOW };
  const heard = must(openMessage(emptySessions(), { ...toBob, message: first.message }));
  const answer = must(
    sealMessage(heard.next, { plaintext: utf8('hello back'), ad: AD, random: scripted(draws.answer) }),
  );
  const toAlice = { self: alice, preKeys, peerDeviceKey: bob.publicKey, ad: AD, now: NOW };
  const answered = must(openMessage(first.next, { ...toAlice, message: answer.message }));
  return {
    alice: ALICE,
    bob: { ...BOB, preKeys: hex(encodePreKeys(preKeys)) },
    ad: hex(AD),
    now: NOW,
    first: {
      draws: draws.first,
      plaintext: hex(utf8('hello')),
      message: hex(first.message),
      usedOneTime: heard.usedOneTime ?? 0,
    },
    answer: { draws: draws.answer, plaintext: hex(utf8('hello back')), message: hex(answer.message) },
    states: {
      aliceStarted: hex(encodeSessions(started)),
      aliceAfterFirst: hex(encodeSessions(first.next)),
      bobAfterFirst: hex(encodeSessions(heard.next)),
      aliceAfterAnswer: hex(encodeSessions(answered.next)),
    },
    mustFail: [
      { why: 'unknown version', message: hex(tampered(first.message, 0)), error: 'Malformed' },
      { why: 'unknown kind', message: hex(Uint8Array.of(1, 3, ...first.message.slice(2))), error: 'Malformed' },
      { why: 'unknown signed pre-key', message: hex(tampered(first.message, 5)), error: 'UnknownPreKey' },
      { why: 'unknown one-time pre-key', message: hex(tampered(first.message, 9)), error: 'UnknownPreKey' },
      {
        why: 'one-time pre-key left out',
        message: hex(Uint8Array.of(...first.message.slice(0, 9), 0, ...first.message.slice(10))),
        error: 'Forged',
      },
      { why: 'ephemeral key changed', message: hex(tampered(first.message, 10)), error: 'Forged' },
      { why: 'ML-KEM ciphertext changed', message: hex(tampered(first.message, 500)), error: 'Forged' },
      {
        why: 'ephemeral key of small order',
        message: hex(Uint8Array.of(...first.message.slice(0, 10), ...new Uint8Array(32), ...first.message.slice(42))),
        error: 'WeakKey',
      },
      { why: 'content changed', message: hex(tampered(first.message, -1)), error: 'Forged' },
      { why: 'message of another session', message: hex(answer.message), error: 'NoSession' },
    ],
  };
}
