/**
 * Blobs as objects of an S3 bucket, one object each, named as they are. The ledger stays a file of this server: it is what
 * says whose an object is and when it ends.
 */
import { tmpdir } from 'node:os';
import type { S3Config } from '../config.ts';
import type { BlobId } from './blob-id.ts';
import { freeBytes } from './disk.ts';
import type { Ledger } from './ledger.ts';
import type { BlobStore, ByteRange } from './port.ts';
import { PART_BYTES, S3Uploads } from './s3-uploads.ts';

/** Opens the bucket; whether it can be reached shows with the first call. */
export function openS3Store(config: S3Config, ledger: Ledger): BlobStore {
  const uploads = new S3Uploads(config, ledger);
  const { s3, Bucket } = uploads.access;
  return {
    uploads,
    settle: (id) => uploads.settle(id),
    sizeOf: (id) => uploads.sizeOf(id),
    read: (id, range) => read(uploads, id, range),
    remove: (id) => uploads.erase(id),
    contents: () => contentsOf(uploads),
    // A bucket does not fill up; the disk on which a part waits does.
    hasRoom: async (bytes, spare) => (await freeBytes(tmpdir())) - spare >= Math.min(bytes, PART_BYTES),
    check: async () => {
      await s3.headBucket({ Bucket });
    },
    close: () => {
      s3.destroy();
    },
  };
}

async function read({ access }: S3Uploads, Key: BlobId, range: ByteRange): Promise<ReadableStream<Uint8Array>> {
  const { s3, Bucket } = access;
  const { Body } = await s3.getObject({ Bucket, Key, Range: `bytes=${range.start}-${range.end}` });
  if (Body === undefined) throw new Error('the bucket answered without the bytes of a blob');
  return Body.transformToWebStream() as ReadableStream<Uint8Array>;
}

/** Objects with their sizes; uploads that are begun, and bytes that wait for one, without. */
async function contentsOf(uploads: S3Uploads): Promise<ReadonlyMap<string, number | undefined>> {
  const found = new Map<string, number | undefined>();
  for await (const { Key } of uploads.begun()) if (Key !== undefined) found.set(Key, undefined);
  for await (const { Key = '', Size } of objectsIn(uploads)) {
    const isWaiting = Key.endsWith('.part');
    const name = isWaiting ? Key.slice(0, -'.part'.length) : Key;
    found.set(name, isWaiting ? found.get(name) : Size);
  }
  return found;
}

async function* objectsIn({ access }: S3Uploads) {
  const { s3, Bucket } = access;
  let next: string | undefined;
  do {
    const page = await s3.listObjectsV2({ Bucket, ...(next !== undefined && { ContinuationToken: next }) });
    yield* page.Contents ?? [];
    next = page.NextContinuationToken;
  } while (next !== undefined);
}
