/** What every blob store must do. Adapters run this suite from their own test file. */
import { Readable } from 'node:stream';
import { Upload } from '@tus/utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBytes } from '../../test/harness.ts';
import type { BlobId } from './blob-id.ts';
import { Ledger, type Owner } from './ledger.ts';
import type { BlobStore } from './port.ts';

const MiB = 1024 * 1024;
const id = (letter: string): BlobId => letter.repeat(32) as BlobId;

/** A place that a store can be opened on, more than once. */
export interface StorePlace {
  /** A file for the ledger. */
  readonly ledgerFile: string;
  open(ledger: Ledger): Promise<BlobStore>;
  /** Takes the place out of reach. */
  lose(): Promise<void>;
}

/** Declares the suite. `make` gives an empty place. */
export function describeBlobStore(name: string, make: () => Promise<StorePlace>): void {
  describe(`blob store: ${name}`, () => {
    let place: StorePlace;
    let ledger: Ledger;
    let store: BlobStore;

    const open = async () => {
      ledger = new Ledger();
      store = await place.open(ledger);
      await ledger.load(place.ledgerFile);
    };
    const close = async () => {
      store.close();
      await ledger.close();
    };
    const begin = async (blob: BlobId, size: number) => {
      await ledger.put({ id: blob, owner: 'alice' as Owner, size, createdAt: 1 });
      await store.uploads.create(new Upload({ id: blob, size, offset: 0 }));
    };
    const write = (blob: BlobId, offset: number, bytes: Uint8Array) =>
      store.uploads.write(Readable.from([Buffer.from(bytes)]), blob, offset);
    const finish = async (blob: BlobId, bytes: Uint8Array) => {
      await begin(blob, bytes.length);
      await write(blob, 0, bytes);
      await store.settle(blob);
      const { owner } = ledger.get(blob) ?? { owner: 'nobody' as Owner };
      await ledger.put({ id: blob, owner, size: bytes.length, createdAt: 1, finishedAt: 2 });
    };
    const read = async (blob: BlobId, start: number, end: number) =>
      new Uint8Array(await new Response(await store.read(blob, { start, end })).arrayBuffer());

    beforeEach(async () => {
      place = await make();
      await open();
    });
    afterEach(() => close());

    it('keeps what is written piece by piece, also when it is opened anew', async () => {
      const bytes = createBytes(14 * MiB);
      await begin(id('a'), bytes.length);
      let offset = 0;
      for (const end of [10, 3 * MiB, 12 * MiB + 1, 12 * MiB + 2, bytes.length]) {
        await write(id('a'), offset, bytes.subarray(offset, end));
        expect(await store.sizeOf(id('a'))).toBe(end);
        expect((await store.uploads.getUpload(id('a'))).offset).toBe(end);
        await close();
        await open();
        offset = end;
      }
      await store.settle(id('a'));
      await store.settle(id('a'));
      expect(Buffer.compare(await read(id('a'), 0, bytes.length - 1), bytes)).toBe(0);
    });

    it('gives any range, and the whole', async () => {
      const bytes = createBytes(1000);
      await finish(id('a'), bytes);
      expect(await store.sizeOf(id('a'))).toBe(1000);
      for (const [start, end] of [
        [0, 1], // not 0 to 0: s3rver takes an end of 0 for none
        [1, 1],
        [999, 999],
        [10, 499],
        [0, 999],
      ] as const) {
        expect(await read(id('a'), start, end)).toEqual(bytes.slice(start, end + 1));
      }
    });

    it('knows what is not there', async () => {
      expect(await store.sizeOf(id('z'))).toBeUndefined();
      await expect(store.read(id('z'), { start: 0, end: 1 })).rejects.toThrow();
      await expect(store.uploads.getUpload(id('z'))).rejects.toMatchObject({ status_code: 404 });
    });

    it('takes a write to a blob that is complete, and nothing comes of it', async () => {
      await finish(id('a'), createBytes(5));
      expect(await store.uploads.write(Readable.from([]), id('a'), 5)).toBe(5);
      expect((await store.uploads.getUpload(id('a'))).offset).toBe(5);
      expect(await read(id('a'), 0, 4)).toEqual(createBytes(5));
    });

    it('removes blobs finished and unfinished, with or without the ledger knowing them', async () => {
      await finish(id('a'), createBytes(5));
      await finish(id('b'), createBytes(5));
      for (const blob of ['c', 'd', 'e'].map(id)) await begin(blob, 50);
      for (const blob of [id('c'), id('d')]) await write(blob, 0, createBytes(20));
      await store.uploads.remove(id('a'));
      await store.uploads.remove(id('c'));
      for (const blob of ['b', 'd', 'e'].map(id)) {
        await ledger.remove(blob);
        await store.remove(blob);
        await store.remove(blob);
      }
      expect([...(await store.contents()).keys()]).toEqual([]);
      expect(ledger.entries()).toEqual([]);
      expect(await store.sizeOf(id('a'))).toBeUndefined();
    });

    it('lists everything that is here, of every kind', async () => {
      await finish(id('a'), createBytes(5));
      for (const blob of ['b', 'c', 'd'].map(id)) await begin(blob, 50);
      await write(id('b'), 0, createBytes(20));
      const contents = await store.contents();
      expect([...contents.keys()].sort()).toEqual(['a', 'b', 'c', 'd'].map(id));
      expect(contents.get(id('a'))).toBe(5);
      expect(await store.sizeOf(id('b'))).toBe(20);
      expect(await store.sizeOf(id('c'))).toBe(0);
    });

    it('lets go of readers that stop early', async () => {
      await finish(id('a'), createBytes(2 * MiB));
      for (let reader = 0; reader < 300; reader++) {
        await (await store.read(id('a'), { start: 0, end: 2 * MiB - 1 })).cancel();
      }
      expect((await read(id('a'), 0, 9)).length).toBe(10);
    });

    it('has room until the disk would be left with less than the spare space', async () => {
      expect(await store.hasRoom(1, 0)).toBe(true);
      expect(await store.hasRoom(1, Number.MAX_SAFE_INTEGER)).toBe(false);
    });

    it('says when it is out of reach', async () => {
      await store.check();
      await place.lose();
      await expect(store.check()).rejects.toThrow();
    });
  });
}
