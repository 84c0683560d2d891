/**
 * A telephone call as one device sees it: plain data, never mutated. What happens to it is in `machine.ts`, what is
 * shown of it in `call-view.ts`. Times are milliseconds of this device's clock.
 *
 *     outgoing   dialling ------------------> talking (connecting -> active <-> reconnecting) -> ended
 *     incoming   ringing -> accepting ------> talking                                         -> ended
 *
 * From each phase a call may end; one that is over never comes back.
 */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { CallEnd, CallId, CallMedia, CallSignal, ReceivedSignal } from '../api-phone.ts';
import type { PhoneKeys, PhoneReason } from '../payload/phone-parts.ts';

/** One device of one account. */
export interface Party {
  readonly account: AccountId;
  readonly device: DeviceId;
}

interface About {
  readonly callId: CallId;
  readonly chatId: ChatId;
  readonly peer: AccountId;
  readonly video: boolean;
  /** Since when it rings. */
  readonly since: number;
}

/** The tab here that the user talks from. */
export interface Holding {
  readonly holder: string;
  readonly keys: PhoneKeys;
  readonly held: boolean;
  readonly media: CallMedia;
}

/** Their devices ring. */
export interface Dialling extends About {
  readonly phase: 'dialling';
  readonly outgoing: true;
  readonly mine: Holding;
  /** How often it was said again. */
  readonly repeated: number;
  /** A device of theirs said that it rings. */
  readonly reached: boolean;
}

/** This device rings. */
export interface Ringing extends About {
  readonly phase: 'ringing';
  readonly outgoing: false;
  /** The device that calls. */
  readonly device: DeviceId;
  readonly commitment: Uint8Array;
}

/** Answered here; the caller has not yet revealed what it had committed to. */
export interface Accepting extends About {
  readonly phase: 'accepting';
  readonly outgoing: false;
  readonly device: DeviceId;
  readonly commitment: Uint8Array;
  readonly mine: Holding;
  readonly answeredAt: number;
}

/** The two devices of the call know each other's keys. */
export interface Talking extends About {
  readonly phase: 'talking';
  readonly outgoing: boolean;
  readonly device: DeviceId;
  readonly mine: Holding;
  readonly theirs: { readonly keys: PhoneKeys; readonly held: boolean; readonly media: CallMedia };
  /** Four emoji. */
  readonly comparison: readonly string[];
  readonly answeredAt: number;
  readonly line: 'connecting' | 'active' | 'reconnecting';
  /** When it was `active` for the first time. */
  readonly connectedAt?: number;
  /** When it was last stored. */
  readonly keptAt: number;
  readonly signals: Signals;
}

/** Signals in both directions, each in an unbroken row from 1. */
export interface Signals {
  /** The last one sent. */
  readonly sent: number;
  /** Sent, or to be sent, and not known to be there; oldest first. */
  readonly unacked: readonly { readonly seq: number; readonly signal: CallSignal }[];
  /** The last one received. */
  readonly received: number;
  /** Received and not taken by the holder yet. */
  readonly waiting: readonly ReceivedSignal[];
}

export interface Ended extends About {
  readonly phase: 'ended';
  readonly outgoing: boolean;
  readonly end: CallEnd;
  readonly holder?: string;
  readonly answeredAt?: number;
}

export type LiveCall = Dialling | Ringing | Accepting | Talking;
export type Call = LiveCall | Ended;

/** A call that is over here: it never rings again, and who still speaks of it is told. */
export interface OverCall {
  readonly callId: CallId;
  readonly peer: AccountId;
  readonly reason: PhoneReason;
  /** What this device answers when it is rung for once more. */
  readonly say?: 'decline' | 'busy';
}

export interface PhoneState {
  /** The call that is on, or was a moment ago. */
  readonly main?: Call;
  /** Another one rings meanwhile. */
  readonly second?: Ringing;
  /** Oldest first. */
  readonly over: readonly OverCall[];
  /** Calls that looked old when they first rang, and when that was. */
  readonly doubted: readonly { readonly callId: CallId; readonly at: number }[];
  /** Calls of others that began lately. */
  readonly lately: readonly { readonly account: AccountId; readonly at: number }[];
}

export const NO_CALLS: PhoneState = { over: [], doubted: [], lately: [] };

/** A call of ours as it is stored while it is on, so that a killed device still tells of it. */
export interface KeptCall {
  readonly callId: CallId;
  readonly chatId: ChatId;
  readonly video: boolean;
  readonly startedAt: number;
  readonly answeredAt?: number;
  readonly connectedAt?: number;
  /** When it was known to be on. */
  readonly seenAt: number;
}

export const STATE_LIMITS = {
  over: 256,
  doubted: 16,
  /** New calls of one account in `latelyMs`. */
  lately: 5,
  latelyMs: 60_000,
  latelyKept: 64,
} as const;

/** The tab that holds the call, if one does. */
export function holderOf(call: Call): string | undefined {
  if (call.phase === 'ringing') return undefined;
  return call.phase === 'ended' ? call.holder : call.mine.holder;
}

/** The device at the other end, once it is known. */
export function deviceOf(call: LiveCall): DeviceId | undefined {
  return call.phase === 'dialling' ? undefined : call.device;
}

/** The call with this id that is not over. */
export function liveCall(state: PhoneState, callId: CallId): LiveCall | undefined {
  if (state.second?.callId === callId) return state.second;
  return state.main?.callId === callId && state.main.phase !== 'ended' ? state.main : undefined;
}
