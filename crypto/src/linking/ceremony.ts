/**
 * The two sides of linking a device: N, new, and E, an own one that vouches for it. Four messages, through a place at the
 * relay that both know from the code:
 *
 *     N  offer: commitment to its key and hello          ->  E
 *     N  <-  reply: E's key                                  E
 *     N  reveal: what it committed to                    ->  E        both show six digits; E's user compares
 *     N  <-  grant: the account                              E        only after the user said that they are the same
 *
 * Who does not have the code reads and changes nothing. Who has it (saw the screen, found the photo) and sits in between
 * makes the digits differ, but for one chance in a million each time that a user goes through it. Who learns the code
 * later opens the hello that he kept, not the grant; a quantum computer would open the grant too, if it has the code.
 *
 * Each state serves one ceremony, in memory only, and is passed to {@link endLink} when that is over. `hello` and `grant`
 * are the caller's bytes.
 */
import { equalBytes, wipe } from '../bytes.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { NONCE_BYTES, x25519Public } from '../sodium.ts';
import type { LinkCode } from './code.ts';
import {
  COMMITMENT_BYTES,
  LINK_LIMITS,
  OFFER,
  openLinkMessage,
  openWithCode,
  REPLY,
  REVEAL,
  sealLinkMessage,
  sealWithCode,
} from './message.ts';
import { agree, commitmentTo, type Opening } from './transcript.ts';

/** N, before anybody answered. */
export interface OfferedLink {
  readonly type: 'Offered';
  readonly code: LinkCode;
  readonly secretKey: Secret<'Link'>;
  readonly opening: Opening;
  readonly commitment: Uint8Array;
  readonly time: number;
  readonly revealNonce: Uint8Array;
}

/** E, before it knows who asks. */
export interface AnsweredLink {
  readonly type: 'Answered';
  readonly code: LinkCode;
  readonly secretKey: Secret<'Link'>;
  readonly publicKey: Public<'Link'>;
  readonly commitment: Uint8Array;
  readonly time: number;
}

/** N, waiting for the grant. */
export interface RevealedLink {
  readonly type: 'Revealed';
  readonly grantKey: Secret<'LinkGrant'>;
}

/** E, whose user compares the digits. */
export interface ComparedLink {
  readonly type: 'Compared';
  readonly grantKey: Secret<'LinkGrant'>;
}

/**
 * Why a ceremony ends. `WrongCode`: not sealed under this code. `Substituted`: sealed under it, but not what was committed to
 * or answered before; somebody who knows the code is in between, or an old message was sent again. After any of them a
 * new code is needed.
 */
export type LinkError = Malformed | { readonly type: 'WrongCode' } | { readonly type: 'Substituted' };

/** What the new device starts with; `hello` has at most {@link LINK_LIMITS} bytes, else RangeError. */
export interface OfferInput {
  readonly code: LinkCode;
  readonly time: number;
  readonly hello: Open;
  readonly random: Random;
}

/** What the existing device answers to. */
export interface AnswerInput {
  readonly code: LinkCode;
  readonly offer: Uint8Array;
  readonly random: Random;
}

/** N: commits to a fresh key and to `hello`. */
export function offerLink({ code, time, hello, random }: OfferInput): { state: OfferedLink; offer: Uint8Array } {
  if (hello.length > LINK_LIMITS.helloBytes) throw new RangeError('the hello of a link is too long');
  const { secretKey, publicKey } = keyPair(random);
  const opening = { key: publicKey, nonce: random(COMMITMENT_BYTES), hello: hello.slice() };
  const commitment = commitmentTo(opening);
  const content = OFFER.encode({ commitment, time });
  const offer = sealWithCode(code, { kind: 'offer', content, nonce: random(NONCE_BYTES) });
  const revealNonce = random(NONCE_BYTES);
  const kept = asSecret<'LinkCode'>(code.slice());
  return { state: { type: 'Offered', code: kept, secretKey, opening, commitment, time, revealNonce }, offer };
}

/**
 * E: answers an offer with a fresh key. `time` is when it was made, by N's clock: the caller judges whether it is too old.
 * Answer once for each time that the user gave the code: every answer is another chance for the digits to fit.
 */
