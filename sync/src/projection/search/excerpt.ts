/** The part of a message that a search result shows, in the person's own spelling, with the matches marked. */
import { findRanges, foldText, mapText } from './folded-text.ts';

const BEFORE = 40;
const LENGTH = 160;
const CUT = '…';

export interface Excerpt {
  readonly excerpt: string;
  /** [start, end) in `excerpt`. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** Around the first match of `term` (folded, not empty); undefined when the text does not hold it. */
export function excerptOf(text: string, term: string): Excerpt | undefined {
  if (!foldText(text).includes(term)) return undefined;
  const ranges = findRanges(mapText(text), term);
  const first = ranges[0];
  if (first === undefined) return undefined;
  const from = first[0] <= BEFORE ? 0 : wholeCharacter(text, first[0] - BEFORE);
  const to = Math.max(first[1], wholeCharacter(text, Math.min(text.length, from + LENGTH)));
  const head = from > 0 ? CUT : '';
  const shift = head.length - from;
  return {
    excerpt: head + text.slice(from, to) + (to < text.length ? CUT : ''),
    ranges: ranges.filter(([, end]) => end <= to).map(([start, end]) => [start + shift, end + shift] as const),
  };
}

/** Not inside a surrogate pair, and not between a letter and its marks. */
function wholeCharacter(text: string, at: number): number {
  let index = at;
  while (
    index > 0 &&
    index < text.length &&
    /^(?:[\uDC00-\uDFFF]|\p{M}|\u200d|\ufe0f)/u.test(text.slice(index, index + 2))
  ) {
    index -= 1;
  }
  return index;
}
