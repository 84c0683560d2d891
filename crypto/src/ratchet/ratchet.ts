/**
 * The state of one Double Ratchet session, its bounds, and its two beginnings (Double Ratchet, 3.2 and 3.3). Plain
 * data, never mutated: `seal` and `open` answer a new one and leave the old one true. Loading, saving and choosing
 * between sessions belong to others.
 *
 * The sending ratchet key is made when the first message of a turn is sealed, not when the peer's key arrives
 * (Double Ratchet, 6.5 "deferring new ratchet key generation"): it lives shorter, and `open` needs no randomness.
 */
import type { KeyPair, Public, Secret } from '../keys.ts';
import type { Chain } from './chain.ts';
import type { Gap } from './skipped.ts';

/** Messages from the peer under one of its ratchet keys. */
export interface ReceivingChain {
  readonly ratchetKey: Public<'Ratchet'>;
  /** `undefined`: the peer has moved on and said how many there were; only skipped ones can still come. */
  readonly chain: Chain | undefined;
  /** Keys of messages not seen yet, rising. */
  readonly gaps: readonly Gap[];
}

/** All that one session's ratchet knows. */
export interface Ratchet {
  readonly root: Secret<'Root'>;
  /** Our current ratchet pair; `undefined` until an initiator's first seal. */
  readonly self: KeyPair<'Ratchet'> | undefined;
  /** The peer's newest ratchet key; `undefined` until a responder's first open. */
  readonly peer: Public<'Ratchet'> | undefined;
  /** `undefined`: it is our turn, and the next seal turns the ratchet. */
  readonly sending: Chain | undefined;
  /** How many messages our previous sending chain had. */
  readonly previousCount: number;
  /** Newest first. */
  readonly receiving: readonly ReceivingChain[];
}

/** Bounds on what a peer can make us compute and keep (C-RATCHET-6 to C-RATCHET-8). */
export const RATCHET_LIMITS = {
  /** Messages that one step may skip in one chain (MAX_SKIP). */
  skip: 2_000,
  /** Skipped keys kept in one session: 64 KB of state at most. */
  keptKeys: 2_000,
  /** Skipped keys older than this are dropped: longer than a relay keeps a queue. */
  keptFor: 45 * 24 * 60 * 60 * 1000,
  /** Receiving chains remembered. */
  chains: 32,
} as const;

/** Alice after the handshake (Double Ratchet, 3.3 RatchetInitAlice): the peer's first key is its signed pre-key. */
export function initiatorRatchet(root: Secret<'Root'>, peer: Public<'Ratchet'>): Ratchet {
  return { root, self: undefined, peer, sending: undefined, previousCount: 0, receiving: [] };
}

/** Bob after the handshake (Double Ratchet, 3.3 RatchetInitBob): his first pair is his signed pre-key. */
export function responderRatchet(root: Secret<'Root'>, self: KeyPair<'Ratchet'>): Ratchet {
  return { root, self, peer: undefined, sending: undefined, previousCount: 0, receiving: [] };
}
