import { isDeepStrictEqual } from 'node:util';
import { type Account, createAccount, ready, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { everyPart } from '../payload/fuzz.ts';
import type { Part } from '../payload/payload.ts';
import { type BackupError, BackupReader, startBackup } from './backup-file.ts';

let one: Account;
let two: Account;
beforeAll(async () => {
  await ready();
  one = accountOf(1);
  two = accountOf(2);
});

const accountOf = (seed: number): Account => createAccount(seededRandom(new Uint8Array(32).fill(seed)));
const random = () => seededRandom(new Uint8Array(32).fill(8));
const FRAMES: readonly (readonly Part[])[] = [
  everyPart.parts,
  [],
  everyPart.parts.slice(0, 2),
  everyPart.parts.slice(4),
];

/** A whole file, and where each of its frames ends; the head ends at the first. */
function fileOf(account: Account): { readonly file: Uint8Array; readonly ends: readonly number[] } {
  const { head, add } = startBackup(account, random());
  const pieces = [head, ...FRAMES.map((parts, index) => add(parts, index === FRAMES.length - 1))];
  let end = 0;
  const ends = pieces.map((piece) => (end += piece.length));
  return { file: new Uint8Array(pieces.flatMap((piece) => [...piece])), ends };
}

/** Reads in pieces of this size. */
function readAll(account: Account, file: Uint8Array, piece = file.length) {
  const reader = new BackupReader(account);
  const frames: (readonly Part[])[] = [];
  let error: BackupError['type'] | undefined;
  for (let at = 0; at < file.length; at += Math.max(piece, 1)) {
    const read = reader.read(file.subarray(at, at + piece));
    frames.push(...read.frames);
    error ??= read.error?.type;
  }
  return { frames, error, isComplete: reader.isComplete };
}

/** As `toEqual`, of which thousands take a minute. */
function expectFrames(read: ReturnType<typeof readAll>, whole: number, at: string): void {
  const frames = FRAMES.slice(0, whole);
  if (!isDeepStrictEqual(read.frames, frames)) expect(read.frames, at).toEqual(frames);
}

describe('backup file', () => {
  it('S-BACKUP-6 comes back frame by frame, in pieces of whatever size', () => {
    const { file } = fileOf(one);
    for (const piece of [1, 2, 3, 17, 56, 57, 1000, file.length])
      expect(readAll(one, file, piece)).toEqual({ frames: FRAMES, error: undefined, isComplete: true });
  });

  it('S-BACKUP-1 cut anywhere it is not complete, and what was whole was read', () => {
    const { file, ends } = fileOf(one);
    for (let length = 0; length < file.length; length += 1) {
      const whole = ends.slice(1).filter((end) => end <= length).length;
      const read = readAll(one, file.subarray(0, length));
      expectFrames(read, whole, `cut at ${String(length)}`);
      expect(read, `cut at ${String(length)}`).toMatchObject({ error: undefined, isComplete: false });
    }
    expect(readAll(one, new Uint8Array([...file, 0]))).toMatchObject({ error: 'Damaged' });
  });

  it('S-BACKUP-2 changed anywhere it is never complete without an error, and gives nothing from that frame on', () => {
    const { file, ends } = fileOf(one);
    for (let place = 0; place < file.length; place += 1) {
      const bent = file.slice();
      bent[place] = (bent[place] ?? 0) ^ (1 << (place % 8));
      const before = Math.max(0, ends.filter((end) => end <= place).length - 1);
      for (const piece of [29, file.length]) {
        const read = readAll(one, bent, piece);
        expectFrames(read, before, `changed at ${String(place)}`);
        // A length that grew waits for bytes that never come.
        expect(read.isComplete && read.error === undefined).toBe(false);
      }
    }
  });

  it('S-BACKUP-2 frames that are dropped, doubled or in another order are refused', () => {
    const { file, ends } = fileOf(one);
    const frame = (n: number): number[] => [...file.subarray(ends[n], ends[n + 1])];
    const head = [...file.subarray(0, ends[0])];
    for (const order of [[1, 0, 2, 3], [0, 0, 1, 2, 3], [0, 2, 3], [3], [0, 1, 2, 3, 3]]) {
      const bent = new Uint8Array([...head, ...order.flatMap(frame)]);
      expect(readAll(one, bent).error, order.join()).toBe('Damaged');
    }
  });

  it('S-BACKUP-2 after an error nothing more is taken', () => {
    const { file, ends } = fileOf(one);
    const reader = new BackupReader(one);
    const bent = file.slice();
    bent[(ends[1] ?? 0) + 9] = (bent[(ends[1] ?? 0) + 9] ?? 0) ^ 1;
    expect(reader.read(bent)).toEqual({ frames: FRAMES.slice(0, 1), error: { type: 'Damaged' } });
    expect(reader.read(file)).toEqual({ frames: [], error: { type: 'Damaged' } });
    expect(reader.isComplete).toBe(false);
  });

  it('S-BACKUP-3 of another account it is told at once, of anything else that it is damaged', () => {
    const { file } = fileOf(two);
    expect(readAll(one, file)).toEqual({ frames: [], error: 'OfAnother', isComplete: false });
    expect(readAll(one, new Uint8Array(200))).toMatchObject({ frames: [], error: 'Damaged' });
  });

  it('S-BACKUP-6 two files of the same content have nothing in common but what names the account to itself', () => {
    const { file } = fileOf(one);
    const { head } = startBackup(one, seededRandom(new Uint8Array(32).fill(9)));
    expect(head.subarray(0, 32)).toEqual(file.subarray(0, 32));
    expect(head.subarray(32)).not.toEqual(file.subarray(32, 56));
    expect(startBackup(two, random()).head.subarray(16, 32)).not.toEqual(file.subarray(16, 32));
  });
});
