/** Since when a hand is raised, so that everybody lists hands in the order in which they were raised and not heard of. */
import type { Presence } from '../../payload/group-call-parts.ts';
import type { GroupCall, Member } from './state.ts';

/** Later than what is known by more than words may be late: it was lowered and raised again. */
const ANOTHER = 5_000;

/**
 * By this device's clock: as long as it is said to be raised, but no longer than the call is on. What is known stays, but for
 * an earlier time: of all words the one that was on its way for the least time tells it best.
 */
export function raised({ since }: GroupCall, { hand }: Presence, now: number, known?: number): Pick<Member, 'hand'> {
  if (hand === undefined) return {};
  const at = Math.max(since, now - hand);
  const isSame = known !== undefined && at - known <= ANOTHER;
  return { hand: isSame ? Math.min(known, at) : at };
}
