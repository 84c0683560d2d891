/**
 * Blobs as files of one folder, over @tus/file-store. Three of its habits are switched off: its own expiry, which also deletes
 * finished uploads; its sidecar files, for which the ledger stands in; and a write for each chunk that comes.
 */
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FileStore, type Configstore } from '@tus/file-store';
import { ERRORS, Upload } from '@tus/utils';
import { isBlobId } from './blob-id.ts';
import { writeAll, writeInBlocks } from './block-writes.ts';
import { freeBytes } from './disk.ts';
import type { Ledger } from './ledger.ts';
import type { BlobStore, ByteRange } from './port.ts';

/** Opens the folder, making it when it is missing. */
export async function openFileStore(directory: string, ledger: Ledger): Promise<BlobStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const uploads = new Files({ directory, configstore: uploadsOf(ledger) });
  uploads.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  const fileOf = (id: string) => path.join(directory, id);
  return {
    uploads,
    settle: async (id) => {
      const handle = await open(fileOf(id), 'r');
      await handle.sync().finally(() => handle.close());
    },
    sizeOf: (id) => sizeOf(fileOf(id)),
    read: (id, range) => read(fileOf(id), range),
    remove: (id) => rm(fileOf(id), { force: true }),
    contents: async () => {
      const names = await readdir(directory);
      return new Map(await Promise.all(names.map(async (name) => [name, await sizeOf(fileOf(name))] as const)));
    },
    hasRoom: async (bytes, spare) => (await freeBytes(directory)) - spare >= bytes,
    check: () => access(directory, constants.R_OK | constants.W_OK),
    close: () => undefined,
  };
}

/** The package's own way of writing has a write for each chunk that comes. */
class Files extends FileStore {
  override async write(source: Readable, id: string, offset: number): Promise<number> {
    try {
      const handle = await open(path.join(this.directory, id), 'r+');
      return await writeInBlocks(source, offset, (chunks, at) => writeAll(handle, chunks, at)).finally(() =>
        handle.close(),
      );
    } catch {
      throw ERRORS.FILE_WRITE_ERROR;
    }
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(undefinedIfMissing))?.size;
}

/** The file is opened before the answer begins, so that a missing one is an error and not a broken answer. */
async function read(file: string, range: ByteRange): Promise<ReadableStream<Uint8Array>> {
  const handle = await open(file, 'r');
  return Readable.toWeb(handle.createReadStream(range)) as ReadableStream<Uint8Array>;
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
