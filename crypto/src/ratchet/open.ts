/**
 * Opening one message (Double Ratchet, 3.5 RatchetDecrypt): find its key, authenticate, and only then commit. Every
 * failure leaves the state as it was (C-RATCHET-5). The caller persists `next` before it shows the plaintext, then wipes
 * `spent`.
 *
 *     key of the header known?  -- yes --> skipped key, or skip forward in that chain
 *                               -- no  --> finish the newest chain, turn the ratchet, skip forward in the new chain
 */
import { concat, equalBytes, wipe } from '../bytes.ts';
import type { Secret, WeakKey } from '../keys.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen } from '../sodium.ts';
import { skipTo } from './chain.ts';
import { HEADER, type Header, RATCHET_MESSAGE, type RatchetMessage } from './message.ts';
import { prune } from './prune.ts';
import { type Ratchet, RATCHET_LIMITS, type ReceivingChain } from './ratchet.ts';
import { type PlaceError, takeKey } from './receiving.ts';
import { turnReceiving } from './turn.ts';

/** What to open. `ad` must be what the sender gave; `now` ages skipped keys. */
export interface OpenInput {
  readonly message: Uint8Array;
  readonly ad: Uint8Array;
  readonly now: number;
}

/** An opened message, the state after it, and the secrets that no state needs any more. */
export interface Opened {
  readonly next: Ratchet;
  readonly spent: readonly Uint8Array[];
  readonly plaintext: Uint8Array;
}

/**
 * Why a message does not open. After `TooFarAhead` a new session is the way on. `Forged`: anything else that does not
 * authenticate.
 */
export type RatchetOpenError = Malformed | WeakKey | PlaceError | { readonly type: 'Forged' };

/**
 * A state that would be true if the message authenticates under `messageKey`. Computing one changes nothing: header and
 * key are still unproven, and a candidate whose message does not authenticate is simply forgotten.
 */
interface Candidate {
  readonly next: Ratchet;
  readonly messageKey: Secret<'Message'>;
  readonly spent: readonly Uint8Array[];
}

type Try = Result<Candidate, RatchetOpenError>;

/**
 * Opens the bytes of a ratchet message: parse, find the key (a candidate state), authenticate, and only then commit by
 * answering the pruned candidate as `next` (Double Ratchet, 3.5 RatchetDecrypt).
 */
export function open(ratchet: Ratchet, { message, ad, now }: OpenInput): Result<Opened, RatchetOpenError> {
  const parsed = RATCHET_MESSAGE.decode(message);
  if (parsed === undefined) return err({ type: 'Malformed' });
  const found = findKey(ratchet, parsed.header, now);
  if (!found.ok) return found;
  const { next, messageKey, spent } = found.value;
  const plaintext = authenticate(parsed, messageKey, ad);
  if (plaintext === undefined) return err({ type: 'Forged' });
  return ok({ next: prune(next, now), spent: [...spent, messageKey], plaintext });
}

/** AEAD over header and ad (3.1 DECRYPT with CONCAT(AD, header)); the header comes first because its length is fixed. */
function authenticate({ header, nonce, ciphertext }: RatchetMessage, messageKey: Secret<'Message'>, ad: Uint8Array) {
  return aeadOpen(messageKey, nonce, ciphertext, concat(HEADER.encode(header), ad));
}

/** A header's ratchet key says which chain the message is in; an unknown one means that the peer turned the ratchet. */
function findKey(ratchet: Ratchet, header: Header, now: number): Try {
  const known = ratchet.receiving.find(({ ratchetKey }) => equalBytes(ratchetKey, header.ratchetKey));
  return known === undefined ? inNewChain(ratchet, header, now) : inKnownChain(ratchet, known, { header, now });
}

/** TrySkippedMessageKeys (3.5), or a step in the chain that is running. */
function inKnownChain(ratchet: Ratchet, known: ReceivingChain, { header, now }: { header: Header; now: number }): Try {
  const taken = takeKey(known, { index: header.index, now });
  if (!taken.ok) return taken;
  const { chain, gaps, messageKey, spent } = taken.value;
  return ok({ next: replaceChain(ratchet, known, { ...known, chain, gaps }), messageKey, spent });
}

/** The peer turned the ratchet: the old chain ends at `previousCount`, a new one begins (3.5, DHRatchet). */
function inNewChain(ratchet: Ratchet, { ratchetKey, previousCount, index }: Header, now: number): Try {
  // Nobody knows a key of ours to have turned against: an initiator that has not sealed yet.
  if (ratchet.self === undefined) return err({ type: 'Forged' });
  const finished = finishNewest(ratchet.receiving, previousCount, now);
  if (!finished.ok) return finished;
  const turn = turnReceiving(ratchet.root, ratchet.self, ratchetKey);
  if (turn === undefined) return err({ type: 'WeakKey' });
  const taken = takeKey({ chain: turn.chain, gaps: [] }, { index, now });
  if (!taken.ok) return taken;
  const { chain, gaps, messageKey, spent } = taken.value;
  const next: Ratchet = {
    root: turn.root,
    self: ratchet.self,
    peer: ratchetKey,
    // Our half of the turn waits for the next seal (6.5).
    sending: undefined,
    previousCount: ratchet.sending?.index ?? ratchet.previousCount,
    receiving: [{ ratchetKey, chain, gaps }, ...finished.value],
  };
  const chains = [ratchet.receiving[0]?.chain?.key, ratchet.sending?.key].filter((key) => key !== undefined);
  return ok({ next, messageKey, spent: [ratchet.root, ...chains, ...spent] });
}

/**
 * Ends the newest chain at the count that the peer gives for it (PN): keys of messages still to come are kept, the chain
 * key is not, so nothing beyond that count can ever open. Only the newest chain can be running: a peer turns only after
 * it has heard from us, and by then we had heard from its chain before.
 */
function finishNewest(
  [newest, ...older]: readonly ReceivingChain[],
  count: number,
  now: number,
): Result<readonly ReceivingChain[], RatchetOpenError> {
  if (newest?.chain === undefined) return ok(newest === undefined ? older : [newest, ...older]);
  const gap = count - newest.chain.index;
  if (gap > RATCHET_LIMITS.skip) return err({ type: 'TooFarAhead', gap, limit: RATCHET_LIMITS.skip });
  if (gap <= 0) return ok([{ ...newest, chain: undefined }, ...older]);
  const { keys, next } = skipTo(newest.chain, count);
  wipe(next.key);
  const gaps = [...newest.gaps, { from: newest.chain.index, at: now, keys }];
  return ok([{ ...newest, chain: undefined, gaps }, ...older]);
}

function replaceChain(ratchet: Ratchet, old: ReceivingChain, receiving: ReceivingChain): Ratchet {
  return { ...ratchet, receiving: ratchet.receiving.map((chain) => (chain === old ? receiving : chain)) };
}
