/**
 * Which entries of a page are in the document: drawing all of a page at once would be one long task, so it is drawn from
 * where the reader looks outwards, a few entries at a time. Pure.
 */
import type { Entry } from './entries.ts';

/** About half of what a screen shows: the rest follows within two frames. */
const FIRST = 12;
/** What is drawn at once on either side of what is jumped to, so that it can stand in the middle. */
const BESIDE = 10;
/** What every further step adds at either end. */
const STEP = 5;

/**
 * What to draw of `all` after `drawn`: whatever is drawn already, the entries named in `wanted` with all between them,
 * and a step more. When nothing of it is there, all.
 */
export function nextDrawn(
  all: readonly Entry[],
  drawn: readonly Entry[],
  wanted: readonly (string | undefined)[],
): readonly Entry[] {
  const kept = new Set<string | undefined>(drawn.map(({ key }) => key));
  const isNew = !all.some(({ key }) => kept.has(key));
  for (const key of wanted) kept.add(key);
  const first = all.findIndex(({ key }) => kept.has(key));
  if (first === -1) return all;
  const reach = isNew ? BESIDE : STEP;
  const end = all.findLastIndex(({ key }) => kept.has(key)) + 1 + reach;
  const start = Math.min(first - reach, isNew ? Math.min(end, all.length) - FIRST : first);
  return all.slice(Math.max(0, start), end);
}
