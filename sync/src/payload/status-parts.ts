/** What devices say of statuses (SPEC, "Statuses"), and its caps. */
import type { AccountId, ChatId } from '@securechat/crypto';
import { STATUS_LIMITS } from '../api-status.ts';

export type StatusPart =
  /** A status, whole: whose it is, what its document is named by, who signed it, and the one change in it. */
  | {
      readonly type: 'status';
      readonly account: AccountId;
      readonly secret: Uint8Array;
      /** As in the part `author`. */
      readonly key: Uint8Array;
      readonly deviceKey: Uint8Array;
      readonly proof: Uint8Array;
      readonly certificate: Uint8Array;
      readonly change: Uint8Array;
    }
  /** To its author: a device of mine has it, my user saw it (then with the time, else 0), or it is gone here. */
  | { readonly type: 'statusMark'; readonly statusId: ChatId; readonly what: StatusMark; readonly time: number }
  /** Of my own: nobody is to have it any more. */
  | { readonly type: 'statusGone'; readonly statusId: ChatId }
  /** Own devices only: what is known of a status beside its content. */
  | {
      readonly type: 'statusState';
      readonly account: AccountId;
      readonly statusId: ChatId;
      readonly isDeleted: boolean;
      /** Of one's own: who is to get it. */
      readonly audience: readonly AccountId[];
      readonly views: readonly StatusView[];
    }
  /** Own devices only: "this is what I have of all statuses". `isReply`: not to be answered by one. */
  | { readonly type: 'statusDigest'; readonly isReply: boolean; readonly statuses: readonly StatusDigest[] };

export type StatusMark = 'has' | 'seen' | 'gone';

/** An account has a status; `seenAt` 0: of whether it was seen nothing is known. */
export interface StatusView {
  readonly account: AccountId;
  readonly seenAt: number;
}

export interface StatusDigest {
  readonly statusId: ChatId;
  /** 16 bytes; all 0: it is over here, and not wanted again. */
  readonly hash: Uint8Array;
}

/** Caps beside those of `PAYLOAD_LIMITS`. */
export const STATUS_PART_LIMITS = { accounts: STATUS_LIMITS.audience, digest: 4096, change: 128 * 1024 } as const;

export const STATUS_TAGS = {
  status: 18,
  statusMark: 19,
  statusGone: 20,
  statusState: 21,
  statusDigest: 22,
} as const;

export type StatusTag = (typeof STATUS_TAGS)[keyof typeof STATUS_TAGS];

export function isStatusTag(tag: number): tag is StatusTag {
  return Object.values<number>(STATUS_TAGS).includes(tag);
}

export function isStatusPart(part: { readonly type: string }): part is StatusPart {
  return Object.hasOwn(STATUS_TAGS, part.type);
}
