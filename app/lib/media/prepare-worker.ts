/** Prepares files for sending: cleans, compresses and draws them, so that the page goes on moving. */
import type { Result } from '@securechat/sync/api';
import { drawThumbnail, fitted, redraw } from './draw.ts';
import { imageTypeOf, isAnimated, stripImage } from './image-type.ts';
import { blankOf, findDescriptions, isMp4, type Span } from './mp4.ts';
import { peaksOf } from './peaks.ts';
import type { Done, ImageFailure, Order, PreparedImage, Quality, TaskName, Tasks } from './prepare.ts';

/** A picture is held in memory as a whole, and again as pixels. */
const MOST_BYTES = 128 * 1024 ** 2;
const EDGES: Readonly<Record<Quality, number>> = { standard: 2048, high: 4096, original: 16_384 };
const FINENESS: Readonly<Record<Quality, number>> = { standard: 0.8, high: 0.88, original: 0.95 };
const THUMBNAIL_EDGE = 48;
const POSTER_EDGE = 96;

const WORK: { readonly [K in TaskName]: (input: Tasks[K]['input']) => Promise<Tasks[K]['output']> } = {
  image: prepareImage,
  file: ({ file }) => cleanFile(file),
  film: ({ file }) => cleanFilm(file),
  thumbnail: async ({ frame }) => {
    const drawn = await drawThumbnail(frame, POSTER_EDGE);
    frame.close();
    return drawn;
  },
  peaks: ({ samples }) => Promise.resolve(peaksOf(samples)),
};

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  void run(data);
});

async function run<K extends TaskName>({ id, name, input }: Order<K>): Promise<void> {
  // A file that was taken away since it was chosen, or a browser that is out of memory.
  const done: Done = await WORK[name](input).then(
    (output) => ({ id, output }),
    () => ({ id, failed: true as const }),
  );
  postMessage(done);
}

async function prepareImage({ file, quality }: Tasks['image']['input']): Promise<Result<PreparedImage, ImageFailure>> {
  if (file.size > MOST_BYTES) return { ok: false, error: 'TooLarge' };
  const bytes = new Uint8Array(await file.arrayBuffer());
  const type = imageTypeOf(bytes);
  const image = type && (await createImageBitmap(new Blob([bytes], { type })).catch(() => undefined));
  if (!image) return { ok: false, error: 'NotAnImage' };
  const stripped = stripImage(bytes);
  const kept = stripped && new Blob([stripped], { type });
  const content = await chooseContent(image, kept, { quality, moves: isAnimated(bytes) });
  const { width, height } = content === kept ? image : fitted(image, EDGES[quality]);
  const thumbnail = await drawThumbnail(image, THUMBNAIL_EDGE);
  image.close();
  return { ok: true, value: { content, type: content.type, width, height, thumbnail } };
}

/** The bytes that were chosen when they are asked for, or would stop moving; else what is smaller. */
async function chooseContent(
  image: ImageBitmap,
  kept: Blob | undefined,
  { quality, moves }: { readonly quality: Quality; readonly moves: boolean },
): Promise<Blob> {
  if (kept && (quality === 'original' || moves)) return kept;
  const drawn = await redraw(image, fitted(image, EDGES[quality]), FINENESS[quality]);
  const fits = Math.max(image.width, image.height) <= EDGES[quality];
  return kept && fits && kept.size <= drawn.size ? kept : drawn;
}

async function cleanFile(file: Blob): Promise<Blob> {
  const start = new Uint8Array(await file.slice(0, 32).arrayBuffer());
  if (imageTypeOf(start) === undefined || file.size > MOST_BYTES) return file;
  const stripped = stripImage(new Uint8Array(await file.arrayBuffer()));
  return stripped ? new Blob([stripped]) : file;
}

/** Other films than MP4 stay as they are. */
async function cleanFilm(file: Blob): Promise<Blob | undefined> {
  const read = async ({ from, to }: Span): Promise<Uint8Array> =>
    new Uint8Array(await file.slice(from, to).arrayBuffer());
  if (!isMp4(await read({ from: 0, to: 16 }))) return file;
  const spans = await findDescriptions(file.size, read);
  if (!spans) return undefined;
  const parts: BlobPart[] = [];
  let at = 0;
  for (const span of spans) {
    parts.push(file.slice(at, span.from), blankOf(span));
    at = span.to;
  }
  // A blob of slices reads from the file that was chosen: nothing is copied.
  return new Blob([...parts, file.slice(at)], { type: file.type });
}
