/**
 * The repair path: telling what is here, and answering what somebody else lacks. Both sides need to be awake only once
 * each; nothing is remembered between questions.
 */
import { GENESIS_HASH } from '../change/genesis.ts';
import type { ChatSegments } from '../chat/chat-segments.ts';
import type { HeldChanges } from '../guard/held.ts';
import type { Segment } from '../segment/segment.ts';
import { type SegmentSummary, SUMMARY_LIMITS, type Summary, summarise } from './summary.ts';
import type { Answer, AnswerOptions, WireChange } from '../types.ts';

/** The newest segments are told with landmarks: there, peers are apart by more than a head. */
const WITH_LANDMARKS = 2;

/** What is here, newest segments first as far as the caps reach. */
export async function makeSummary(segments: ChatSegments): Promise<Summary> {
  const told: SegmentSummary[] = [];
  const tips = await segments.tips();
  const numbers = segments.numbers();
  let hashes = 0;
  for (const [i, segment] of numbers.entries()) {
    const kept = i < WITH_LANDMARKS ? undefined : tips.get(segment);
    const part = kept
      ? { heads: kept.slice(0, SUMMARY_LIMITS.heads), landmarks: [] }
      : await describe(segments, segment);
    hashes += part.heads.length + part.landmarks.length;
    if (hashes > SUMMARY_LIMITS.hashes || told.length === SUMMARY_LIMITS.segments) {
      return { from: numbers[i - 1] ?? segment, segments: told.reverse() };
    }
    if (part.heads[0] !== GENESIS_HASH) told.push({ segment, generation: 0, ...part });
  }
  return { from: 0, segments: told.reverse() };
}

/** Of what `theirs` names that which is here too. */
export async function makeCommon(segments: ChatSegments, theirs: Summary): Promise<Summary> {
  const common: SegmentSummary[] = [];
  for (const part of theirs.segments) {
    if (!segments.has(part.segment)) continue;
    const { graph } = await segments.at(part.segment);
    const heads = [...part.heads, ...part.landmarks].filter((hash) => graph.has(hash)).slice(0, SUMMARY_LIMITS.heads);
    if (heads.length > 0) common.push({ ...part, heads, landmarks: [] });
    segments.release();
  }
  return { from: 0, segments: common };
}

async function describe(segments: ChatSegments, number: number): Promise<Pick<SegmentSummary, 'heads' | 'landmarks'>> {
  const segment = await segments.at(number);
  if (number < segments.newest) await segments.closeTips(segment);
  segments.release();
  return summarise(segment.graph);
}

/**
 * What `theirs` lacks, within a budget of bytes but at least one change: the newest segment first, so that a device that
 * has nothing can soon be used; within a segment dependencies first. No segment is begun with `enough` changes at hand, and
 * of those below `from` nothing is told, whatever they say of them; with `isBehind` nothing of those in which they have what
 * is not here.
 */
export async function makeAnswer(
  segments: ChatSegments,
  held: HeldChanges,
  theirs: Summary,
  { budget, enough = Infinity, from = 0, isBehind = false }: AnswerOptions & { readonly budget: number },
): Promise<Answer> {
  const told = new Map(theirs.segments.map((part) => [part.segment, part]));
  const tips = await segments.tips();
  const changes: WireChange[] = [];
  const authors = new Set<string>();
  let left = budget;
  let more = false;
  let theyHaveMore = theirs.segments.some((part) => !segments.has(part.segment));
  for (const number of segments.numbers()) {
    const part = told.get(number);
    const isEqual = number < segments.newest && part !== undefined && isSame(part.heads, tips.get(number));
    const isBelow = number < from;
    if (isEqual || number < theirs.from || (isBelow && part === undefined)) continue;
    const segment = await segments.at(number);
    const areFurther = (part?.heads ?? []).some((hash) => !segment.graph.has(hash) && !held.has(hash));
    theyHaveMore ||= areFurther;
    const hasEnough = changes.length >= enough;
    for (const { change, by } of isBelow || (isBehind && areFurther) ? [] : lackingIn(segment, part)) {
      left -= change.bytes.length;
      more = (left < 0 && changes.length > 0) || hasEnough;
      if (more) break;
      changes.push(change);
      for (const author of by) authors.add(author);
    }
    segments.release();
    if (more) break;
  }
  return { changes, authors: [...authors], more, theyHaveMore };
}

interface Lacking {
  readonly change: WireChange;
  readonly by: readonly string[];
}

/** Changes that are not among the ancestors of what they told of, dependencies first. */
function* lackingIn(segment: Segment, theirs: SegmentSummary | undefined): Generator<Lacking> {
  const theyHave = segment.graph.ancestors(theirs ? [...theirs.heads, ...theirs.landmarks] : []);
  const { segment: number, generation } = segment.place;
  for (const { hash, author, carried } of segment.graph.ordered()) {
    const bytes = theyHave.has(hash) ? undefined : segment.bytesOf(hash);
    const by = [author, ...carried.map((inner) => inner.author)];
    if (bytes) yield { change: { segment: number, generation, bytes }, by };
  }
}

function isSame(heads: readonly string[], tips: readonly string[] | undefined): boolean {
  return tips !== undefined && heads.length === tips.length && heads.every((hash, i) => hash === tips[i]);
}
