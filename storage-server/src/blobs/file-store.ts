/**
 * Blobs as files of one folder, over @tus/file-store. Two of its habits are switched off: its own expiry, which also deletes
 * finished uploads, and its sidecar files, for which the ledger stands in.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FileStore, type Configstore } from '@tus/file-store';
import { Upload } from '@tus/utils';
import { isBlobId } from './blob-id.ts';
import type { Ledger } from './ledger.ts';
import type { BlobStore } from './port.ts';

/** Opens the folder, making it when it is missing. */
export async function openFileStore(directory: string, ledger: Ledger): Promise<BlobStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const uploads = new FileStore({ directory, configstore: uploadsOf(ledger) });
  uploads.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  const fileOf = (id: string) => path.join(directory, id);
  return {
    uploads,
    settle: async (id) => {
      const handle = await open(fileOf(id), 'r');
      await handle.sync().finally(() => handle.close());
    },
    sizeOf: async (id) => (await stat(fileOf(id)).catch(undefinedIfMissing))?.size,
    read: (id, range) => Readable.toWeb(createReadStream(fileOf(id), range)) as ReadableStream<Uint8Array>,
    remove: (id) => rm(fileOf(id), { force: true }),
    names: () => readdir(directory),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
  };
}

/** The ledger in the shape in which tus asks for what it knows of an upload. */
function uploadsOf(ledger: Ledger): Configstore {
  return {
    get: (id) => Promise.resolve(uploadOf(ledger, id)),
    // The ledger has the upload before tus makes it; lengths are never declared later.
    set: () => Promise.resolve(),
    delete: (id) => (isBlobId(id) ? ledger.remove(id) : Promise.resolve()),
  };
}

function uploadOf(ledger: Ledger, id: string): Upload | undefined {
  const entry = isBlobId(id) ? ledger.get(id) : undefined;
  if (entry === undefined) return undefined;
  const created = new Date(entry.createdAt).toISOString();
  return new Upload({ id, size: entry.size, offset: 0, creation_date: created });
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
