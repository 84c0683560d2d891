/** The committed vectors of media blobs, opened, and checked against second implementations. */
import { beforeAll, describe, expect, it } from 'vitest';
import { checkBlob, err, MEDIA, mediaBlob, ready, toMediaKey } from '../../src/index.ts';
import { blake2b } from '../support/blake2b.ts';
import { gcmSeal, sha256 } from '../support/independent.ts';
import { hex, unhex } from './hex.ts';
import { errorOf, loadVector } from './load.ts';

beforeAll(ready);

async function openSmall(key: string, size: number, bytes: Uint8Array) {
  const media = toMediaKey(unhex(key));
  if (media === undefined) return err({ type: 'Malformed' } as const);
  const blob = mediaBlob(media, size);
  const checked = checkBlob(blob, bytes, bytes.length);
  return checked.ok ? blob.open(0, bytes.slice(MEDIA.tagBytes)) : checked;
}

describe('media.json', () => {
  it('C-MEDIA-1 C-MEDIA-6 a second implementation reaches the listed values', () => {
    const vector = loadVector('media');
    const key = unhex(vector.key);
    expect(hex(blake2b(Buffer.from('SecureChat media tag v2'), key))).toBe(vector.tag);
    expect(hex(blake2b(Buffer.from('SecureChat media chunks v2'), key))).toBe(vector.sealing);
    const padded = new Uint8Array(vector.paddedBytes);
    padded.set(unhex(vector.file.content));
    const sealed = gcmSeal(unhex(vector.sealing), unhex(vector.nonce), padded);
    expect(vector.tag + hex(sealed)).toBe(vector.blob);
    expect(hex(sha256('SecureChat media file v2', sha256(sealed)))).toBe(vector.file.digest);
    const { large } = vector;
    const hashes = large.chunks.map(({ sealedHash }) => unhex(sealedHash));
    expect(hex(sha256('SecureChat media file v2', ...hashes))).toBe(large.digest);
  });

  it('C-MEDIA-4 C-MEDIA-5 it opens whole, and otherwise not', async () => {
    const { key, file, blob, mustFail } = loadVector('media');
    const opened = await openSmall(key, file.size, unhex(blob));
    expect(opened.ok && hex(opened.value)).toBe(file.content);
    for (const { why, error, size, blob: bytes } of mustFail)
      expect(errorOf(await openSmall(key, size, unhex(bytes))), why).toBe(error);
  });
});
