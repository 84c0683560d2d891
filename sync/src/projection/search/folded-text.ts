/**
 * Text as search compares it: without case, width, compatibility forms and invisible characters. Locale-free, so that
 * every device finds the same. Owns the way back too: where a match lies in the text that the person wrote.
 */

const PLAIN = /^[\x20-\x7e]*$/;

/** NFKC and lower case; ignorable characters fall out, controls become blanks. May be longer or shorter than `text`. */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/ς/g, 'σ')
    .replace(/i\u0307/g, 'i')
    .replace(/\p{Cc}/gu, ' ');
}

/** Folded text, and for each of its units the piece [start, end) of the original that it came from. */
export interface MappedText {
  readonly folded: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Folds and keeps track. Ranges grow to whole characters: half of an accented letter cannot be marked. */
export function mapText(text: string): MappedText {
  const mapped = joinPieces(text, text.match(CHARACTERS) ?? []);
  return mapped.folded === foldText(text) ? mapped : wholeText(text);
}

/** Every [start, end) in the original whose folding holds `term` (folded, not empty); they do not overlap. */
export function findRanges({ folded, starts, ends }: MappedText, term: string): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + term.length)) {
    const start = starts[at] ?? 0;
    const end = ends[at + term.length - 1] ?? start;
    if (start >= (ranges.at(-1)?.[1] ?? 0)) ranges.push([start, end]);
  }
  return ranges;
}

/**
 * What folds as one: a code point with the marks, half-width sound marks and Hangul letters that may join it. Anything
 * this misses is caught in {@link mapText} by comparing with the folding of the whole.
 */
const CHARACTERS =
  /[^][\p{M}\p{Default_Ignorable_Code_Point}\uFF9E\uFF9F\u1160-\u11FF\uD7B0-\uD7FF\u3131-\u318E\uFFA0-\uFFDC]*/gu;

function joinPieces(text: string, pieces: readonly string[]): MappedText {
  const memory = new Map<string, string>();
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = '';
  let at = 0;
  for (const piece of pieces.flatMap((cluster) => divide(cluster, memory))) {
    const part = memoFold(piece, memory);
    for (let unit = 0; unit < part.length; unit++) {
      starts.push(at);
      ends.push(at + piece.length);
    }
    folded += part;
    at += piece.length;
  }
  return at === text.length ? { folded, starts, ends } : wholeText(text);
}

/** Code points where these fold one by one to the same (so that a mark can be exact), else the cluster. */
function divide(cluster: string, memory: Map<string, string>): string[] {
  if (cluster.length === 1) return [cluster];
  const points = [...cluster];
  const apart = points.map((point) => memoFold(point, memory)).join('');
  return apart === memoFold(cluster, memory) ? points : [cluster];
}

function memoFold(piece: string, memory: Map<string, string>): string {
  const known = memory.get(piece);
  if (known !== undefined) return known;
  const folded = foldText(piece);
  memory.set(piece, folded);
  return folded;
}

function wholeText(text: string): MappedText {
  const folded = foldText(text);
  return {
    folded,
    starts: new Array<number>(folded.length).fill(0),
    ends: new Array<number>(folded.length).fill(text.length),
  };
}
