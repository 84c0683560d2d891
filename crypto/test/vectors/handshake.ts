/** Vectors of pre-keys and PQXDH, with every Diffie-Hellman result, and what must be refused. */
import { openPreKeyBundle, type PreKeys, publishPreKeys, utf8 } from '../../src/index.ts';
import { initiate } from '../../src/handshake/pqxdh.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { asSecret } from '../../src/keys.ts';
import { initialPrefix } from '../../src/session/message.ts';
import { agreeIndependently } from '../support/independent.ts';
import { must } from '../support/world.ts';
import { counted, hex, scripted, tampered, unhex } from './hex.ts';

/** Bob's pre-keys as the vectors give them: one signed and one one-time, from their seeds. */
export function preKeysOf(bob: {
  readonly seed: string;
  readonly signedSeed: string;
  readonly oneTimeSeed: string;
}): PreKeys {
  return {
    deviceKey: deviceFromSeed(unhex(bob.seed)).publicKey,
    signed: { id: 1, createdAt: 1_700_000_000_000, seed: asSecret<'SignedPreKey'>(unhex(bob.signedSeed)) },
    retired: [],
    oneTime: [{ id: 2, seed: asSecret<'OneTimePreKey'>(unhex(bob.oneTimeSeed)) }],
    freshFrom: 2,
    nextId: 3,
  };
}

export const BOB = { seed: hex(counted(0x20)), signedSeed: hex(counted(0x40)), oneTimeSeed: hex(counted(0x60)) };
export const ALICE = { seed: hex(counted(0)), draws: [hex(counted(0x80)), hex(counted(0xa0))] };

export function buildHandshake() {
  const [alice, bob] = [deviceFromSeed(unhex(ALICE.seed)), deviceFromSeed(unhex(BOB.seed))];
  const preKeys = preKeysOf(BOB);
  const { signed, oneTime } = publishPreKeys(preKeys, bob, utf8('note'));
  const [first] = oneTime;
  if (first === undefined) throw new Error('no one-time pre-key');
  const agree = (withOneTime: boolean) => {
    const bundle = must(openPreKeyBundle(bob.publicKey, signed, withOneTime ? first : undefined));
    const { header, root, transcript } = must(initiate(alice, bundle, scripted(ALICE.draws)));
    const { dh1, dh2, dh3, dh4, ss } = agreeIndependently({ device: bob, preKeys }, alice.publicKey, header);
    const shared = { dh1: hex(dh1), dh2: hex(dh2), dh3: hex(dh3), dh4: dh4 ? hex(dh4) : null, ss: hex(ss) };
    return { withOneTime, header: hex(initialPrefix(header)), ...shared, root: hex(root), transcript: hex(transcript) };
  };
  return {
    alice: { ...ALICE, deviceKey: hex(alice.publicKey) },
    bob: { ...BOB, deviceKey: hex(bob.publicKey) },
    published: { signed: hex(signed), oneTime: hex(first.bytes), note: hex(utf8('note')) },
    agreements: [agree(true), agree(false)],
    mustFail: [
      {
        why: 'signed for another device',
        deviceKey: hex(alice.publicKey),
        signed: hex(signed),
        oneTime: null,
        error: 'WrongDevice',
      },
      {
        why: 'X25519 pre-key swapped',
        deviceKey: hex(bob.publicKey),
        signed: hex(tampered(signed, 43)),
        oneTime: null,
        error: 'BadSignature',
      },
      {
        why: 'ML-KEM pre-key swapped',
        deviceKey: hex(bob.publicKey),
        signed: hex(tampered(signed, 700)),
        oneTime: null,
        error: 'BadSignature',
      },
      {
        why: 'note changed',
        deviceKey: hex(bob.publicKey),
        signed: hex(tampered(signed, -65)),
        oneTime: null,
        error: 'BadSignature',
      },
      {
        why: 'cut',
        deviceKey: hex(bob.publicKey),
        signed: hex(signed.slice(0, -1)),
        oneTime: null,
        error: 'Malformed',
      },
      { why: 'no point', deviceKey: '00'.repeat(32), signed: hex(signed), oneTime: null, error: 'Malformed' },
      {
        why: 'one-time key swapped',
        deviceKey: hex(bob.publicKey),
        signed: hex(signed),
        oneTime: hex(tampered(first.bytes, 6)),
        error: 'BadSignature',
      },
      {
        why: 'one-time key under another id',
        deviceKey: hex(bob.publicKey),
        signed: hex(signed),
        oneTime: hex(tampered(first.bytes, 4)),
        error: 'Malformed',
      },
    ],
  };
}
