import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Upload } from '@tus/utils';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/harness.ts';
import type { BlobId } from './blob-id.ts';
import { openFileStore } from './file-store.ts';
import { Ledger } from './ledger.ts';
import { describeBlobStore } from './store.contract.ts';

describeBlobStore('folder', async () => {
  const folder = await temporaryFolder();
  const directory = path.join(folder, 'content');
  return {
    ledgerFile: path.join(folder, 'ledger.jsonl'),
    open: (ledger) => openFileStore(directory, ledger),
    lose: () => rm(directory, { recursive: true }),
  };
});

it('says that bytes could not be written when their file is gone, and nothing else', async () => {
  const directory = path.join(await temporaryFolder(), 'content');
  const store = await openFileStore(directory, new Ledger());
  const id = 'a'.repeat(32) as BlobId;
  await store.uploads.create(new Upload({ id, size: 9, offset: 0 }));
  await store.remove(id);
  const write = store.uploads.write(Readable.from([Buffer.of(1)]), id, 0);
  await expect(write).rejects.toMatchObject({ status_code: 500 });
});
