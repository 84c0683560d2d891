/** One device seals, another one opens: what comes through, and what does not. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FrameKey } from '@securechat/sync/api';
import { OVERHEAD_BYTES, readHeader, type Kind } from './frame.ts';
import { Opener } from './opener.ts';
import { Sealer } from './sealer.ts';
import type { Bytes } from './sframe.ts';

const keyOf = (id: number, fill = id): FrameKey => ({ id, key: new Uint8Array(32).fill(fill) });
const FIRST = keyOf(1);
const SECOND = keyOf(2);

/** VP8: in a key frame the lowest bit of the first byte is 0. */
const keyFrame = Uint8Array.from({ length: 40 }, (_, i) => i * 2);
const deltaFrame = Uint8Array.from({ length: 30 }, (_, i) => i * 2 + 1);
const sound = Uint8Array.from({ length: 20 }, (_, i) => 200 - i);

let sealer: Sealer;
let opener: Opener;

beforeEach(async () => {
  sealer = new Sealer();
  opener = new Opener();
  await sealer.use(FIRST);
  opener.use([FIRST]);
});

async function sealed(kind: Kind, frame: Bytes, by = sealer): Promise<Bytes> {
  const made = await by.seal(kind, frame);
  if (!made) throw new Error('nothing was sealed');
  return made;
}

/** With two bits of one byte turned, one of which says in VP8 how long the head is. */
function turned(frame: Bytes, at: number): Bytes {
  const changed = Uint8Array.from(frame);
  changed[at] = (changed[at] ?? 0) ^ 0x11;
  return changed;
}

describe('a frame', () => {
  it('FRAME-1 opens as what it was, whatever it holds', async () => {
    const kinds = fc.constantFrom<Kind>('audio', 'video');
    await fc.assert(
      fc.asyncProperty(kinds, fc.uint8Array({ maxLength: 64 }), async (kind, bytes) => {
        const frame = Uint8Array.from(bytes);
        const made = await sealed(kind, frame);
        expect(made.length).toBe(frame.length + OVERHEAD_BYTES);
        expect(await opener.open(kind, made)).toEqual(frame);
      }),
    );
  });

  it.each<[string, Kind, Bytes, number]>([
    ['a key frame of VP8: ten bytes', 'video', keyFrame, 10],
    ['another frame of VP8: three', 'video', deltaFrame, 3],
    ['Opus: one', 'audio', sound, 1],
  ])('FRAME-1 stays readable at its head only; %s', async (_what, kind, frame, readable) => {
    const made = await sealed(kind, frame);
    expect(made.subarray(0, readable)).toEqual(frame.subarray(0, readable));
    // Some byte may be the same by chance; all of the rest never is.
    expect(made.subarray(readable, frame.length)).not.toEqual(frame.subarray(readable));
    expect(await opener.open(kind, made)).toEqual(frame);
  });

  it('FRAME-2 does not open when any byte of it was changed: head, body, tag, key id or counter', async () => {
    for (const [kind, frame] of [
      ['video', keyFrame],
      ['video', deltaFrame],
      ['audio', sound],
    ] as const) {
      const made = await sealed(kind, frame);
      for (let at = 0; at < made.length; at++)
        expect([at, await opener.open(kind, turned(made, at))]).toEqual([at, undefined]);
      expect(await opener.open(kind, made)).toEqual(frame);
    }
  });

  it('FRAME-2 does not open when it was cut or lengthened', async () => {
    const made = await sealed('video', deltaFrame);
    for (let length = 0; length < made.length; length++)
      expect(await opener.open('video', made.slice(0, length))).toBeUndefined();
    expect(await opener.open('video', Uint8Array.from([...made, 0]))).toBeUndefined();
    expect(await opener.open('video', Uint8Array.from([0, ...made]))).toBeUndefined();
  });

  it('FRAME-2 of the sound does not open as a picture', async () => {
    const delta = Uint8Array.of(1);
    expect(await opener.open('video', await sealed('audio', delta))).toBeUndefined();
    expect(await opener.open('audio', await sealed('video', delta))).toBeUndefined();
  });

  it('FRAME-2 does not open with the key of another sender that has the same id', async () => {
    const other = new Opener();
    other.use([keyOf(FIRST.id, 99)]);
    expect(await other.open('audio', await sealed('audio', sound))).toBeUndefined();
  });

  it('FRAME-2 does not open with a key of which only the id differs', async () => {
    const other = new Opener();
    other.use([{ ...FIRST, id: 7 }]);
    const made = await sealed('audio', sound);
    made[made.length - 9] = 7;
    expect(await other.open('audio', made)).toBeUndefined();
  });
});

