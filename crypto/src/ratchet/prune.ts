/**
 * Forgetting: skipped keys past their age or over their number, and chains that can say nothing new. Whoever steals
 * the state later finds no keys of long ago, and a peer cannot make it grow without end (C-RATCHET-7, C-RATCHET-8).
 */
import { type Ratchet, RATCHET_LIMITS, type ReceivingChain } from './ratchet.ts';
import { countSkipped, dropFirst, dropOlder } from './skipped.ts';

/**
 * The ratchet within its bounds at `now` (Double Ratchet, 6.4: "deletion of skipped message keys"). Runs after each
 * opened message, never on a failed one, so that nobody can make us forget by sending rubbish. The same object when there
 * is nothing to forget.
 */
export function prune(ratchet: Ratchet, now: number): Ratchet {
  const { receiving } = ratchet;
  const pruned = withinNumber(withinAge(withinChains(receiving), now - RATCHET_LIMITS.keptFor));
  return pruned === receiving ? ratchet : { ...ratchet, receiving: pruned };
}

/**
 * Forgotten chains cost one thing: a duplicate of theirs then looks like a new ratchet key, and is `Forged` instead of
 * `AlreadyOpened`. Over the cap the oldest chain without skipped keys goes; if all have some, the oldest of all, but never the newest.
 */
function withinChains(receiving: readonly ReceivingChain[]): readonly ReceivingChain[] {
  if (receiving.length <= RATCHET_LIMITS.chains) return receiving;
  const idle = receiving.findLastIndex(({ gaps, chain }) => gaps.length === 0 && chain === undefined);
  const victim = idle > 0 ? idle : receiving.length - 1;
  return withinChains(receiving.filter((_, place) => place !== victim));
}

function withinAge(receiving: readonly ReceivingChain[], oldest: number): readonly ReceivingChain[] {
  if (!receiving.some(({ gaps }) => gaps.some(({ at }) => at < oldest))) return receiving;
  return receiving.map((chain) => ({ ...chain, gaps: dropOlder(chain.gaps, oldest) }));
}

/** Over the cap the keys skipped longest ago go first: lowest number in the oldest chain. */
function withinNumber(receiving: readonly ReceivingChain[]): readonly ReceivingChain[] {
  let excess = receiving.reduce((total, { gaps }) => total + countSkipped(gaps), 0) - RATCHET_LIMITS.keptKeys;
  if (excess <= 0) return receiving;
  return receiving
    .toReversed()
    .map((chain) => {
      const before = countSkipped(chain.gaps);
      const gaps = dropFirst(chain.gaps, excess);
      excess -= before - countSkipped(gaps);
      return { ...chain, gaps };
    })
    .toReversed();
}
