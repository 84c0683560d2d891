import { createHash, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  accountFromSeed,
  accountIdOf,
  createAccount,
  createDevice,
  decodeAccount,
  decodeDevice,
  deviceIdOf,
  directChatId,
  directChatSecret,
  encodeAccount,
  encodeDevice,
  matchSafetyNumberQr,
  ready,
  safetyNumber,
  safetyNumberQr,
  signAsAccount,
  signAsDevice,
  toAccountId,
  toAccountKey,
  toAuthorKey,
  toChatId,
  toDeviceId,
  toDeviceKey,
  utf8,
  verifyAsAccount,
  verifyAsDevice,
} from '../index.ts';
import { asPublic } from '../keys.ts';

beforeAll(ready);

const people = () => {
  const random = randomOf(1);
  return { alice: createAccount(random), bob: createAccount(random), device: createDevice(random) };
};

describe('ids', () => {
  it('C-ID-1 an id is the labelled SHA-256 of the key, as the relay computes it', () => {
    const { alice, device } = people();
    const digest = (label: string, key: Uint8Array) =>
      createHash('sha256').update(label).update(key).digest('base64url');
    expect(alice.id).toBe(digest('SecureChat account v1', alice.publicKey));
    expect(device.id).toBe(digest('SecureChat device v1', device.publicKey));
    expect(accountIdOf(alice.publicKey)).toBe(alice.id);
    expect(deviceIdOf(device.publicKey)).toBe(device.id);
    expect(alice.id).toHaveLength(43);
  });

  it('C-ID-1 text is an id only if it could be one', () => {
    const { alice, bob, device } = people();
    const chat = directChatId(alice.id, bob.id);
    expect([toAccountId(alice.id), toDeviceId(device.id), toChatId(chat)]).toEqual([alice.id, device.id, chat]);
    for (const bad of ['', 'x'.repeat(43), alice.id.slice(1), `${alice.id}A`, chat]) {
      expect([toAccountId(bad), toDeviceId(bad)]).toEqual([undefined, undefined]);
    }
    expect(toChatId(alice.id)).toBeUndefined();
  });

  it('C-ID-2 a direct chat has one id from both sides, and notes to self have one too', () => {
    const { alice, bob } = people();
    const [low, high] = [alice.id, bob.id].sort();
    const digest = createHash('sha256').update(`SecureChat direct chat v1${low}${high}`).digest();
    expect(directChatId(alice.id, bob.id)).toBe(digest.subarray(0, 16).toString('base64url'));
    expect(directChatId(bob.id, alice.id)).toBe(directChatId(alice.id, bob.id));
    expect(directChatId(alice.id, alice.id)).not.toBe(directChatId(bob.id, bob.id));
  });

  it('C-ID-3 keys from outside are canonical points of the prime-order group', () => {
    const { alice } = people();
    const identity = new Uint8Array(32);
    identity[0] = 1;
    const bad = [
      new Uint8Array(32),
      identity,
      new Uint8Array(32).fill(255),
      alice.publicKey.slice(1),
      new Uint8Array(0),
    ];
    for (const bytes of bad) {
      expect([toAccountKey(bytes), toDeviceKey(bytes), toAuthorKey(bytes)]).toEqual([undefined, undefined, undefined]);
    }
    expect(toAccountKey(alice.publicKey)).toEqual(alice.publicKey);
  });
});

describe('keys at rest', () => {
  it('C-CODEC-1 accounts and devices come back whole, and from nothing else', () => {
    const { alice, device } = people();
    expect(must(decodeAccount(encodeAccount(alice)))).toEqual(alice);
    expect(must(decodeDevice(encodeDevice(device)))).toEqual(device);
    expect(accountFromSeed(alice.secretKey.slice(0, 32))).toEqual(alice);
    expect(decodeAccount(encodeAccount(alice).slice(1))).toEqual({ ok: false, error: { type: 'Malformed' } });
    expect(decodeDevice(Uint8Array.of(...encodeDevice(device), 0)).ok).toBe(false);
  });
});

