import { expect, it } from 'vitest';
import { testBlobCache } from '../ports/blob-cache.contract.ts';
import { QuotaExceededError } from '../ports/store-error.ts';
import { createMemoryBlobCache } from './memory-blob-cache.ts';

testBlobCache('memory blob cache', async () => createMemoryBlobCache());

it('S-CACHE-4 a full disk is a QuotaExceededError', async () => {
  const cache = createMemoryBlobCache({
    beforeWrite: () => {
      throw new QuotaExceededError('full');
    },
  });
  await expect(cache.write('a', 0, new Uint8Array(1))).rejects.toThrow(QuotaExceededError);
  expect(await cache.size('a')).toBeUndefined();
});
