import { createHash, createPublicKey, hkdfSync, verify as nodeVerify } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { randomOf } from '../../test/support/world.ts';
import {
  createRecovery,
  ready,
  recoveryIdOf,
  recoveryKeyOf,
  signAsDevice,
  signAsRecovery,
  toRecoveryKey,
  utf8,
  verifyAsRecovery,
} from '../index.ts';
import { deviceFromSeed } from '../identity/device.ts';

beforeAll(ready);

const BODY = utf8('body');

it('C-RECOVERY-1 a phrase is 128 random bits, and its key is theirs alone', () => {
  const random = randomOf(1);
  const [a, b] = [createRecovery(random), createRecovery(random)];
  expect([a.length, b.length]).toEqual([16, 16]);
  expect(recoveryKeyOf(a)).not.toEqual(recoveryKeyOf(b));
  expect(toRecoveryKey(recoveryKeyOf(a))).toEqual(recoveryKeyOf(a));
  expect(toRecoveryKey(new Uint8Array(32))).toBeUndefined();
});

it('C-RECOVERY-1 key and id are derived as written, by another implementation', () => {
  const secret = createRecovery(randomOf(2));
  const seed = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(32), 'SecureChat recovery key v1', 32));
  const pair = deviceFromSeed(seed);
  expect(recoveryKeyOf(secret)).toEqual(pair.publicKey);
  const id = createHash('sha256').update('SecureChat recovery v1').update(pair.publicKey).digest('base64url');
  expect(recoveryIdOf(recoveryKeyOf(secret))).toBe(id);
  expect(signAsRecovery(secret, 'label', BODY)).toEqual(signAsDevice(pair, 'label', BODY));
});

it('C-RECOVERY-2 its signatures hold for one label, one key and one body', () => {
  const random = randomOf(3);
  const [secret, other] = [createRecovery(random), createRecovery(random)];
  const [key, signature] = [recoveryKeyOf(secret), signAsRecovery(secret, 'label', BODY)];
  expect(verifyAsRecovery(key, 'label', BODY, signature)).toBe(true);
  expect(verifyAsRecovery(key, 'Label', BODY, signature)).toBe(false);
  expect(verifyAsRecovery(key, 'label', utf8('Body'), signature)).toBe(false);
  expect(verifyAsRecovery(recoveryKeyOf(other), 'label', BODY, signature)).toBe(false);
  expect(verifyAsRecovery(key, 'label', BODY, signature.slice(1))).toBe(false);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  const nodeKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  expect(nodeVerify(null, Buffer.from('label\0body'), nodeKey, signature)).toBe(true);
});
