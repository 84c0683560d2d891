/**
 * What the app sees of status updates: what their author shows to some contacts for a day. Types only, but for the limits; see
 * api.ts for what calls and watches are.
 *
 * The file of a status is read as that of a message: in `loadMedia`, `cancelMedia`, `mediaBytes` and the watch `media`
 * the status's id stands for both `chatId` and `recordId`, and the index is 0.
 */
import type {
  AccountId,
  Answer,
  Avatar,
  ChatId,
  MediaAbout,
  MediaDraft,
  MediaKind,
  Millis,
  RecordId,
  Sending,
} from './api.ts';

/** 22 characters. */
export type StatusId = string;

/** Who among the contacts that have accepted gets a status; own devices always do. Nobody but those learns it. */
export type StatusAudience =
  | { readonly type: 'all' }
  | { readonly type: 'except'; readonly accountIds: readonly AccountId[] }
  | { readonly type: 'only'; readonly accountIds: readonly AccountId[] };

/** `colour`: the place of the background in the app's own list, 0 to 15. */
export type StatusDraft =
  | { readonly type: 'text'; readonly text: string; readonly colour: number }
  /** One image, or one video of at most a minute that says its duration. */
  | { readonly type: 'media'; readonly media: MediaDraft; readonly caption?: string };

export type StatusContent =
  | { readonly type: 'text'; readonly text: string; readonly colour: number }
  | { readonly type: 'media'; readonly media: MediaAbout; readonly caption: string };

/** One piece of an author's ring. */
export interface StatusSegment {
  readonly statusId: StatusId;
  readonly seen: boolean;
}

/** One author who has something to show. */
export interface StatusRing {
  readonly accountId: AccountId;
  readonly name: string;
  readonly avatar?: Avatar;
  /** Of the latest. */
  readonly time: Millis;
  /** Oldest first. */
  readonly segments: readonly StatusSegment[];
}

export interface Statuses {
  readonly mine: {
    /** Oldest first. */
    readonly segments: readonly StatusSegment[];
    /** Of the latest; absent when there is none. */
    readonly time?: Millis;
    /** Files that are not up yet, oldest first: each becomes a status when it is. The calls about sendings take their ids. */
    readonly sendings: readonly Sending[];
  };
  /** The latest first. */
  readonly others: readonly StatusRing[];
  readonly muted: readonly StatusRing[];
}

export interface StatusItem {
  readonly statusId: StatusId;
  readonly time: Millis;
  /** When it is gone. */
  readonly expiresAt: Millis;
  readonly seen: boolean;
  readonly content: StatusContent;
  /** Of one's own only. */
  readonly own?: OwnStatus;
}

/** How far a status of one's own went. queued: on this device only. sent: at the relay, for some of the audience at least. */
export interface OwnStatus {
  readonly state: 'queued' | 'sent';
  /** Accounts: who is to get it, of whom a device has it, who said that they saw it. */
  readonly audience: number;
  readonly delivered: number;
  readonly seen: number;
}

export interface StatusViewer {
  readonly accountId: AccountId;
  readonly name: string;
  readonly avatar?: Avatar;
  /** By their clock, within the life of the status. */
  readonly time: Millis;
}

export interface StatusViewers {
  /** The latest first. */
  readonly viewers: readonly StatusViewer[];
  /** Accounts that have it, of which nobody knows whether they saw it: they did not, or do not say. */
  readonly unknown: number;
  /** Accounts that have not got it yet. */
  readonly waiting: number;
}

/** What a message says of the status that it answers; `reaction`: its text is an emoji. missing: it is over or was never here. */
export type StatusQuote =
  | { readonly statusId: StatusId; readonly reaction: boolean; readonly missing: true }
  | {
      readonly statusId: StatusId;
      readonly reaction: boolean;
      readonly missing: false;
      readonly mine: boolean;
      readonly name: string;
      /** Or the caption. */
      readonly text: string;
      readonly colour?: number;
      readonly media?: MediaKind;
      readonly thumbnail?: Uint8Array;
    };

/** Errors of these calls, among the others. */
export type StatusError =
  /** It is over, was deleted, or was never here. */
  | { readonly type: 'UnknownStatus' }
  /** A colour that is none; not an image or a video of a minute at most; nobody in `only`. */
  | { readonly type: 'StatusInvalid' }
  /** As many as there may be at a time. */
  | { readonly type: 'TooManyStatuses'; readonly limit: number };

/**
 * Items of one call; UTF-16 units of a text or caption; length of a video; bytes of a file; statuses of one author at a
 * time; accounts in an audience.
 */
export const STATUS_LIMITS = {
  items: 10,
  text: 700,
  colours: 16,
  videoMs: 60_000,
  fileBytes: 64 * 1024 ** 2,
  alive: 30,
  audience: 1000,
} as const;

export interface StatusCalls {
  /**
   * Shows 1 to 10 things, each a status of its own, in this order. Texts are posted when this resolves; files are sealed on this
   * device and go out by themselves (`statuses`, `mine.sendings`). Works offline. Without `audience` the one of
   * `setStatusAudience`. `id`: as of `sendMessage`.
   */
  postStatus(input: {
    id: string;
    items: readonly StatusDraft[];
    audience?: StatusAudience;
  }): Answer<{ statusIds: readonly StatusId[] }>;
  /** Of one's own: it goes from all devices that have it. */
  deleteStatus(input: { statusId: StatusId }): Answer<null>;
  /** It is on the screen: own devices learn it, and the author's devices do when the settings let receipts go. */
  viewStatus(input: { authorId: AccountId; statusId: StatusId }): Answer<null>;
  /** On all own devices; the author does not learn it. */
  muteStatuses(input: { accountId: AccountId; muted: boolean }): Answer<null>;
  /** A message in the chat with the author, with a quote of the status. `id`: as of `sendMessage`. */
  replyToStatus(input: {
    id: string;
    authorId: AccountId;
    statusId: StatusId;
    text: string;
  }): Answer<{ chatId: ChatId; recordId: RecordId }>;
  /** The same, with an emoji for a text. */
  reactToStatus(input: {
    id: string;
    authorId: AccountId;
    statusId: StatusId;
    emoji: string;
  }): Answer<{ chatId: ChatId; recordId: RecordId }>;
  /** Who gets what is posted from now on. */
  setStatusAudience(input: { audience: StatusAudience }): Answer<null>;
}

export interface StatusWatches {
  statuses: { readonly args: null; readonly value: Statuses };
  /** Oldest first; one's own with one's own account. */
  statusesOf: { readonly args: { readonly accountId: AccountId }; readonly value: readonly StatusItem[] };
  /** Null: not a status of one's own that is alive. */
  statusViewers: { readonly args: { readonly statusId: StatusId }; readonly value: StatusViewers | null };
  statusAudience: { readonly args: null; readonly value: StatusAudience };
}
