/**
 * A ratchet for sealed storage. Skipped keys stay packed: a session without any takes about 300 bytes.
 *
 *     root 32 | self? 1 + 64 | peer? 1 + 32 | sending? 1 + 36 | previous count u32 | receiving chains u16 + each
 *     receiving chain = ratchet key 32 | chain? 1 + 36 | gaps u16 + each (from u32 | at u48 | keys u16 + 32 each)
 *
 * What is absent in memory is `undefined`; in a layout it is a zero flag, and `null`.
 */
import { stateLayout, type ValueOf } from '../codec.ts';
import { ABSENT, list, optional, publicKey, secret, sizedSecret, time, unsigned } from '../fields.ts';
import { KEY_BYTES } from '../keys.ts';
import type { Chain } from './chain.ts';
import { type Ratchet, RATCHET_LIMITS } from './ratchet.ts';
import type { Gap } from './skipped.ts';

/** The layout of a stored chain: 36 bytes. */
export const CHAIN = stateLayout({ key: secret<'Chain'>(), index: unsigned(4) });
const GAP = stateLayout({ from: unsigned(4), at: time, keys: sizedSecret<'Skipped'>(RATCHET_LIMITS.skip * KEY_BYTES) });
/** The layout of the skipped keys of one chain; whether they can be true says {@link areGaps}. */
export const GAPS = list(GAP, RATCHET_LIMITS.keptKeys);
const RECEIVING = stateLayout({ ratchetKey: publicKey<'Ratchet'>(), chain: optional(CHAIN), gaps: GAPS });
const PAIR = stateLayout({ publicKey: publicKey<'Ratchet'>(), secretKey: secret<'Ratchet'>() });

/** The layout of a stored ratchet. Absent parts are `null` here; see {@link storedRatchet}. */
export const RATCHET = stateLayout({
  root: secret<'Root'>(),
  self: optional(PAIR),
  peer: optional(publicKey<'Ratchet'>()),
  sending: optional(CHAIN),
  previousCount: unsigned(4),
  receiving: list(RECEIVING, RATCHET_LIMITS.chains + 1),
});

type StoredRatchet = ValueOf<typeof RATCHET>;

/** The ratchet as it is encoded. */
export function storedRatchet({ root, self, peer, sending, previousCount, receiving }: Ratchet): StoredRatchet {
  return {
    root,
    self: self ?? ABSENT,
    peer: peer ?? ABSENT,
    sending: sending ?? ABSENT,
    previousCount,
    receiving: receiving.map(({ ratchetKey, chain, gaps }) => ({ ratchetKey, chain: chain ?? ABSENT, gaps })),
  };
}

/**
 * Inverse of {@link storedRatchet}; `undefined` for a state that no ratchet can be in. The store is sealed, so this
 * guards against bugs and downgrades, not against attackers; still no later step may have to doubt the state.
 */
export function restoredRatchet(stored: StoredRatchet): Ratchet | undefined {
  const { root, previousCount, receiving } = stored;
  const [self, peer, sending] = [stored.self ?? undefined, stored.peer ?? undefined, stored.sending ?? undefined];
  if (sending !== undefined && self === undefined) return undefined;
  const chains = receiving.map(({ ratchetKey, chain, gaps }) => ({ ratchetKey, chain: chain ?? undefined, gaps }));
  const whole = chains.every(({ chain, gaps }) => areGaps(gaps, chain));
  return whole ? { root, self, peer, sending, previousCount, receiving: chains } : undefined;
}

/** Rising, whole, not empty, and behind the chain: what the binary search in `skipped.ts` relies on. */
export function areGaps(gaps: readonly Gap[], chain: Chain | undefined): boolean {
  let end = 0;
  for (const { from, keys } of gaps) {
    if (from < end || keys.length === 0 || keys.length % KEY_BYTES !== 0) return false;
    end = from + keys.length / KEY_BYTES;
  }
  return chain === undefined || end <= chain.index;
}
