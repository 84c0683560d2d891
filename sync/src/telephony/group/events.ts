/** What can happen to the calls of groups, and what the state machine wants done about it. */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { GroupCallError } from '../../api-group-call.ts';
import type { CallId, CallMedia, CallSignal, PhoneError } from '../../api-phone.ts';
import type { GroupCallPart, GroupCallWord } from '../../payload/group-call-parts.ts';
import type { EndedCall } from '../records.ts';
import type { Party } from '../state.ts';
import type { GroupCallState } from './state.ts';

export type GroupCallEvent =
  /** The user begins a call in a group, or joins the one that is on there. */
  | {
      readonly type: 'join';
      readonly callId: CallId;
      readonly chatId: ChatId;
      readonly video: boolean;
      readonly holder: string;
      readonly fingerprint: Uint8Array;
      /** This account may write to the group: only then it begins one. */
      readonly mayBegin: boolean;
    }
  | { readonly type: 'leave'; readonly callId: CallId }
  | { readonly type: 'ignore'; readonly callId: CallId }
  | { readonly type: 'media'; readonly callId: CallId; readonly media: CallMedia; readonly hand: boolean }
  /** Of the holding tab. */
  | {
      readonly type: 'send';
      readonly callId: CallId;
      readonly holder: string;
      readonly to: DeviceId;
      readonly signal: CallSignal;
    }
  | {
      readonly type: 'take';
      readonly callId: CallId;
      readonly holder: string;
      readonly from: DeviceId;
      readonly upTo: number;
    }
  | { readonly type: 'keep'; readonly callId: CallId; readonly holder: string }
  | GroupHeard
  | { readonly type: 'timer'; readonly callId: CallId; readonly name: GroupTimerName }
  /** Of a group in which a call is on: whose devices may be in it now, and which accounts this user has blocked. */
  | {
      readonly type: 'roster';
      readonly chatId: ChatId;
      readonly devices: readonly Party[];
      readonly blocked: readonly AccountId[];
    };

/** Of a member's device. */
export interface GroupHeard {
  readonly type: 'heard';
  readonly from: Party;
  readonly isBlocked: boolean;
  /** Their account may write to the group: what only others are heard in does not ring. */
  readonly mayBegin: boolean;
  readonly chatId: ChatId;
  readonly callId: CallId;
  readonly word: GroupCallWord;
}

/** What is so when an event happens. */
export interface GroupFacts {
  readonly now: number;
  readonly me: Party;
  /** 32 random bytes each that were never used: for a stay that begins, and for who is in it changing. */
  readonly fresh: { readonly first: Uint8Array; readonly next: Uint8Array };
  /** This device is in a call of two. */
  readonly isInCall: boolean;
}

export type GroupEffect =
  /** To every device of the group's members, delivered now or never. */
  | { readonly type: 'sayAll'; readonly part: GroupCallPart }
  /** To one device, delivered now or never. */
  | { readonly type: 'tell'; readonly to: Party; readonly part: GroupCallPart }
  /** To the other devices of this account, delivered now or never. */
  | { readonly type: 'tellOwn'; readonly part: GroupCallPart }
  /** Replaces the timer of the same name. */
  | { readonly type: 'timer'; readonly callId: CallId; readonly name: GroupTimerName; readonly ms: number }
  /** Without a name: all of the call. */
  | { readonly type: 'stop'; readonly callId: CallId; readonly name?: GroupTimerName }
  /** What is to be written if this device is killed now. */
  | { readonly type: 'keep'; readonly call: EndedCall }
  /** Nothing is to be written of it any more. */
  | { readonly type: 'forget'; readonly callId: CallId }
  /** It is to be written down. */
  | { readonly type: 'record'; readonly record: EndedCall };

/**
 * here: say it again. holder: the tab is not heard any more. key: everybody had the time to get the next key. again: say what
 * nobody acknowledged. ring: it has rung long enough. gone, of each other device: it is not heard any more.
 */
export type GroupTimerName = 'here' | 'holder' | 'key' | 'again' | 'ring' | `gone ${DeviceId}`;

export interface GroupStep {
  readonly state: GroupCallState;
  readonly effects: readonly GroupEffect[];
  /** The user's wish cannot be done, and nothing changed. */
  readonly error?: PhoneError | GroupCallError | { readonly type: 'NotAllowed' };
}
