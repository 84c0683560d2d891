/** What devices say to each other about a call of a group (SPEC, "Calls of groups"). */
import type { ChatId } from '@securechat/crypto';
import type { CallId, CallMedia, CallSignal } from '../api-phone.ts';
import type { FrameKey } from '../api-group-call.ts';

/** One word about one call; `chatId` is the group's. */
export interface GroupCallPart {
  readonly type: 'groupCall';
  readonly chatId: ChatId;
  readonly callId: CallId;
  readonly word: GroupCallWord;
}

export type GroupCallWord =
  /** To the whole group, again and again by each device that is in the call. */
  | ({ readonly type: 'here' } & Presence)
  /** To the whole group: it is not in it any more since it came at this time. */
  | { readonly type: 'left'; readonly joinedAt: number }
  /** To own devices: the user does not want to hear it ring. */
  | { readonly type: 'ignored' }
  /** To one device: what the sender's frames are sealed with. */
  | { readonly type: 'key'; readonly stays: Stays; readonly key: FrameKey }
  /** To one device: what the holder's connection says to theirs; `seq` counts from 1. */
  | { readonly type: 'signal'; readonly stays: Stays; readonly seq: number; readonly signal: CallSignal }
  /** Back to that device: the last signal of an unbroken row, and the newest of its keys, if any came. */
  | { readonly type: 'got'; readonly stays: Stays; readonly received: number; readonly key?: number };

/** How a device is in a call, as it says itself. */
export interface Presence {
  /** When the call began, by the clock of who began it. */
  readonly startedAt: number;
  /** Milliseconds for which the call is on. */
  readonly age: number;
  /** When the device came, by its clock; names this stay of it. */
  readonly joinedAt: number;
  /** The call was begun with video. */
  readonly video: boolean;
  /** SHA-256 of its DTLS certificate. */
  readonly fingerprint: Uint8Array;
  readonly media: CallMedia;
  /** Milliseconds for which its user has been raising the hand; absent: it is down. */
  readonly hand?: number;
}

/** Between which stays of the two devices it is said, by when each came: what was said in an earlier one counts no more. */
export interface Stays {
  readonly mine: number;
  readonly yours: number;
}

export const GROUP_CALL_TAG = 24;

export const GROUP_CALL_WORDS = {
  here: 1,
  left: 2,
  key: 3,
  signal: 4,
  got: 5,
  ignored: 6,
} as const satisfies Readonly<Record<GroupCallWord['type'], number>>;

/** Nobody says it again: who misses it goes on thinking that the device is in the call. */
export function isLastWord(part: { readonly type: string }): boolean {
  return isGroupCallPart(part) && part.word.type === 'left';
}

export function isGroupCallPart(part: { readonly type: string }): part is GroupCallPart {
  return part.type === 'groupCall';
}
