/**
 * All sessions with one peer device, and which to use (The Sesame Algorithm, revision 2). Normally there is one. More
 * appear when both sides start at the same time, or when one side lost its state and starts again; then the rules are:
 *
 * - the session at the front is the active one, and sealing uses it (Sesame, 2.1);
 * - a message that opens in any session makes that one active, so both sides meet in one (Sesame, 2.1);
 * - a peer's initial message starts a session beside those that exist, and an initiator repeats its handshake until it
 *   is answered (Sesame, 5.2);
 * - old sessions are kept, bounded, because messages in them may still be on their way.
 *
 * Plain data, never mutated. Knows nothing of accounts or of which devices there are; one `Sessions` per peer device.
 */
import { equalBytes } from '../bytes.ts';
import type { UnknownPreKey } from '../handshake/pqxdh.ts';
import { NO_ONE_TIME } from '../handshake/pqxdh.ts';
import type { PreKeys } from '../handshake/pre-keys.ts';
import type { PreKeyBundle } from '../handshake/publication.ts';
import type { Device } from '../identity/device.ts';
import type { Public, WeakKey } from '../keys.ts';
import type { Random } from '../random.ts';
import type { RatchetOpenError } from '../ratchet/open.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { parseSessionMessage, type SessionMessage } from './message.ts';
import { hasTag, initiateSession, openInSession, respondSession, sealInSession, type Session } from './session.ts';

/** Everything this device shares with one peer device. */
export interface Sessions {
  /** The active one first. */
  readonly list: readonly Session[];
  /** Ephemeral keys of peers' handshakes whose session is gone: a replay of their first message must not start a second. */
  readonly closed: readonly Public<'Ephemeral'>[];
}

const DAY = 24 * 60 * 60 * 1000;

/** Bounds of {@link Sessions} (C-SESSION-6, C-SESSION-7). */
export const SESSION_LIMITS = {
  kept: 8,
  closed: 64,
  /** An unanswered session this old was made for pre-keys that the peer may have dropped. */
  unansweredFor: 21 * DAY,
} as const;

/** No session is there. */
export interface NoSession {
  readonly type: 'NoSession';
}

/** Why a message from a peer device does not open. Every one leaves the old state true. */
export type OpenError = RatchetOpenError | NoSession | UnknownPreKey;

/** What {@link startSession} needs: who we are, the peer's verified pre-keys, randomness, the time in milliseconds. */
export interface StartInput {
  readonly self: Device;
  readonly peer: PreKeyBundle;
  readonly random: Random;
  readonly now: number;
}

/** What {@link sealMessage} seals. `ad` is authenticated and not sent. */
export interface SealMessageInput {
  readonly plaintext: Uint8Array;
  readonly ad: Uint8Array;
  readonly random: Random;
}

/** Persist `next` before `message` leaves the device; then `wipe(...spent)`. */
export interface SealedMessage {
  readonly next: Sessions;
  readonly message: Uint8Array;
  readonly spent: readonly Uint8Array[];
}

/** What {@link openMessage} needs; `peerDeviceKey` is whom the envelope proved to be the sender. */
export interface OpenMessageInput {
  readonly self: Device;
  readonly preKeys: PreKeys;
  readonly peerDeviceKey: Public<'Device'>;
  readonly message: Uint8Array;
  readonly ad: Uint8Array;
  readonly now: number;
}

/** Persist `next`, and `dropOneTime(preKeys, usedOneTime)` with it, before showing `plaintext`; then `wipe(...spent)`. */
export interface OpenedMessage {
  readonly next: Sessions;
  readonly plaintext: Uint8Array;
  readonly usedOneTime?: number;
  readonly spent: readonly Uint8Array[];
}

/** Before any contact with the peer device. */
export function emptySessions(): Sessions {
  return { list: [], closed: [] };
}

/** Whether {@link sealMessage} would find a session. */
export function canSeal({ list }: Sessions): boolean {
  return list.length > 0;
}

/** Whether it is time to fetch pre-keys and start anew: no session, or one that the peer left unanswered for too long. */
export function needsNewSession({ list }: Sessions, now: number): boolean {
  const [active] = list;
  return (
    active === undefined || (active.pending !== undefined && now - active.createdAt > SESSION_LIMITS.unansweredFor)
  );
}

