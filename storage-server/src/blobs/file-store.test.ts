import { rm } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../test/harness.ts';
import { openFileStore } from './file-store.ts';
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
