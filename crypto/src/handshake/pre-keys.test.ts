import { beforeAll, describe, expect, it } from 'vitest';
import {
  bundleOf,
  createParty,
  DAY,
  flip,
  hear,
  must,
  NOW,
  randomOf,
  say,
  start,
  twoParties,
} from '../../test/support/world.ts';
import {
  createDevice,
  createPreKeys,
  decodePreKeys,
  dropOneTime,
  encodePreKeys,
  NOTE_BYTES,
  openPreKeyBundle,
  PRE_KEY_LIMITS,
  publishPreKeys,
  ready,
  replenishPreKeys,
  rotateSignedPreKey,
  utf8,
} from '../index.ts';

beforeAll(ready);

describe('pre-keys', () => {
  it('C-PREKEY-1 only the newest batch is published, and the signed pre-key with its note', () => {
    const { alice } = twoParties();
    const first = publishPreKeys(alice.preKeys, alice.device, utf8('where I am'));
    expect(first.oneTime.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
    const more = replenishPreKeys(alice.preKeys, alice.device, alice.random, { now: NOW, oneTime: 2 });
    const second = publishPreKeys(more, alice.device, utf8('where I am'));
    expect(second.oneTime.map(({ id }) => id)).toEqual([6, 7]);
    expect(second.signed).toEqual(first.signed);
    expect(more.oneTime).toHaveLength(6);
    const bundle = must(openPreKeyBundle(alice.device.publicKey, first.signed, first.oneTime[1]));
    expect(bundle).toMatchObject({ signedId: 1, createdAt: NOW, note: utf8('where I am'), oneTime: { id: 3 } });
    expect(publishPreKeys(dropOneTime(more, 6), alice.device, utf8('')).oneTime.map(({ id }) => id)).toEqual([7]);
  });

  it('C-PREKEY-2 what is not signed by the device asked for is refused, with its own error', () => {
    const { alice, bob } = twoParties();
    const [mine, theirs] = [alice, bob].map(({ preKeys, device }) => publishPreKeys(preKeys, device, utf8('note')));
    if (mine === undefined || theirs === undefined) throw new Error('nothing published');
    const errorOf = (...args: Parameters<typeof openPreKeyBundle>) => {
      const opened = openPreKeyBundle(...args);
      return opened.ok ? undefined : opened.error.type;
    };
    const key = alice.device.publicKey;
    expect(errorOf(key, mine.signed)).toBeUndefined();
    expect(errorOf(key, theirs.signed)).toBe('WrongDevice');
    expect(errorOf(key, mine.signed, theirs.oneTime[0])).toBe('BadSignature');
    expect(errorOf(key, mine.signed.slice(1))).toBe('Malformed');
    expect(errorOf(key, mine.signed, { id: 99, bytes: mine.oneTime[0]?.bytes ?? new Uint8Array() })).toBe('Malformed');
    expect(errorOf(key, mine.signed, { id: 2, bytes: new Uint8Array() })).toBe('Malformed');
  });

  it('C-PREKEY-2 any changed bit is refused', () => {
    const { alice } = twoParties();
    const { signed, oneTime } = publishPreKeys(alice.preKeys, alice.device, utf8('note'));
    const [first] = oneTime;
    if (first === undefined) throw new Error('no one-time pre-key');
    for (let bit = 0; bit < signed.length * 8; bit += 37) {
      expect(openPreKeyBundle(alice.device.publicKey, flip(signed, bit)).ok).toBe(false);
    }
    for (let bit = 0; bit < first.bytes.length * 8; bit += 37) {
      expect(openPreKeyBundle(alice.device.publicKey, signed, { ...first, bytes: flip(first.bytes, bit) }).ok).toBe(
        false,
      );
    }
  });

  it('C-PREKEY-3 a one-time pre-key that was used is unknown to the next handshake', () => {
    const { alice, bob, random } = twoParties();
    const carol = createParty(random);
    start(alice, bob, 0);
    start(carol, bob, 0);
    expect(hear(bob, alice, say(alice, 'first'))).toEqual({ text: 'first' });
    const dave = { ...bob, sessions: { list: [], closed: [] } };
    expect(hear(dave, carol, say(carol, 'second'))).toEqual({ error: 'UnknownPreKey' });
  });

  it('C-PREKEY-4 a signed pre-key is replaced after 7 days and answers until it is 60 days old', () => {
    const { alice, bob } = twoParties();
    start(alice, bob);
    const message = say(alice, 'slow');
    const replenish = (now: number) => replenishPreKeys(bob.preKeys, bob.device, bob.random, { now, oneTime: 1 });
    expect(replenish(NOW + 7 * DAY - 1).signed.id).toBe(bob.preKeys.signed.id);
    const rotated = replenish(NOW + 7 * DAY);
    expect(rotated.signed.id).not.toBe(bob.preKeys.signed.id);
    expect(rotated.retired).toEqual([bob.preKeys.signed]);
    const keeps = { ...bob, preKeys: rotateSignedPreKey(rotated, bob.device, bob.random, { now: NOW + 60 * DAY - 1 }) };
    expect(hear(keeps, alice, message)).toEqual({ text: 'slow' });
    const forgot = { ...bob, preKeys: rotateSignedPreKey(rotated, bob.device, bob.random, { now: NOW + 60 * DAY }) };
    expect(hear(forgot, alice, message)).toEqual({ error: 'UnknownPreKey' });
  });

  it('C-PREKEY-5 what is kept is bounded', () => {
    const { alice } = twoParties();
    let preKeys = alice.preKeys;
    for (let round = 0; round < 20; round++) {
      preKeys = replenishPreKeys(preKeys, alice.device, alice.random, { now: NOW + round, oneTime: 100 });
      preKeys = rotateSignedPreKey(preKeys, alice.device, alice.random, { now: NOW + round });
    }
    expect(preKeys.oneTime).toHaveLength(PRE_KEY_LIMITS.oneTime);
    expect(preKeys.retired).toHaveLength(PRE_KEY_LIMITS.retired);
    expect(publishPreKeys(preKeys, alice.device, utf8('')).oneTime).toHaveLength(100);
    const tooMany = { now: NOW, oneTime: PRE_KEY_LIMITS.batch + 1 };
    expect(() => replenishPreKeys(preKeys, alice.device, alice.random, tooMany)).toThrow(RangeError);
    expect(() => publishPreKeys(preKeys, alice.device, new Uint8Array(NOTE_BYTES + 1))).toThrow(RangeError);
  });

  it('C-PREKEY-6 ids count up and never come back', () => {
    const { alice } = twoParties();
    const seen = new Set([alice.preKeys.signed.id, ...alice.preKeys.oneTime.map(({ id }) => id)]);
    let preKeys = alice.preKeys;
    for (let round = 1; round < 5; round++) {
      preKeys = replenishPreKeys(preKeys, alice.device, alice.random, { now: NOW + round * 8 * DAY, oneTime: 3 });
      const fresh = [preKeys.signed.id, ...preKeys.oneTime.slice(-3).map(({ id }) => id)];
      for (const id of fresh) expect(seen.has(id)).toBe(false);
      for (const id of fresh) seen.add(id);
    }
  });

  it('C-CODEC-1 the state comes back whole, and from nothing else', () => {
    const { alice } = twoParties();
    const preKeys = rotateSignedPreKey(alice.preKeys, alice.device, alice.random, { now: NOW + 1 });
    const bytes = encodePreKeys(preKeys);
    expect(must(decodePreKeys(bytes))).toEqual(preKeys);
    expect(decodePreKeys(bytes.slice(0, -1)).ok).toBe(false);
    expect(publishPreKeys(must(decodePreKeys(bytes)), alice.device, utf8('n'))).toEqual(
      publishPreKeys(preKeys, alice.device, utf8('n')),
    );
  });

  it('of another device, or with id 0, are a bug of the caller', () => {
    const { alice, bob } = twoParties();
    expect(() => publishPreKeys(alice.preKeys, bob.device, utf8(''))).toThrow(Error);
    expect(() => rotateSignedPreKey(alice.preKeys, bob.device, randomOf(1), { now: 1 })).toThrow(Error);
    const zero = { now: 1, oneTime: 0, firstId: 0 };
    expect(() => createPreKeys(createDevice(randomOf(1)), randomOf(1), zero)).toThrow(RangeError);
    expect(bundleOf(alice).oneTime).toBeUndefined();
  });
});
