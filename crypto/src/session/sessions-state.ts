/**
 * Sessions for sealed storage: secrets in the clear, so the bytes must go into the vault and nowhere else (their type is
 * `Secret`).
 *
 *     version u8 | sessions u16 + each | closed handshakes u16 + 32 each
 *     session = initiator u8 | ephemeral 32 | transcript 32 | pending? 1 + 1130 | created u48 | ratchet
 *
 * Written with every message, so it is small: under 400 bytes for a session in an ordinary conversation.
 */
import { stateLayout, type ValueOf } from '../codec.ts';
import { ABSENT, constant, fixed, flag, list, optional, publicKey, time } from '../fields.ts';
import type { Secret } from '../keys.ts';
import { asSecret, KEY_BYTES } from '../keys.ts';
import { RATCHET, restoredRatchet, storedRatchet } from '../ratchet/ratchet-state.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { INITIAL_PREFIX_BYTES } from './message.ts';
import type { Session } from './session.ts';
import { SESSION_LIMITS, type Sessions } from './sessions.ts';

const SESSION = stateLayout({
  initiator: flag,
  ephemeral: publicKey<'Ephemeral'>(),
  transcript: fixed(KEY_BYTES),
  pending: optional(fixed(INITIAL_PREFIX_BYTES)),
  createdAt: time,
  ratchet: RATCHET,
});
const STATE = stateLayout({
  version: constant(1),
  list: list(SESSION, SESSION_LIMITS.kept),
  closed: list(publicKey<'Ephemeral'>(), SESSION_LIMITS.closed),
});

/** All sessions with one peer device as bytes. The same state always gives the same bytes. */
export function encodeSessions({ list, closed }: Sessions): Secret<'StoredSessions'> {
  return asSecret<'StoredSessions'>(STATE.encode({ version: 1, list: list.map(stored), closed }));
}

/** Inverse of {@link encodeSessions}; `Malformed` for anything that it would not have written. */
export function decodeSessions(bytes: Uint8Array): Result<Sessions, Malformed> {
  const state = STATE.decode(bytes);
  if (state === undefined) return err({ type: 'Malformed' });
  const sessions = state.list.map(restored).filter((session) => session !== undefined);
  if (sessions.length !== state.list.length) return err({ type: 'Malformed' });
  return ok({ list: sessions, closed: state.closed });
}

function stored({ role, pending, ratchet, ephemeral, transcript, createdAt }: Session): ValueOf<typeof SESSION> {
  const initiator = role === 'initiator';
  const kept = { ephemeral, transcript, createdAt };
  return { ...kept, initiator, pending: pending ?? ABSENT, ratchet: storedRatchet(ratchet) };
}

function restored({ initiator, pending, ratchet, ...kept }: ValueOf<typeof SESSION>): Session | undefined {
  const whole = restoredRatchet(ratchet);
  const role = initiator ? 'initiator' : 'responder';
  return whole && { ...kept, role, pending: pending ?? undefined, ratchet: whole };
}