export function answerOffer(
  input: AnswerInput,
): Result<{ state: AnsweredLink; reply: Uint8Array; time: number }, LinkError> {
  const { code, random } = input;
  const opened = openWithCode(code, 'offer', input.offer);
  if (!opened.ok) return opened;
  const offer = OFFER.decode(opened.value);
  if (offer === undefined) return err({ type: 'Malformed' });
  const { commitment, time } = offer;
  const pair = keyPair(random);
  const content = REPLY.encode({ commitment, key: pair.publicKey });
  const reply = sealWithCode(code, { kind: 'reply', content, nonce: random(NONCE_BYTES) });
  const kept = asSecret<'LinkCode'>(code.slice());
  return ok({ state: { type: 'Answered', code: kept, ...pair, commitment, time }, reply, time });
}

/** N: opens its commitment, to the first reply only. A later one with another key is `Substituted`. */
export function revealLink(
  state: OfferedLink,
  reply: Uint8Array,
): Result<{ state: RevealedLink; reveal: Uint8Array; comparison: string }, LinkError> {
  const { code, secretKey, opening, commitment, time, revealNonce } = state;
  const opened = openWithCode(code, 'reply', reply);
  if (!opened.ok) return opened;
  const content = REPLY.decode(opened.value);
  if (content === undefined) return err({ type: 'Malformed' });
  const { key: theirs } = content;
  if (!equalBytes(content.commitment, commitment)) return err({ type: 'Substituted' });
  const agreement = agree({ secretKey, theirs, code, said: { ...opening, commitment, time, reply: theirs } });
  if (agreement === undefined || !isFirstReply(state, theirs)) return err({ type: 'Substituted' });
  const { grantKey, comparison } = agreement;
  const reveal = sealWithCode(code, { kind: 'reveal', content: REVEAL.encode(opening), nonce: revealNonce });
  return ok({ state: { type: 'Revealed', grantKey }, reveal, comparison });
}

/** E: checks the reveal against the commitment. Both users now see `comparison`, or the ceremony has failed. */
export function readReveal(
  state: AnsweredLink,
  reveal: Uint8Array,
): Result<{ state: ComparedLink; hello: Uint8Array; comparison: string }, LinkError> {
  const { code, secretKey, publicKey, commitment, time } = state;
  const opened = openWithCode(code, 'reveal', reveal);
  if (!opened.ok) return opened;
  const opening = REVEAL.decode(opened.value);
  if (opening === undefined) return err({ type: 'Malformed' });
  if (!equalBytes(commitmentTo(opening), commitment)) return err({ type: 'Substituted' });
  const said = { ...opening, commitment, time, reply: publicKey };
  const agreement = agree({ secretKey, theirs: opening.key, code, said });
  if (agreement === undefined) return err({ type: 'Substituted' });
  const { grantKey, comparison } = agreement;
  return ok({ state: { type: 'Compared', grantKey }, hello: opening.hello, comparison });
}

/** E: what the new device gets. Call it only after the user has confirmed the comparison. Throws RangeError over the cap. */
export function sealGrant({ grantKey }: ComparedLink, grant: Uint8Array, random: Random): Uint8Array {
  return sealLinkMessage(grantKey, { kind: 'grant', content: grant, nonce: random(NONCE_BYTES) });
}

/** N: the grant. `Substituted`: not from the device whose digits were compared, or changed. */
export function openGrant({ grantKey }: RevealedLink, bytes: Uint8Array): Result<Uint8Array, LinkError> {
  const opened = openLinkMessage(grantKey, 'grant', bytes);
  if (opened.ok) return opened;
  return err(opened.error.type === 'Unopened' ? { type: 'Substituted' } : { type: 'Malformed' });
}

/** Wipes what the states keep secret, their copies of the code included. They are of no use afterwards. */
export function endLink(...states: readonly (OfferedLink | AnsweredLink | RevealedLink | ComparedLink)[]): void {
  for (const state of states) {
    if (state.type === 'Offered' || state.type === 'Answered') wipe(state.code, state.secretKey);
    else wipe(state.grantKey);
  }
}

function keyPair(random: Random): { readonly secretKey: Secret<'Link'>; readonly publicKey: Public<'Link'> } {
  const secretKey = asSecret<'Link'>(random(KEY_BYTES));
  return { secretKey, publicKey: asPublic<'Link'>(x25519Public(secretKey)) };
}

/**
 * Whoever has seen a reveal can search for a key that gives the digits he wants, and pass it off as another reply. So a
 * state remembers the key that it was revealed to, for as long as it lives.
 */
function isFirstReply(state: OfferedLink, key: Public<'Link'>): boolean {
  const first = answered.get(state);
  if (first !== undefined) return equalBytes(first, key);
  answered.set(state, key);
  return true;
}

const answered = new WeakMap<OfferedLink, Public<'Link'>>();
