/** What can happen to the calls of a device, and what the state machine wants done about it. */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { CallId, CallMedia, CallSignal, PhoneError } from '../api-phone.ts';
import type { PhoneKeys, PhonePart, PhoneWord } from '../payload/phone-parts.ts';
import type { EndedCall } from './records.ts';
import type { KeptCall, OverCall, Party, PhoneState } from './state.ts';

export type PhoneEvent =
  /** The user calls. `isReachable`: this device is on line and knows a device of theirs. */
  | {
      readonly type: 'start';
      readonly callId: CallId;
      readonly chatId: ChatId;
      readonly peer: AccountId;
      readonly video: boolean;
      readonly holder: string;
      readonly keys: PhoneKeys;
      readonly isReachable: boolean;
    }
  | { readonly type: 'answer'; readonly callId: CallId; readonly holder: string; readonly keys: PhoneKeys }
  /** The user goes on here with the call of another own device. */
  | {
      readonly type: 'move';
      readonly callId: CallId;
      readonly from: CallId;
      readonly holder: string;
      readonly keys: PhoneKeys;
    }
  | { readonly type: 'decline' | 'hangUp'; readonly callId: CallId }
  | { readonly type: 'dismiss'; readonly callId: CallId }
  | { readonly type: 'hold'; readonly callId: CallId; readonly held: boolean }
  | { readonly type: 'media'; readonly callId: CallId; readonly media: CallMedia }
  /** Of the holding tab. */
  | { readonly type: 'send'; readonly callId: CallId; readonly holder: string; readonly signal: CallSignal }
  | { readonly type: 'take'; readonly callId: CallId; readonly holder: string; readonly upTo: number }
  | {
      readonly type: 'report';
      readonly callId: CallId;
      readonly holder: string;
      readonly state: 'connected' | 'lost' | 'failed';
    }
  | { readonly type: 'keep'; readonly callId: CallId; readonly holder: string }
  /** A contact's device, or an own one, said something. */
  | Heard
  | { readonly type: 'timer'; readonly callId: CallId; readonly name: TimerName }
  /** Of this account only these devices may still talk: one was removed, or the user blocked them all. */
  | { readonly type: 'left'; readonly account: AccountId; readonly devices: readonly DeviceId[] };

export interface Heard {
  readonly type: 'heard';
  readonly from: Party;
  readonly chatId: ChatId;
  readonly callId: CallId;
  readonly word: PhoneWord;
}

/** What is so when an event happens. */
export interface Facts {
  readonly now: number;
  readonly me: Party;
  /** There are other own devices. */
  readonly hasSiblings: boolean;
  /** How many devices the account has that the event is about. */
  readonly theirDevices: number;
}

export type Effect =
  /** To one device, or to all of the account: delivered now or never. */
  | { readonly type: 'tell'; readonly to: Told; readonly part: PhonePart }
  /** Replaces the timer of the same name. */
  | { readonly type: 'timer'; readonly callId: CallId; readonly name: TimerName; readonly ms: number }
  /** Without a name: all of the call. */
  | { readonly type: 'stop'; readonly callId: CallId; readonly name?: TimerName }
  /** Stored while it is on. */
  | { readonly type: 'keep'; readonly call: KeptCall }
  /** Not stored any more; nothing is told of it. */
  | { readonly type: 'forget'; readonly callId: CallId }
  /** Told in its chat, instead of what was stored. */
  | { readonly type: 'record'; readonly record: EndedCall }
  /** Remembered. */
  | { readonly type: 'over'; readonly over: readonly OverCall[] };

export interface Told {
  readonly account: AccountId;
  readonly device?: DeviceId;
}

export interface Step {
  readonly state: PhoneState;
  readonly effects: readonly Effect[];
  /** The user's wish cannot be done, and nothing changed. */
  readonly error?: PhoneError;
}

/**
 * ring: say it again. giveUp: nobody answered. quiet: the caller is not heard any more. accept: say it again. connect,
 * reconnect: no connection came (back). resend: signals that nobody acknowledged. beat: tell how it is here. holder: the
 * tab is not heard any more. shown: take what ended from the screen. elsewhere: the own device that talks is not heard any more.
 */
export type TimerName =
  | 'ring'
  | 'giveUp'
  | 'quiet'
  | 'accept'
  | 'connect'
  | 'reconnect'
  | 'resend'
  | 'beat'
  | 'holder'
  | 'shown'
  | 'elsewhere';