/**
 * Starts a session and makes it active; existing ones stay for messages on their way. Call it when there is none, when
 * {@link needsNewSession} says so, and after an `openMessage` that shows the peer to have another state than we think:
 * `NoSession`, `UnknownPreKey`, `TooFarAhead`.
 */
export function startSession(sessions: Sessions, { self, peer, random, now }: StartInput): Result<Sessions, WeakKey> {
  const started = initiateSession(self, peer, { random, now });
  // An own session that never sealed anything cannot be answered: it makes room.
  const used = sessions.list.filter(({ ratchet }) => ratchet.self !== undefined);
  return started.ok ? ok(bounded({ ...sessions, list: [started.value, ...used] })) : started;
}

/** Seals in the active session (Sesame, 2.1). `NoSession`: fetch the peer's pre-keys and start one. */
export function sealMessage(sessions: Sessions, input: SealMessageInput): Result<SealedMessage, NoSession | WeakKey> {
  const [active, ...others] = sessions.list;
  if (active === undefined) return err({ type: 'NoSession' });
  const sealed = sealInSession(active, input);
  if (!sealed.ok) return sealed;
  const { next, message, spent } = sealed.value;
  return ok({ next: { ...sessions, list: [next, ...others] }, message, spent });
}

/**
 * Opens a peer's message in the session it belongs to, or in the one that it starts.
 *
 *     known session                -> open there; it becomes the active one
 *     unknown, ongoing             -> NoSession: we lost it, or never had it
 *     unknown, initial, was closed -> AlreadyOpened: a replay
 *     unknown, initial             -> PQXDH with our pre-keys, open, and only then keep the session
 */
export function openMessage(sessions: Sessions, input: OpenMessageInput): Result<OpenedMessage, OpenError> {
  const message = parseSessionMessage(input.message);
  if (message === undefined) return err({ type: 'Malformed' });
  const session = sessions.list.find((candidate) => isFor(candidate, message));
  if (session !== undefined) return openExisting(sessions, session, message, input);
  if (message.type === 'ongoing') return err({ type: 'NoSession' });
  return openNew(sessions, message, input);
}

/** Ongoing messages name their session by tag; initial ones by the ephemeral key, of which there is one a handshake. */
function isFor(session: Session, message: SessionMessage): boolean {
  if (message.type === 'ongoing') return hasTag(session, message.tag);
  return session.role === 'responder' && equalBytes(session.ephemeral, message.header.ephemeral);
}

function openExisting(
  sessions: Sessions,
  session: Session,
  message: SessionMessage,
  input: OpenMessageInput,
): Result<OpenedMessage, OpenError> {
  const opened = openInSession(session, message, input);
  if (!opened.ok) return opened;
  const { next, plaintext, spent } = opened.value;
  const others = sessions.list.filter((other) => other !== session);
  return ok({ next: { ...sessions, list: [next, ...others] }, plaintext, spent });
}

function openNew(
  sessions: Sessions,
  message: Extract<SessionMessage, { type: 'initial' }>,
  input: OpenMessageInput,
): Result<OpenedMessage, OpenError> {
  const { header } = message;
  if (sessions.closed.some((key) => equalBytes(key, header.ephemeral))) return err({ type: 'AlreadyOpened', index: 0 });
  const started = respondSession({ ...input, header }, input.now);
  if (!started.ok) return started;
  const opened = openInSession(started.value, message, input);
  if (!opened.ok) return opened;
  const { next, plaintext, spent } = opened.value;
  const kept = bounded({ ...sessions, list: [next, ...sessions.list] });
  const used = header.oneTimeId === NO_ONE_TIME ? {} : { usedOneTime: header.oneTimeId };
  return ok({ next: kept, plaintext, spent, ...used });
}

/** Over the cap an unanswered own session goes first, the longest unused; else the longest unused of all. */
function bounded(sessions: Sessions): Sessions {
  const { list, closed } = sessions;
  if (list.length <= SESSION_LIMITS.kept) return sessions;
  const unanswered = list.findLastIndex(({ pending }) => pending !== undefined);
  const victim = list[unanswered > 0 ? unanswered : list.length - 1];
  const remembered =
    victim?.role === 'responder' ? [victim.ephemeral, ...closed].slice(0, SESSION_LIMITS.closed) : closed;
  return bounded({ list: list.filter((session) => session !== victim), closed: remembered });
}
