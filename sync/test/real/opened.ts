/** What a device has stored, opened with its passphrase: the search for what must be gone then sees through all seals. */
import { systemRandom } from '@securechat/crypto';
import { createMemoryDeviceSecret } from '../../src/adapters/memory-device-secret.ts';
import { createSealedStore } from '../../src/adapters/sealed-store.ts';
import { TABLES } from '../../src/ports/store.ts';
import { sealDocuments } from '../../src/vault/sealed-documents.ts';
import { readVaultHeader, unlockVault, vaultKeys } from '../../src/vault/vault.ts';
import { PASSPHRASE, type Stored } from './made-account.ts';

export interface Opened {
  /** All keys and values of all tables but `meta`, which holds what the device is. */
  readonly rows: Buffer;
  /** The documents that there are: the first parts of their names. */
  readonly documents: ReadonlySet<string>;
}

export async function openUp({ store, documents }: Stored): Promise<Opened> {
  const header = await readVaultHeader(store);
  if (header === undefined || header === 'Damaged') throw new Error('nothing that could be opened');
  const master = await unlockVault(header, PASSPHRASE, createMemoryDeviceSecret(systemRandom));
  if (!master.ok) throw new Error(master.error.type);
  const keys = vaultKeys(master.value);
  const opened = createSealedStore({ inner: store, keys, random: systemRandom });
  const tables = TABLES.filter((table) => table !== 'meta');
  const entries = (await Promise.all(tables.map((table) => opened.range(table, {})))).flat();
  const chunks = await sealDocuments({ inner: documents, keys, random: systemRandom }).loadRange([]);
  return {
    rows: Buffer.concat(entries.flatMap(({ key, value }) => [Buffer.from(key), value])),
    documents: new Set(chunks.map(({ key }) => key[0] ?? '')),
  };
}
