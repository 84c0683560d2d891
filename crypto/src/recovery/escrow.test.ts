import { hkdfSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { xchachaOpen } from '../../test/support/independent.ts';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  addDevice,
  backupKey,
  createAccount,
  createDevice,
  createRecovery,
  decodeDeviceLog,
  encodeDeviceLog,
  ESCROW_BYTES,
  openEscrow,
  readRecoveryWords,
  ready,
  recoveryKeyOf,
  recoveryOf,
  recoveryWords,
  sealEscrow,
  setRecovery,
  startDeviceLog,
} from '../index.ts';

beforeAll(ready);

const WRONG = { ok: false, error: { type: 'WrongPhrase' } };
const setUp = () => {
  const random = randomOf(5);
  return { random, account: createAccount(random), secret: createRecovery(random), other: createRecovery(random) };
};

describe('escrow', () => {
  it('C-RECOVERY-5 gives the account back to the phrase, and to no other', () => {
    const { account, secret, other } = setUp();
    const escrow = sealEscrow(secret, account);
    expect(escrow).toHaveLength(ESCROW_BYTES);
    expect(must(openEscrow(secret, escrow))).toEqual(account);
    expect(openEscrow(other, escrow)).toEqual(WRONG);
    expect(sealEscrow(other, account)).not.toEqual(escrow);
    expect(Buffer.from(escrow).includes(Buffer.from(account.secretKey.slice(0, 8)))).toBe(false);
  });

  it('C-RECOVERY-5 any changed bit and any other length is WrongPhrase', () => {
    const { account, secret } = setUp();
    const escrow = sealEscrow(secret, account);
    for (let bit = 0; bit < escrow.length * 8; bit++) expect(openEscrow(secret, flip(escrow, bit))).toEqual(WRONG);
    for (let length = 0; length < escrow.length; length++)
      expect(openEscrow(secret, escrow.slice(0, length))).toEqual(WRONG);
    expect(openEscrow(secret, Uint8Array.of(...escrow, 0))).toEqual(WRONG);
  });

  it('C-RECOVERY-5 is what is written, by another implementation', () => {
    const { account, secret } = setUp();
    const key = hkdfSync('sha256', secret, new Uint8Array(32), 'SecureChat recovery escrow v1', 32);
    const seed = xchachaOpen(new Uint8Array(key), new Uint8Array(24), sealEscrow(secret, account), new Uint8Array());
    expect(seed).toEqual(new Uint8Array(account.secretKey.slice(0, 32)));
  });

  it('C-RECOVERY-5 the inputs stay usable: only what was made on the way is wiped', () => {
    const { account, secret } = setUp();
    const [before, words] = [account.secretKey.slice(), recoveryWords(secret)];
    must(openEscrow(secret, sealEscrow(secret, account)));
    backupKey(account);
    expect(account.secretKey).toEqual(before);
    expect(recoveryWords(secret)).toEqual(words);
  });

  it('C-RECOVERY-6 words and the public log alone bring the account back, on a device that had nothing', () => {
    const { random, account, secret } = setUp();
    const [lost, found] = [createDevice(random), createDevice(random)];
    const log = setRecovery(
      startDeviceLog(account, lost, 1),
      account,
      { type: 'device', device: lost },
      {
        recoveryKey: recoveryKeyOf(secret),
        escrow: sealEscrow(secret, account),
        time: 2,
      },
    );
    const [paper, served] = [recoveryWords(secret).join(' '), encodeDeviceLog(log)];
    const recovery = must(readRecoveryWords(paper));
    const known = must(decodeDeviceLog(served, account.publicKey));
    const again = must(openEscrow(recovery, recoveryOf(known)?.escrow ?? new Uint8Array()));
    expect(again).toEqual(account);
    const by = { type: 'recovery', recovery } as const;
    const restored = addDevice(known, again, by, { deviceKey: found.publicKey, time: 3 });
    expect(must(decodeDeviceLog(encodeDeviceLog(restored), account.publicKey))).toEqual(restored);
  });
});

describe('backup key', () => {
  it('C-BACKUP-1 follows from the account alone, the same on every device', () => {
    const { random, account } = setUp();
    const seed = account.secretKey.slice(0, 32);
    const expected = hkdfSync('sha256', seed, new Uint8Array(32), 'SecureChat backup key v1', 32);
    expect(backupKey(account)).toEqual(new Uint8Array(expected));
    expect(backupKey(createAccount(random))).not.toEqual(backupKey(account));
  });
});
