/**
 * A telephone call as one device sees it: plain data, never mutated. What happens to it is in `machine.ts`, what is
 * shown of it in `call-view.ts`. Times are milliseconds of this device's clock.
 *
 *     outgoing   dialling ------------------> talking (connecting -> active <-> reconnecting) -> ended
 *     incoming   ringing -> accepting ------> talking                                         -> ended
 *     moved      moving --------------------> talking    at the device that the call comes to -> ended
 *                asked -> accepting --------> talking    at the other side's, beside the call that goes on meanwhile
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
  /** Present on what is only a part of a call: it went on in another part before, between one device of these two and this one. */
  readonly origin?: Origin;
}

/** What a call was when it began. It stays one for its users, and is written down once, by the account that called. */
export interface Origin {
  readonly callId: CallId;
  /** This account called. */
  readonly outgoing: boolean;
  readonly since: number;
  readonly answeredAt: number;
  readonly connectedAt: number;
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

/** The user goes on here with a call of another own device: the device at the other end is asked. */
export interface Moving extends About {
  readonly phase: 'moving';
  readonly outgoing: true;
  /** The part that it takes the place of. */
  readonly replaces: CallId;
  readonly device: DeviceId;
  /** The own device that has it. */
  readonly on: DeviceId;
  readonly mine: Holding;
  readonly origin: Origin;
}

/** The other side's user wants to go on at another device of theirs; the tab that talks has not answered yet. */
export interface Asked extends About {
  readonly phase: 'asked';
  readonly outgoing: false;
  /** The device that the call is to go on with. */
  readonly device: DeviceId;
  readonly commitment: Uint8Array;
  readonly origin: Origin;
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
  /** The own device that said last that it takes the call over, in which part, and when. */
  readonly takenOver?: { readonly device: DeviceId; readonly callId: CallId; readonly at: number };
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
  /** The own device that has it now. */
  readonly movedTo?: DeviceId;
}

/** What is on beside the call that it is to take the place of. */
export type Handover = Asked | Accepting | Talking;

/** A call of another own device. */
export interface Elsewhere extends About {
  readonly origin: Origin;
  /** The own device. */
  readonly on: DeviceId;
  /** The device at the other end. */
  readonly device: DeviceId;
  readonly media: { readonly microphone: boolean; readonly camera: boolean };
}

export type LiveCall = Dialling | Moving | Ringing | Asked | Accepting | Talking;
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
  /** The main one, which is talked in, is being moved to another device of theirs. */
  readonly handover?: Handover;
  /** The user talks on another own device. */
  readonly elsewhere?: Elsewhere;
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
  if (call.phase === 'ringing' || call.phase === 'asked') return undefined;
  return call.phase === 'ended' ? call.holder : call.mine.holder;
}

/** The device at the other end, once it is known. */
export function deviceOf(call: LiveCall): DeviceId | undefined {
  return call.phase === 'dialling' ? undefined : call.device;
}

/** The call with this id that is not over. */
export function liveCall(state: PhoneState, callId: CallId): LiveCall | undefined {
  if (state.second?.callId === callId) return state.second;
  if (state.handover?.callId === callId) return state.handover;
  return state.main?.callId === callId && state.main.phase !== 'ended' ? state.main : undefined;
}

/** Whether this account called: whatever a part of a call is, it is not for its own device to say. */
export function isOurs({ origin, outgoing }: Pick<LiveCall | Ended, 'origin' | 'outgoing'>): boolean {
  return origin?.outgoing ?? outgoing;
}

/** The id under which a call is stored and written down. */
export function idOf({ origin, callId }: Pick<LiveCall | Ended, 'origin' | 'callId'>): CallId {
  return origin?.callId ?? callId;
}
