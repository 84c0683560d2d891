import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ascii, join, viewOf } from './bytes.ts';
import { blankOf, findDescriptions, isMp4, type ReadSpan } from './mp4.ts';

const CANARY = '+48.8584+002.2945/';

function box(type: string, ...content: Uint8Array[]): Uint8Array {
  const body = join([ascii(type), ...content]);
  const size = new Uint8Array(4);
  viewOf(size).setUint32(0, body.length + 4);
  return join([size, body]);
}

const film = join([
  box('ftyp', ascii('isom')),
  box(
    'moov',
    box('mvhd', new Uint8Array(20)),
    box('trak', box('tkhd', new Uint8Array(8)), box('meta', ascii(CANARY))),
    box('udta', box('\u00a9xyz', ascii(CANARY))),
  ),
  box('uuid', ascii(CANARY)),
  box('mdat', ascii('the film itself')),
]);

const readOf =
  (bytes: Uint8Array): ReadSpan =>
  ({ from, to }) =>
    Promise.resolve(bytes.subarray(from, to));

async function blanked(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const spans = await findDescriptions(bytes.length, readOf(bytes));
  if (!spans) return undefined;
  const clean = bytes.slice();
  for (const span of spans) clean.set(blankOf(span), span.from);
  return clean;
}

it('a film loses what is said about it, and nothing of it moves', async () => {
  expect(isMp4(film)).toBe(true);
  const clean = await blanked(film);
  expect(clean?.length).toBe(film.length);
  expect(Buffer.from(clean ?? []).includes(CANARY)).toBe(false);
  expect(Buffer.from(clean ?? []).indexOf('the film itself')).toBe(Buffer.from(film).indexOf('the film itself'));
  expect(await findDescriptions(film.length, readOf(clean ?? film))).toEqual([]);
});

it('a film that is cut off is not understood', async () => {
  for (const end of [film.length - 1, 30, 9]) expect(await blanked(film.subarray(0, end))).toBeUndefined();
});

it('any change of any bytes is answered without throwing, and a blank never leaves the file', async () => {
  const changes = fc.array(fc.tuple(fc.nat(film.length - 1), fc.nat(255)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(changes, async (changed) => {
      const bytes = film.slice();
      for (const [at, value] of changed) bytes[at] = value;
      const spans = (await findDescriptions(bytes.length, readOf(bytes))) ?? [];
      for (const { from, to } of spans) expect(from >= 0 && from + 8 <= to && to <= bytes.length).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
