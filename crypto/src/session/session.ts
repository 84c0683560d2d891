/**
 * One session between two devices: a ratchet, and what names it. Sealing and opening bind every message to the
 * handshake's transcript, and through it to both identities (PQXDH, 3.3: AD). Which session to use is `sessions.ts`.
 */
import { concat, equalBytes } from '../bytes.ts';
import type { Device } from '../identity/device.ts';
import { initiate, respond, type ResponseInput, type UnknownPreKey } from '../handshake/pqxdh.ts';
import type { PreKeyBundle } from '../handshake/publication.ts';
import type { Public, WeakKey } from '../keys.ts';
import type { Random } from '../random.ts';
import { open, type RatchetOpenError } from '../ratchet/open.ts';
import { initiatorRatchet, type Ratchet, responderRatchet } from '../ratchet/ratchet.ts';
import { seal } from '../ratchet/seal.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { initialPrefix, ongoingPrefix, TAG_LENGTH } from './message.ts';

/** Plain data, never mutated. */
export interface Session {
  readonly role: 'initiator' | 'responder';
  /** The initiator's ephemeral key: one per handshake. */
  readonly ephemeral: Public<'Ephemeral'>;
  /** Hash over the whole handshake; its first bytes are the tag in ongoing messages. */
  readonly transcript: Uint8Array;
  /** The initial prefix that every message carries; `undefined` once the peer answered. */
  readonly pending: Uint8Array | undefined;
  readonly createdAt: number;
  readonly ratchet: Ratchet;
}

/**
 * Starts a session towards a peer device (PQXDH, 3.3; Double Ratchet, 5.1: SK is the first root, the peer's signed
 * pre-key its first ratchet key). Nothing is sent yet; the handshake rides on the first messages.
 */
export function initiateSession(
  self: Device,
  peer: PreKeyBundle,
  { random, now }: { readonly random: Random; readonly now: number },
): Result<Session, WeakKey> {
  const agreed = initiate(self, peer, random);
  if (!agreed.ok) return agreed;
  const { root, transcript, header } = agreed.value;
  return ok({
    role: 'initiator',
    ephemeral: header.ephemeral,
    transcript,
    pending: initialPrefix(header),
    createdAt: now,
    ratchet: initiatorRatchet(root, peer.signedKey),
  });
}

/**
 * The session that a peer's initial message starts (PQXDH, 3.4; Double Ratchet, 5.1: our signed pre-key pair is our first
 * ratchet pair). It counts only once that message has authenticated: until then the caller keeps nothing of it.
 */
export function respondSession(input: ResponseInput, now: number): Result<Session, WeakKey | UnknownPreKey> {
  const agreed = respond(input);
  if (!agreed.ok) return agreed;
  const { root, transcript, ratchetPair } = agreed.value;
  return ok({
    role: 'responder',
    ephemeral: input.header.ephemeral,
    transcript,
    pending: undefined,
    createdAt: now,
    ratchet: responderRatchet(root, ratchetPair),
  });
}

/** What one sealing gives. */
export interface SessionSealed {
  readonly next: Session;
  readonly spent: readonly Uint8Array[];
  readonly message: Uint8Array;
}

/**
 * Seals in this session. What is authenticated beside the plaintext, all but `ad` of fixed length by kind:
 *
 *     ratchet header 40 | transcript 32 | prefix 10 or 1130 | ad
 */
export function sealInSession(
  session: Session,
  { plaintext, ad, random }: { readonly plaintext: Uint8Array; readonly ad: Uint8Array; readonly random: Random },
): Result<SessionSealed, WeakKey> {
  const prefix = session.pending ?? ongoingPrefix(tagOf(session));
  const sealed = seal(session.ratchet, { plaintext, ad: concat(session.transcript, prefix, ad), random });
  if (!sealed.ok) return sealed;
  const { next, spent, message } = sealed.value;
  return ok({ next: { ...session, ratchet: next }, spent, message: concat(prefix, message) });
}

/** What one opening gives. */
export interface SessionOpened {
  readonly next: Session;
  readonly spent: readonly Uint8Array[];
  readonly plaintext: Uint8Array;
}

/**
 * Opens in this session. To an initiator any opened message is the answer: the peer has the session, so `pending` ends
 * and the handshake is repeated no more (Sesame, 5.2). A responder never has one.
 */
export function openInSession(
  session: Session,
  { prefix, inner }: { readonly prefix: Uint8Array; readonly inner: Uint8Array },
  { ad, now }: { readonly ad: Uint8Array; readonly now: number },
): Result<SessionOpened, RatchetOpenError> {
  const opened = open(session.ratchet, { message: inner, ad: concat(session.transcript, prefix, ad), now });
  if (!opened.ok) return err(opened.error);
  const { next, spent, plaintext } = opened.value;
  return ok({ next: { ...session, ratchet: next, pending: undefined }, spent, plaintext });
}

/** The 8 bytes that name the session in ongoing messages. */
export function tagOf({ transcript }: Session): Uint8Array {
  return transcript.slice(0, TAG_LENGTH);
}

/** Whether an ongoing message with this tag belongs here. */
export function hasTag(session: Session, tag: Uint8Array): boolean {
  return equalBytes(tagOf(session), tag);
}
