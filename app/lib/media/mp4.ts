/**
 * Where a film of the MP4 family (ISO/IEC 14496-12, QuickTime) says things about itself that no player draws: place, device,
 * titles. Those boxes are not cut out, which would move the film's data, but blanked: they become free space of their size.
 *
 *   box = size u32 (of itself), type (4 letters), content;   size 1: a u64 with the size follows;   size 0: to the end
 *   file = ftyp | moov | mdat | ...    moov = mvhd | trak* | udta | meta
 */
import { hasText, textAt, viewOf } from './bytes.ts';

/** Bytes [from, to) of a file. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Reads a span of the file; shorter at its end. */
export type ReadSpan = (span: Span) => Promise<Uint8Array>;

const DESCRIPTIONS = new Set(['udta', 'meta', 'uuid']);
const CONTAINERS = new Set(['moov', 'trak']);
/** Of all boxes together; a film has some dozens. */
const MOST_BOXES = 10_000;

/** Whether it begins as such a file does. */
export function isMp4(start: Uint8Array): boolean {
  return hasText(start, 4, 'ftyp');
}

/** The boxes to blank, in order; undefined when the file is not built as it should be. */
export async function findDescriptions(size: number, read: ReadSpan): Promise<readonly Span[] | undefined> {
  const found: Span[] = [];
  const left = { boxes: MOST_BOXES };
  return (await walk({ from: 0, to: size }, read, found, left)) ? found : undefined;
}

async function walk(within: Span, read: ReadSpan, found: Span[], left: { boxes: number }): Promise<boolean> {
  let at = within.from;
  while (at < within.to) {
    const box =
      --left.boxes < 0 ? undefined : boxAt(await read({ from: at, to: Math.min(at + 16, within.to) }), at, within.to);
    if (!box) return false;
    if (DESCRIPTIONS.has(box.type)) found.push({ from: at, to: box.end });
    if (CONTAINERS.has(box.type) && !(await walk({ from: box.content, to: box.end }, read, found, left))) return false;
    at = box.end;
  }
  return true;
}

interface Box {
  readonly type: string;
  readonly content: number;
  readonly end: number;
}

function boxAt(head: Uint8Array, at: number, limit: number): Box | undefined {
  if (head.length < 8) return undefined;
  const view = viewOf(head);
  const short = view.getUint32(0);
  if (short === 1 && head.length < 16) return undefined;
  const length = short === 1 ? 16 : 8;
  const size = short === 1 ? Number(view.getBigUint64(8)) : short;
  const end = short === 0 ? limit : at + size;
  if (end < at + length || end > limit) return undefined;
  return { type: textAt(head, 4, 4), content: at + length, end };
}

/** What stands in the place of a description: free space of the same size. */
export function blankOf({ from, to }: Span): Uint8Array<ArrayBuffer> {
  const blank = new Uint8Array(to - from);
  const view = viewOf(blank);
  view.setUint32(0, blank.length);
  blank.set([0x66, 0x72, 0x65, 0x65], 4);
  return blank;
}
