/**
 * The key of any one message of a chain that is being received (Double Ratchet, 3.5 TrySkippedMessageKeys and
 * SkipMessageKeys): kept since it was skipped, or reached by stepping. Answers a candidate and changes nothing, because the
 * message is still to be authenticated. Knows nothing of who sends, nor of Diffie-Hellman.
 */
import { wipe } from '../bytes.ts';
import type { Secret } from '../keys.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { type Chain, skipTo, step } from './chain.ts';
import { RATCHET_LIMITS } from './ratchet.ts';
import { type Gap, takeSkipped } from './skipped.ts';

/**
 * Why there is no key at a place. `AlreadyOpened`: it is gone, because the message was opened before or came too late.
 * `TooFarAhead`: it would skip `gap` messages.
 */
export type PlaceError =
  | { readonly type: 'AlreadyOpened'; readonly index: number }
  | { readonly type: 'TooFarAhead'; readonly gap: number; readonly limit: number };

/** The key, and chain and gaps as they are without it. `spent` is needed no more once those count. */
export interface TakenKey<C> {
  readonly chain: C;
  readonly gaps: readonly Gap[];
  readonly messageKey: Secret<'Message'>;
  readonly spent: readonly Uint8Array[];
}

/**
 * The key of message `index`. A number below the chain's place whose key is gone was opened before, or overtaken so long
 * ago that its key expired: the two cannot be told apart, and need not be. `chain` is `undefined` once it ended.
 */
export function takeKey<C extends Chain | undefined>(
  { chain, gaps }: { readonly chain: C; readonly gaps: readonly Gap[] },
  { index, now }: { readonly index: number; readonly now: number },
): Result<TakenKey<C | Chain>, PlaceError> {
  if (chain !== undefined && index >= chain.index) return reach(chain, gaps, { index, now });
  const taken = takeSkipped(gaps, index);
  if (taken === undefined) return err({ type: 'AlreadyOpened', index });
  return ok({ chain, gaps: taken.rest, messageKey: taken.messageKey, spent: [] });
}

/** Steps to `index`, keeping the keys in between, and takes the key there (SkipMessageKeys). */
function reach(
  chain: Chain,
  gaps: readonly Gap[],
  { index, now }: { readonly index: number; readonly now: number },
): Result<TakenKey<Chain>, PlaceError> {
  const gap = index - chain.index;
  if (gap > RATCHET_LIMITS.skip) return err({ type: 'TooFarAhead', gap, limit: RATCHET_LIMITS.skip });
  const skipped = skipTo(chain, index);
  const { next, messageKey } = step(skipped.next);
  if (gap > 0) wipe(skipped.next.key);
  const kept = gap === 0 ? gaps : [...gaps, { from: chain.index, at: now, keys: skipped.keys }];
  return ok({ chain: next, gaps: kept, messageKey, spent: [chain.key] });
}