describe('a frame that comes again', () => {
  it('FRAME-3 is dropped, also when both are opened at the same time', async () => {
    const made = await sealed('video', keyFrame);
    const both = await Promise.all([opener.open('video', made), opener.open('video', made)]);
    expect(both.filter((opened) => opened !== undefined)).toEqual([keyFrame]);
    expect(await opener.open('video', made)).toBeUndefined();
  });

  it('FRAME-3 is dropped after the same keys were told again', async () => {
    const made = await sealed('audio', sound);
    expect(await opener.open('audio', made)).toEqual(sound);
    opener.use([{ id: FIRST.id, key: Uint8Array.from(FIRST.key) }, SECOND]);
    expect(await opener.open('audio', made)).toBeUndefined();
  });

  it('FRAME-3 late is taken once, and one that is too old to know not at all', async () => {
    const early = await Promise.all(Array.from({ length: 3 }, () => sealed('audio', sound)));
    const [first, second, third] = early as [Bytes, Bytes, Bytes];
    expect(await opener.open('audio', third)).toEqual(sound);
    expect(await opener.open('audio', first)).toEqual(sound);
    expect(await opener.open('audio', first)).toBeUndefined();
    let last = first;
    for (let i = 0; i < 1024; i++) last = await sealed('audio', sound);
    // Shares its place with the third one, and the one before with the second.
    expect(readHeader(last)?.counter).toBe(1026);
    expect(await opener.open('audio', last)).toEqual(sound);
    expect(await opener.open('audio', third)).toBeUndefined();
    expect(await opener.open('audio', second)).toEqual(sound);
  });

  it('FRAME-3 never takes the place of one that is real: what is forged does not count as having come', async () => {
    const made = await sealed('audio', sound);
    expect(await opener.open('audio', turned(made, 4))).toBeUndefined();
    expect(await opener.open('audio', made)).toEqual(sound);
  });
});

describe('keys', () => {
  it('FRAME-6 change: what was sealed before opens as long as both are known, and not when the old one is gone', async () => {
    const [one, two] = [await sealed('audio', sound), await sealed('audio', sound)];
    await sealer.use(SECOND);
    const three = await sealed('audio', sound);
    // Its key is not here yet.
    expect(await opener.open('audio', three)).toBeUndefined();
    opener.use([FIRST, SECOND]);
    expect(await opener.open('audio', one)).toEqual(sound);
    expect(await opener.open('audio', three)).toEqual(sound);
    opener.use([SECOND]);
    expect(await opener.open('audio', two)).toBeUndefined();
  });

  it('FRAME-6 that were taken away open nothing', async () => {
    const made = await sealed('audio', sound);
    opener.use([]);
    expect(await opener.open('audio', made)).toBeUndefined();
  });

  it('FRAME-6 go round: of two with one id the newer opens', async () => {
    const newer = keyOf(FIRST.id, 50);
    await sealer.use(newer);
    opener.use([FIRST, newer]);
    expect(await opener.open('audio', await sealed('audio', sound))).toEqual(sound);
  });

  it('FRAME-5 are needed: without one nothing is sealed, so nothing is sent', async () => {
    expect(await new Sealer().seal('audio', sound)).toBeUndefined();
  });
});

describe('the counter', () => {
  const headers = (frames: readonly Bytes[]): readonly string[] =>
    frames.map((frame) => JSON.stringify(readHeader(frame)));

  it('FRAME-4 never repeats over streams that are sealed at the same time, nor when the same key is told again', async () => {
    const make = (kind: Kind): Promise<Bytes>[] => Array.from({ length: 50 }, () => sealed(kind, sound));
    const frames = await Promise.all([...make('audio'), ...make('video'), ...make('audio')]);
    await sealer.use({ ...FIRST });
    frames.push(...(await Promise.all(make('video'))));
    expect(new Set(headers(frames)).size).toBe(200);
  });

  it('FRAME-4 begins anew with another key only, and a key that comes back seals nothing', async () => {
    const before = await sealed('audio', sound);
    await sealer.use(SECOND);
    const after = await sealed('audio', sound);
    expect(headers([before, after])).toEqual(['{"id":1,"counter":0}', '{"id":2,"counter":0}']);
    await sealer.use({ ...FIRST });
    expect(await sealer.seal('audio', sound)).toBeUndefined();
    await sealer.use(keyOf(3));
    expect(readHeader(await sealed('audio', sound))).toEqual({ id: 3, counter: 0 });
  });

  it('FRAME-6 is of the key that was told last, however long each takes to be derived', async () => {
    await Promise.all([sealer.use(SECOND), sealer.use(keyOf(3)), sealer.use(keyOf(4))]);
    expect(readHeader(await sealed('audio', sound))).toEqual({ id: 4, counter: 0 });
  });
});
