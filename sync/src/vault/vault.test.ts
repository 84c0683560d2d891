import { createMasterKey, ready, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryDeviceSecret } from '../adapters/memory-device-secret.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import type { DocumentStorage } from '../ports/document-storage.ts';
import { QuotaExceededError, StoreUnavailableError, storeErrorType } from '../ports/store-error.ts';
import { isStorageFault, sealDocuments } from './sealed-documents.ts';
import { type VaultHeader, readVaultHeader, unlockVault, vaultKeys, wrapVault } from './vault.ts';

beforeAll(ready);

const COST = { operations: 1, memoryKiB: 8 };

function tools() {
  const random = seededRandom(new Uint8Array(32).fill(1));
  return {
    random,
    store: createMemoryStore(),
    deviceSecret: createMemoryDeviceSecret(random),
    master: createMasterKey(random),
  };
}

/** Wraps under a passphrase, or under the device's key, and reads the header back. */
async function wrapped(passphrase: string | undefined, the = tools()) {
  const { random, store, deviceSecret, master } = the;
  await store.commit([await wrapVault({ master, passphrase, deviceSecret, random, cost: COST })]);
  const header = await readVaultHeader(store);
  if (header === undefined || header === 'Damaged') throw new Error('no header');
  return { ...the, header };
}

function open(
  header: VaultHeader,
  passphrase: string | undefined,
  the: Pick<ReturnType<typeof tools>, 'deviceSecret'>,
) {
  return unlockVault(header, passphrase, the.deviceSecret);
}

describe('vault', () => {
  it('S-VAULT-1 opens with its passphrase and with no other', async () => {
    const the = await wrapped('correct horse');
    const master = the.master.slice();
    expect(await open(the.header, 'correct horse', the)).toEqual({ ok: true, value: master });
    expect(await open(the.header, 'correct  horse', the)).toEqual({ ok: false, error: { type: 'WrongPassphrase' } });
    expect(await open(the.header, undefined, the)).toEqual({ ok: false, error: { type: 'PassphraseNeeded' } });
  });

  it('S-VAULT-2 a changed passphrase leaves the master key as it is and the old passphrase useless', async () => {
    const before = await wrapped('the old one');
    const after = await wrapped('the new one', before);
    expect(await open(after.header, 'the new one', after)).toEqual({ ok: true, value: before.master });
    expect((await open(after.header, 'the old one', after)).ok).toBe(false);
  });

  it('S-VAULT-3 without a passphrase opens by the device key alone, and not on another device', async () => {
    const the = await wrapped(undefined);
    expect(the.header.mode).toBe('device');
    expect(await open(the.header, undefined, the)).toEqual({ ok: true, value: the.master });
    const other = { deviceSecret: createMemoryDeviceSecret(seededRandom(new Uint8Array(32).fill(2))) };
    expect(await open(the.header, undefined, other)).toEqual({ ok: false, error: { type: 'Damaged' } });
    await the.deviceSecret.forget();
    expect(await open(the.header, undefined, the)).toEqual({ ok: false, error: { type: 'Damaged' } });
  });

  it('S-VAULT-3 removing the passphrase moves the key under the device key', async () => {
    const locked = await wrapped('for a while');
    const free = await wrapped(undefined, locked);
    expect(await open(free.header, undefined, free)).toEqual({ ok: true, value: locked.master });
  });

  it('S-VAULT-4 damage of the header is told from absence and from a wrong passphrase', async () => {
    const the = await wrapped('correct horse');
    expect(await readVaultHeader(createMemoryStore())).toBeUndefined();
    await the.store.commit([{ op: 'put', table: 'meta', key: 'vault', value: Uint8Array.of(9, 9, 9) }]);
    expect(await readVaultHeader(the.store)).toBe('Damaged');
    const cut = { ...the.header, wrapped: the.header.wrapped.slice(0, 10) };
    expect(await open(cut, 'correct horse', the)).toEqual({ ok: false, error: { type: 'Damaged' } });
  });

  it('S-VAULT-5 has a key of its own for each purpose', () => {
    const keys = Object.values(vaultKeys(tools().master)).map((key) => Buffer.from(key).toString('hex'));
    expect(new Set(keys).size).toBe(4);
  });
});

describe('sealed documents', () => {
  function failingWith(error: unknown): DocumentStorage {
    // What a platform throws may be no Error at all; the port cannot help it.
    const fail = (): Promise<never> => Promise.reject(error);
    const inner = { load: fail, save: fail, remove: fail, loadRange: fail, removeRange: fail };
    const { master, random } = tools();
    return sealDocuments({ inner, keys: vaultKeys(master), random });
  }

  it('S-VAULT-6 every failure of the platform has a name that the engine knows', async () => {
    const full = new DOMException('no room', 'QuotaExceededError');
    await expect(failingWith(full).save(['a'], new Uint8Array())).rejects.toSatisfy(
      (error) => storeErrorType(error) === 'QuotaExceeded',
    );
    for (const odd of [null, new DOMException('gone', 'InvalidStateError'), new Error('?')])
      await expect(failingWith(odd).load(['a'])).rejects.toBeInstanceOf(StoreUnavailableError);
    expect([new QuotaExceededError('x'), new StoreUnavailableError('x'), new Error('x')].map(isStorageFault)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
