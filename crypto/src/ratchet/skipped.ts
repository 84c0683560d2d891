/**
 * Keys of messages that were overtaken by later ones (Double Ratchet, 2.6, MKSKIPPED). They are kept as gaps: runs of
 * consecutive keys, packed. Taking one splits a run into two views of the same bytes, so opening a thousand late
 * messages copies nothing. Knows nothing of chains.
 */
import type { Secret } from '../keys.ts';
import { asSecret, KEY_BYTES } from '../keys.ts';

/** Keys of the messages `from`, `from + 1`, ...; 32 bytes each. */
export interface Gap {
  readonly from: number;
  /** When they were skipped, milliseconds. */
  readonly at: number;
  readonly keys: Secret<'Skipped'>;
}

/** How many keys a gap holds. */
export function gapLength({ keys }: Gap): number {
  return keys.length / KEY_BYTES;
}

/** How many keys all gaps hold. */
export function countSkipped(gaps: readonly Gap[]): number {
  return gaps.reduce((total, gap) => total + gapLength(gap), 0);
}

/** The key of message `index`, and the gaps without it. `gaps` are in rising order. */
export function takeSkipped(
  gaps: readonly Gap[],
  index: number,
): { readonly messageKey: Secret<'Message'>; readonly rest: readonly Gap[] } | undefined {
  const place = findGap(gaps, index);
  const gap = gaps[place];
  if (gap === undefined) return undefined;
  const at = (index - gap.from) * KEY_BYTES;
  const left = { ...gap, keys: view(gap, 0, at) };
  const right = { ...gap, from: index + 1, keys: view(gap, at + KEY_BYTES) };
  const remaining = [left, right].filter(({ keys }) => keys.length > 0);
  const messageKey = asSecret<'Message'>(gap.keys.subarray(at, at + KEY_BYTES));
  return { messageKey, rest: [...gaps.slice(0, place), ...remaining, ...gaps.slice(place + 1)] };
}

/** The gaps without those skipped before `time`. The same array when nothing is that old. */
export function dropOlder(gaps: readonly Gap[], time: number): readonly Gap[] {
  return gaps.some(({ at }) => at < time) ? gaps.filter(({ at }) => at >= time) : gaps;
}

/** The gaps without their `count` lowest keys. */
export function dropFirst(gaps: readonly Gap[], count: number): readonly Gap[] {
  const [gap, ...others] = gaps;
  if (gap === undefined || count <= 0) return gaps;
  const length = gapLength(gap);
  if (length <= count) return dropFirst(others, count - length);
  return [{ ...gap, from: gap.from + count, keys: view(gap, count * KEY_BYTES) }, ...others];
}

/** Binary search for the gap that holds `index`; -1 when none does. */
function findGap(gaps: readonly Gap[], index: number): number {
  let [low, high] = [0, gaps.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const gap = gaps[middle];
    if (gap === undefined) return -1;
    if (index < gap.from) high = middle - 1;
    else if (index >= gap.from + gapLength(gap)) low = middle + 1;
    else return middle;
  }
  return -1;
}

function view({ keys }: Gap, from: number, to?: number): Secret<'Skipped'> {
  return asSecret<'Skipped'>(keys.subarray(from, to));
}
