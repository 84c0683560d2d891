import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBytes } from '../../test/harness.ts';
import { BLOCK_BYTES, type Write, writeAll, writeInBlocks } from './block-writes.ts';

interface Written {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A disk that remembers each write. */
function disk(): { readonly written: Written[]; readonly write: Write } {
  const written: Written[] = [];
  return {
    written,
    write: (chunks, at) => {
      written.push({ at, bytes: Buffer.concat(chunks) });
      return Promise.resolve();
    },
  };
}

async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let turn = 0; from < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield await Promise.resolve(bytes.subarray(from, from + length));
    from += length;
  }
}

function promise(): { readonly kept: Promise<void>; readonly keep: () => void } {
  const made = { keep: () => undefined as void };
  const kept = new Promise<void>((resolve) => (made.keep = resolve));
  return { kept, keep: () => made.keep() };
}

const together = (written: readonly Written[]): Uint8Array => Buffer.concat(written.map(({ bytes }) => bytes));
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('writing in blocks', () => {
  it('writes what came, in its order and place, and in no more writes than there are blocks', async () => {
    const length = fc.integer({ min: 1, max: 100_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(length, { minLength: 1 }),
        fc.nat(2_000_000),
        fc.nat(9),
        async (lengths, size, from) => {
          const { written, write } = disk();
          const bytes = createBytes(size);
          expect(await writeInBlocks(cut(bytes, lengths), from, write)).toBe(from + size);
          expect(Buffer.compare(together(written), bytes)).toBe(0);
          let at = from;
          for (const block of written) {
            expect(block.at).toBe(at);
            at += block.bytes.length;
          }
          for (const block of written.slice(0, -1)) expect(block.bytes.length).toBeGreaterThanOrEqual(BLOCK_BYTES);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not wait for a line that gives no more', async () => {
    const { written, write } = disk();
    const { kept, keep } = promise();
    const source = async function* () {
      yield Uint8Array.of(1, 2);
      yield Uint8Array.of(3);
      await kept;
      yield Uint8Array.of(4);
    };
    const done = writeInBlocks(source(), 7, write);
    while (written.length === 0) await pause();
    expect(written).toEqual([{ at: 7, bytes: Buffer.of(1, 2, 3) }]);
    keep();
    expect(await done).toBe(11);
    expect(written[1]).toEqual({ at: 10, bytes: Buffer.of(4) });
  });

  it('asks for no more than a block beside the one that a slow disk is taking, however many pauses there are', async () => {
    const [{ kept, keep }, writes] = [promise(), { count: 0 }];
    let taken = 0;
    const source = async function* () {
      for (let chunk = 0; chunk < 40; chunk++) {
        if (chunk > 2 && chunk < 12) await new Promise((resolve) => setTimeout(resolve, 120));
        yield new Uint8Array(BLOCK_BYTES / 4);
        taken += BLOCK_BYTES / 4;
      }
    };
    const done = writeInBlocks(source(), 0, async () => {
      writes.count += 1;
      await kept;
    });
    const settled = { is: false };
    void done.then(() => (settled.is = true));
    while (taken < 1.5 * BLOCK_BYTES) await pause();
    for (let turn = 0; turn < 120; turn++) await pause();
    expect({ ...writes, ...settled }).toEqual({ count: 1, is: false });
    expect(taken).toBeLessThanOrEqual(2 * BLOCK_BYTES);
    keep();
    expect(await done).toBe(10 * BLOCK_BYTES);
  });

  it('ends with what the disk says, and asks for no more', async () => {
    const asked = { count: 0, isOver: false };
    const source = async function* () {
      try {
        for (;;) {
          asked.count += 1;
          yield await Promise.resolve(new Uint8Array(BLOCK_BYTES));
        }
      } finally {
        asked.isOver = true;
      }
    };
    await expect(writeInBlocks(source(), 0, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(asked).toEqual({ count: 2, isOver: true });
    const last = writeInBlocks(cut(createBytes(3), [3]), 0, () => Promise.reject(new Error('full')));
    await expect(last).rejects.toThrow('full');
  });

  it('ends with what the line says', async () => {
    const source = async function* () {
      yield await Promise.resolve(Uint8Array.of(1));
      throw new Error('cut');
    };
    await expect(writeInBlocks(source(), 0, disk().write)).rejects.toThrow('cut');
  });

  it('writes nothing any more when it has ended, whatever it ended with', async () => {
    const [{ kept, keep }, writes] = [promise(), { begun: 0, done: 0 }];
    const source = async function* () {
      yield new Uint8Array(BLOCK_BYTES);
      yield Uint8Array.of(1);
      // The pause of what came last is over, and its write waits for the one before.
      await new Promise((resolve) => setTimeout(resolve, 150));
      setTimeout(keep, 50);
      throw new Error('cut');
    };
    const written = writeInBlocks(source(), 0, async () => {
      writes.begun += 1;
      await kept;
      writes.done += 1;
    });
    await expect(written).rejects.toThrow('cut');
    expect(writes).toEqual({ begun: 1, done: 1 });
    await pause();
    expect(writes).toEqual({ begun: 1, done: 1 });
  });

  it('writes the rest of what a disk took in part', async () => {
    const taken: Buffer[] = [];
    const places: (number | undefined)[] = [];
    const handle = {
      writev: (buffers: readonly NodeJS.ArrayBufferView[], at?: number) => {
        const some = Buffer.concat(buffers as Uint8Array[]).subarray(0, 3);
        taken.push(some);
        places.push(at);
        return Promise.resolve({ bytesWritten: some.length, buffers: [...buffers] });
      },
    };
    await writeAll(
      handle as Parameters<typeof writeAll>[0],
      [Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5), Uint8Array.of(6, 7)],
      10,
    );
    expect(Buffer.concat(taken)).toEqual(Buffer.of(1, 2, 3, 4, 5, 6, 7));
    expect(places).toEqual([10, 13, 16]);
  });
});
