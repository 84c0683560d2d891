import path from 'node:path';
import { temporaryFolder } from '../../test/harness.ts';
import { startS3 } from '../../test/s3-service.ts';
import { openS3Store } from './s3-store.ts';
import { describeBlobStore } from './store.contract.ts';

describeBlobStore('bucket', async () => {
  const s3 = await startS3(await temporaryFolder());
  return {
    ledgerFile: path.join(await temporaryFolder(), 'ledger.jsonl'),
    open: (ledger) => Promise.resolve(openS3Store(s3.config, ledger)),
    lose: () => {
      s3.isDown = true;
      return Promise.resolve();
    },
  };
});
