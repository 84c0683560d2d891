import { describe, expect, it } from 'vitest';
import { type UploadSourceInput, uploadSource } from './upload-source.ts';

const MiB = 1024 * 1024;
const SOON = 100;

/** A file of so many MiB, and what was asked of it, by the MiB. Each request takes `took`. */
function file(size: number, { took = SOON, read = onDisk }: { took?: number; read?: UploadSourceInput['read'] } = {}) {
  const asked: string[] = [];
  const clock = { time: 0 };
  const source = uploadSource({
    size: size * MiB,
    read: (from, to) => {
      asked.push(`${String(from / MiB)}-${String(to / MiB)}`);
      return read(from / MiB, to / MiB);
    },
    now: () => clock.time,
  });
  const slice = (from: number): ReturnType<typeof source.slice> => {
    clock.time += took;
    return source.slice(from * MiB);
  };
  return { asked, slice, clock };
}

/** Their content does not matter here. */
const onDisk = (from: number, to: number): Promise<Blob> =>
  Promise.resolve(new Blob([`${String(from)}-${String(to)}`]));
const inMemory = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(new Uint8Array());

/** What is read for so many requests, when each is taken as a whole. */
async function ask({ slice, asked }: ReturnType<typeof file>, count: number): Promise<readonly string[]> {
  for (let at = 0, calls = 0; calls < count; calls += 1) {
    const { done } = await slice(at);
    at = Number(asked[calls]?.split('-')[1]);
    if (done) break;
  }
  return asked;
}

describe('what is read for a request', () => {
  it('S-SEND-2 is read while the one before it is sent, each once, to the end and no further', async () => {
    const { asked, slice } = file(10);
    const first = await slice(0);
    expect(asked).toEqual(['0-4', '4-8']);
    const second = await slice(4);
    expect(asked).toEqual(['0-4', '4-8', '8-10']);
    const third = await slice(8);
    expect(asked).toEqual(['0-4', '4-8', '8-10']);
    expect(await Promise.all([first, second, third].map(({ value }) => (value as Blob).text()))).toEqual(asked);
    expect([first, second, third].map(({ done }) => done)).toEqual([false, false, true]);
  });

  it('S-SEND-2 is what is asked for when the server has less, or more, than was sent', async () => {
    const { asked, slice } = file(11, { read: inMemory });
    await slice(3);
    expect(asked).toEqual(['3-7', '7-11']);
    await slice(5);
    expect(asked).toEqual(['3-7', '7-11', '5-9', '9-11']);
  });

  it('S-SEND-2 has its length also when it is bytes', async () => {
    const { slice } = file(4, { read: () => Promise.resolve(new Uint8Array(7)) });
    expect(await slice(0)).toEqual({ value: Object.assign(new Uint8Array(7), { size: 7 }), done: true });
  });

  it('S-SEND-2 is told to be unreadable when it is its turn, and read anew when it is asked for again', async () => {
    let isGone = true;
    const read = (from: number, to: number): Promise<Blob> =>
      isGone && from === 4 ? Promise.reject(new Error('no 4')) : onDisk(from, to);
    const { slice } = file(10, { read });
    await expect(slice(0)).resolves.toMatchObject({ done: false });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(slice(4)).rejects.toThrow('no 4');
    isGone = false;
    await expect(slice(4)).resolves.toMatchObject({ done: false });
  });
});

describe('how much one request takes', () => {
  it('S-SEND-2 is more and more on a quick line, up to 16 MiB', async () => {
    expect(await ask(file(100), 6)).toEqual(['0-4', '4-8', '8-16', '16-32', '32-48', '48-64', '64-80']);
  });

  it('S-SEND-2 is little on a slow line, and little again when it becomes slow', async () => {
    expect(await ask(file(100, { took: 1500 }), 3)).toEqual(['0-4', '4-8', '8-12', '12-16']);
    const { slice, asked, clock } = file(100);
    for (const from of [0, 4, 8, 16]) await slice(from);
    expect(asked.at(-1)).toBe('32-48');
    for (const from of [32, 48, 56, 60]) {
      clock.time += 5000;
      await slice(from);
    }
    expect(asked.slice(-4)).toEqual(['48-56', '56-60', '60-64', '64-68']);
  });

  it('S-SEND-2 is little where it lies in memory, also when a disk became full', async () => {
    expect(await ask(file(100, { read: inMemory }), 3)).toEqual(['0-4', '4-8', '8-12', '12-16']);
    const fullFrom16: UploadSourceInput['read'] = (from, to) => (from < 16 ? onDisk(from, to) : inMemory());
    expect((await ask(file(100, { read: fullFrom16 }), 6)).slice(3)).toEqual(['16-32', '32-36', '36-40', '40-44']);
  });

  it('S-SEND-2 is a small rest besides, which is not worth a request', async () => {
    expect(await ask(file(8.5), 5)).toEqual(['0-4', '4-8.5']);
    expect(await ask(file(9.5), 5)).toEqual(['0-4', '4-8', '8-9.5']);
    expect(await ask(file(0.5), 5)).toEqual(['0-0.5']);
  });
});