describe('signatures', () => {
  const BODY = utf8('body');

  it('C-SIG-1 are over label, NUL and body, as another Ed25519 verifies them', () => {
    const { alice, device } = people();
    const signed = Buffer.concat([Buffer.from('some label'), Buffer.of(0), BODY]);
    const der = (key: Uint8Array) => Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
    const nodeKey = (key: Uint8Array) => createPublicKey({ key: der(key), format: 'der', type: 'spki' });
    expect(nodeVerify(null, signed, nodeKey(alice.publicKey), signAsAccount(alice, 'some label', BODY))).toBe(true);
    expect(nodeVerify(null, signed, nodeKey(device.publicKey), signAsDevice(device, 'some label', BODY))).toBe(true);
    expect(() => signAsAccount(alice, 'some\0label', BODY)).toThrow(RangeError);
  });

  it('C-SIG-2 hold for one label, one key and one body', () => {
    const { alice, bob, device } = people();
    const signature = signAsAccount(alice, 'label', BODY);
    expect(verifyAsAccount(alice.publicKey, 'label', BODY, signature)).toBe(true);
    expect(verifyAsAccount(alice.publicKey, 'labe', utf8('lbody'), signature)).toBe(false);
    expect(verifyAsAccount(alice.publicKey, 'other', BODY, signature)).toBe(false);
    expect(verifyAsAccount(bob.publicKey, 'label', BODY, signature)).toBe(false);
    expect(verifyAsAccount(alice.publicKey, 'label', utf8('Body'), signature)).toBe(false);
    expect(verifyAsDevice(device.publicKey, 'label', BODY, signAsDevice(device, 'label', BODY))).toBe(true);
  });

  it('C-SIG-2 any changed bit, any length and any weak key is false, not an exception', () => {
    const { alice } = people();
    const signature = signAsAccount(alice, 'label', BODY);
    for (let bit = 0; bit < 512; bit += 7) {
      expect(verifyAsAccount(alice.publicKey, 'label', BODY, flip(signature, bit))).toBe(false);
    }
    for (const bad of [new Uint8Array(0), new Uint8Array(63), new Uint8Array(64), new Uint8Array(65)]) {
      expect(verifyAsAccount(alice.publicKey, 'label', BODY, bad)).toBe(false);
      expect(verifyAsAccount(asPublic<'Account'>(bad.slice(0, 32)), 'label', BODY, signature)).toBe(false);
    }
  });
});

describe('safety number', () => {
  it('C-SAFETY-1 has 60 digits, the same from both sides, and changes with either key', () => {
    const { alice, bob, device } = people();
    const other = asPublic<'Account'>(device.publicKey);
    const number = safetyNumber(alice.publicKey, bob.publicKey);
    expect(number).toMatch(/^\d{60}$/);
    expect(safetyNumber(bob.publicKey, alice.publicKey)).toBe(number);
    expect(safetyNumber(alice.publicKey, other)).not.toBe(number);
    expect(safetyNumber(other, bob.publicKey)).not.toBe(number);
  });

  it('C-SAFETY-2 a code matches only when the other side shows it about the same two keys', () => {
    const { alice, bob, device } = people();
    const other = asPublic<'Account'>(device.publicKey);
    const [a, b] = [alice.publicKey, bob.publicKey];
    expect(matchSafetyNumberQr(a, b, safetyNumberQr(b, a))).toBe(true);
    const wrong = [
      safetyNumberQr(a, b),
      safetyNumberQr(b, other),
      safetyNumberQr(other, a),
      '',
      'securechat-safety:1:',
    ];
    for (const scanned of [...wrong, `${safetyNumberQr(b, a)}:A`, safetyNumberQr(b, a).slice(1)]) {
      expect(matchSafetyNumberQr(a, b, scanned), scanned).toBe(false);
    }
  });
});

describe('direct chat', () => {
  it('C-CHAT-1 both sides derive one secret; every pair has its own; so has oneself', () => {
    const { alice, bob } = people();
    const carol = createAccount(randomOf(9));
    const secret = directChatSecret(alice, bob.publicKey);
    expect(directChatSecret(bob, alice.publicKey)).toEqual(secret);
    const others = [
      directChatSecret(alice, carol.publicKey),
      directChatSecret(bob, carol.publicKey),
      directChatSecret(alice, alice.publicKey),
    ];
    for (const other of others) expect(other).not.toEqual(secret);
    expect(() => directChatSecret(alice, asPublic<'Account'>(new Uint8Array(32)))).toThrow(Error);
  });
});
