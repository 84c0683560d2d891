/**
 * Opening one group message: first the signature, which needs no chain; then the key of its place; then the plaintext; and
 * only then commit. Every failure leaves the state as it was (C-GROUP-6), and what the sender did not sign costs one
 * verification. The caller persists `next` before it shows the plaintext, then wipes `spent`.
 */
import { verifyLabelled } from '../identity/signature.ts';
import { LABELS } from '../labels.ts';
import { RATCHET_LIMITS } from '../ratchet/ratchet.ts';
import { type PlaceError, takeKey } from '../ratchet/receiving.ts';
import { countSkipped, dropFirst, dropOlder } from '../ratchet/skipped.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen } from '../sodium.ts';
import { boundTo, parseGroupMessage, signedPart } from './message.ts';
import type { ReceivedSenderKey } from './sender-key.ts';

/** What to open. `ad` must be what the sender gave; `now` ages skipped keys. */
export interface GroupOpenInput {
  readonly message: Uint8Array;
  readonly ad: Uint8Array;
  readonly now: number;
}

/** An opened message, the state after it, and the secrets that no state needs any more. */
export interface GroupOpened {
  readonly next: ReceivedSenderKey;
  readonly spent: readonly Uint8Array[];
  readonly plaintext: Uint8Array;
}

/**
 * Why a group message does not open. `Forged`: the sender did not sign it, or not with this `ad`. `AlreadyOpened`: also for
 * what was sent before the sender told us the key. After `TooFarAhead` only a new sender key helps.
 */
export type GroupOpenError = Malformed | PlaceError | { readonly type: 'Forged' };

/** Opens a message of the sender key that its envelope names. */
export function openFromGroup(
  received: ReceivedSenderKey,
  { message, ad, now }: GroupOpenInput,
): Result<GroupOpened, GroupOpenError> {
  const parsed = parseGroupMessage(message);
  if (parsed === undefined) return err({ type: 'Malformed' });
  const { index, nonce, signature, ciphertext } = parsed;
  if (!verifyLabelled(received.publicKey, LABELS.groupMessage, signedPart(parsed, ad), signature))
    return err({ type: 'Forged' });
  const taken = takeKey(received, { index, now });
  if (!taken.ok) return taken;
  const { chain, gaps, messageKey, spent } = taken.value;
  // Signed, and still another key: the sender told us another chain than it uses.
  const plaintext = aeadOpen(messageKey, nonce, ciphertext, boundTo(index, ad));
  if (plaintext === undefined) return err({ type: 'Forged' });
  return ok({ next: prune({ ...received, chain, gaps }, now), spent: [...spent, messageKey], plaintext });
}

/** Skipped keys within the bounds of the pairwise ratchet (C-GROUP-7); the lowest go first. */
function prune(received: ReceivedSenderKey, now: number): ReceivedSenderKey {
  const gaps = dropOlder(received.gaps, now - RATCHET_LIMITS.keptFor);
  return { ...received, gaps: dropFirst(gaps, countSkipped(gaps) - RATCHET_LIMITS.keptKeys) };
}
