/**
 * What the app sees of the engine: plain, structured-cloneable data, named calls and named watches. Nothing here
 * imports anything but more of the same; `app/` may import this file only as types and through the RPC that carries it into
 * a worker.
 *
 * A *call* does something and answers once with a `Result`. A *watch* publishes snapshots until it is let go.
 */
import type { GroupCallCalls, GroupCallError, GroupCallWatches } from './api-group-call.ts';
import type { CallEvent, PhoneCalls, PhoneError, PhoneWatches } from './api-phone.ts';
import type { StatusCalls, StatusError, StatusQuote, StatusWatches } from './api-status.ts';

export * from './api-group-call.ts';
export * from './api-phone.ts';
export * from './api-status.ts';

export type AccountId = string;
export type ChatId = string;
export type RecordId = string;
/** Milliseconds since 1970. */
export type Millis = number;

export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Where the engine is. Everything but `Open` has its own screen. */
export type Phase =
  | { readonly type: 'Starting' }
  /** No account on this device yet: onboarding. */
  | { readonly type: 'Empty' }
  | { readonly type: 'Locked' }
  /** `unlinked`: another own device ended this one's membership: it can read, search and export, nothing else. */
  | { readonly type: 'Open'; readonly accountId: AccountId; readonly unlinked?: true }
  /** `Evicted`: the browser threw the database away although this device had an account. */
  | { readonly type: 'Broken'; readonly reason: 'StorageUnavailable' | 'StorageFull' | 'Evicted' | 'Damaged' };

export interface Connection {
  readonly state: 'online' | 'connecting' | 'offline';
  /** Messages of ours that the relay has not accepted yet. */
  readonly waiting: number;
  /** Envelopes taken in since connecting, while the queue is still being drained; undefined when up to date. */
  readonly draining?: number;
  readonly nextAttemptAt?: Millis;
  /** Why the relay refuses us, when it does. */
  readonly problem?: 'SignInRefused' | 'RelayFull' | 'VersionTooOld' | 'NotRegistered';
}

export interface Avatar {
  /** webp, png or jpeg of at most 32 KiB and 512 x 512 pixels. */
  readonly bytes: Uint8Array;
  readonly type: 'image/webp' | 'image/png' | 'image/jpeg';
}

export interface Profile {
  readonly accountId: AccountId;
  readonly name: string;
  readonly avatar?: Avatar;
  readonly handle?: string;
  /** True when a passphrase protects this device. */
  readonly locked: boolean;
  readonly relayUrl: string;
}

export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly accent: 'green' | 'purple';
  readonly sendReceipts: boolean;
  readonly sendTyping: boolean;
  readonly enterSends: boolean;
  readonly notifications: boolean;
  /** What is fetched without being asked for: files up to so many bytes of each kind, voice notes as audio. 0: none. */
  readonly autoDownloadImages: number;
  readonly autoDownloadAudio: number;
  readonly autoDownloadVideo: number;
  readonly autoDownloadFiles: number;
  /** How much of this device media may take; the least recently used goes first. */
  readonly mediaCacheBytes: number;
}

/** queued: on this device only. sent: durable at the relay. delivered, read: by the other side. failed: see `failure`. */
export type Tick = 'queued' | 'sent' | 'delivered' | 'read' | 'failed';

export interface Contact {
  readonly accountId: AccountId;
  /** What they call themselves. */
  readonly name: string;
  /** What you call them; shown instead when set. */
  readonly nickname?: string;
  readonly avatar?: Avatar;
  readonly handle?: string;
  readonly chatId: ChatId;
  readonly state: ContactState;
  readonly verified: boolean;
}

/** accepted: you agreed to talk. invited: you added them, they have not answered. requesting: they wrote, you have not
 * answered: their messages are shown, receipts and your profile are not sent. */
export type ContactState = 'accepted' | 'invited' | 'requesting' | 'blocked';

export interface ChatSummary {
  readonly chatId: ChatId;
  readonly kind: 'direct' | 'self' | 'group';
  readonly title: string;
  readonly avatar?: Avatar;
  readonly peer?: AccountId;
  readonly group?: GroupStanding;
  readonly state: ContactState;
  readonly verified: boolean;
  readonly preview?: {
    readonly text: string;
    readonly mine: boolean;
    /** `poll`: the text is its question. */
    readonly kind: 'message' | 'poll' | 'deleted' | 'system';
    /** Of its first file, and how many there are. */
    readonly media?: { readonly kind: MediaKind; readonly count: number };
    readonly viewOnce?: true;
    /** In a group: who wrote it, when that was somebody else. */
    readonly name?: string;
    readonly tick?: Tick;
    /** Of kind `system`, without a text: the call that was the last thing in the chat. */
    readonly call?: CallEvent;
  };
  /** Of the last message or call, else of the chat's creation; chats sort by it, newest first, pinned ones before. */
  readonly time: Millis;
  /** Messages, and calls that this account missed. */
  readonly unread: number;
  /** In a group: how many of what is unread mention this account. */
  readonly mentioned: number;
  readonly draft?: string;
  readonly pinned: boolean;
  readonly muted: boolean;
  readonly archived: boolean;
  readonly folder?: string;
  /** Names of who is typing, who began first; empty names of those who have told none. */
  readonly typing: readonly string[];
  /** Seconds after which what is written now disappears; 0: never. */
  readonly timer: number;
}

export type GroupRole = 'owner' | 'admin' | 'member';

/** This account's place in a group. */
export interface GroupStanding {
  readonly members: number;
  /** Absent: not, or no longer, a member. */
  readonly role?: GroupRole;
  readonly mayWrite: boolean;
  /** People who wait to be let in, for who may answer them; 0 for everybody else. */
  readonly requests: number;
}

export interface GroupMember {
  readonly accountId: AccountId;
  readonly name: string;
  readonly avatar?: Avatar;
  readonly me: boolean;
  readonly role: GroupRole;
  readonly since: Millis;
  /** Their name; absent for who founded the group. */
  readonly addedBy?: string;
  /** What this account may do to them. */
  readonly removable: boolean;
  readonly roles: readonly GroupRole[];
}

/** Somebody who left a group or was removed from it. */
export interface FormerMember {
  readonly accountId: AccountId;
  readonly name: string;
  readonly avatar?: Avatar;
  /** When, and by whom; absent when they left by themselves. */
  readonly time: Millis;
  readonly by?: string;
  /** Whether this account may add them again now: they are a contact who has answered. */
  readonly addable: boolean;
}

/** asked: nothing was heard yet. waits: somebody who may has to let them in. */
export type JoinState = 'asked' | 'waits' | 'refused';

/** A group that this account asked to join by its link. */
export interface PendingJoin {
  readonly chatId: ChatId;
  /** What the link says. */
  readonly name: string;
  readonly state: JoinState;
}

/** What a link to a group leads to. */
export interface GroupInvitation {
  readonly chatId: ChatId;
  /** Unverified: what the link says. */
  readonly name: string;
  /** Whom it is asked of, if that is somebody known. */
  readonly from?: string;
  readonly known: boolean;
}

/** An open link of a group. */
export interface GroupInvite {
  readonly key: string;
  readonly approval: boolean;
  readonly expiresAt?: Millis;
  readonly used: number;
  readonly uses?: number;
  readonly by: string;
  /** Only on the devices of whoever made it. */
  readonly mine: boolean;
}

/** Somebody who came by a link and waits. */
export interface GroupRequest {
  readonly accountId: AccountId;
  readonly name: string;
}

export type GroupWho = 'everyone' | 'admins';

export interface GroupPermissions {
  readonly write: GroupWho;
  readonly add: GroupWho;
  readonly info: GroupWho;
  readonly pin: GroupWho;
}

export interface GroupDetail {
  readonly chatId: ChatId;
  readonly name: string;
  readonly description: string;
  readonly avatar?: Avatar;
  readonly permissions: GroupPermissions;
  /** Owners first, then by name. */
  readonly members: readonly GroupMember[];
  readonly role?: GroupRole;
  readonly mayAdd: boolean;
  readonly mayEditInfo: boolean;
  readonly mayEditPermissions: boolean;
  readonly invites: readonly GroupInvite[];
  readonly requests: readonly GroupRequest[];
  /** Who may come back, latest first; and who may not. Each only for those who could change it. */
  readonly former: readonly FormerMember[];
  readonly banned: readonly FormerMember[];
  /** Seconds after which what is written disappears; 0: never. */
  readonly timer: number;
}

/** One act of the chain by which somebody is a member: the founding first, each by whom the one before made a member. */
export interface GrantStep {
  readonly act: string;
  readonly by: AccountId;
  readonly byName: string;
  readonly time: Millis;
  readonly founded: boolean;
}

export interface RosterEntry {
  readonly accountId: AccountId;
  readonly name: string;
  readonly role: GroupRole;
}

/** What a group's act did, as a line in its chat; `by` and `whom` are accounts. */
export interface GroupEvent {
  readonly type: 'Group';
  readonly act: string;
  readonly by: AccountId;
  readonly what:
    | 'founded'
    | 'added'
    | 'removed'
    | 'banned'
    | 'unbanned'
    | 'owner'
    | 'admin'
    | 'member'
    | 'named'
    | 'described'
    | 'permitted'
    | 'pinned'
    | 'unpinned'
    | 'timed';
  readonly whom?: AccountId;
  readonly text?: string;
  /** The message that was pinned. */
  readonly target?: RecordId;
  /** Of the timer; 0: off. */
  readonly seconds?: number;
  /** As the reader calls them; set when shown. */
  readonly names?: { readonly by: string; readonly whom?: string; readonly byMe: boolean; readonly ofMe: boolean };
}

/** Somebody set when messages of a chat of two disappear; `seconds` 0: never. */
export interface TimerEvent {
  readonly type: 'Timer';
  readonly by: AccountId;
  readonly seconds: number;
  /** As the reader calls them; set when shown. */
  readonly names?: { readonly by: string; readonly byMe: boolean };
}

/** Somebody who was asked for what is missing in a chat, and has not answered yet. */
export interface AskedFor {
  /** Empty when they have told none. */
  readonly name: string;
  readonly of: 'member' | 'device' | 'contact';
  readonly since: Millis;
}

/** What a chat lacks. With nothing missing all is here that anybody wrote, as far as the others say. */
export interface Completeness {
  /** Messages that are known to be missing here. */
  readonly missing: number;
  /** Asked within the last minute, longest ago first. */
  readonly asking: readonly AskedFor[];
  /** Asked earlier: they are probably away, and answer when they are on line. */
  readonly waiting: readonly AskedFor[];
}

export interface ChatDetail extends ChatSummary {
  readonly completeness: Completeness;
  readonly alarms: readonly Alarm[];
  /** In a group: the latest three of its pinned messages, the newest pin first. */
  readonly pins: readonly PinnedMessage[];
  readonly mayPin: boolean;
  /** The contact restored their account: that device gets what was written before only after `shareHistory`. */
  readonly withheld: boolean;
  /** This device was restored, and what was written before comes when the contact shares it. */
  readonly awaitsHistory: boolean;
}

/** A message that is pinned for everyone. missing: it is not here, or disappeared. */
export interface PinnedMessage {
  readonly id: RecordId;
  readonly state: 'here' | 'deleted' | 'missing';
  /** Who wrote it and what; empty unless it is here. */
  readonly name: string;
  readonly mine: boolean;
  readonly text: string;
}

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
  readonly names: readonly string[];
}

/** A stretch of a text that means an account: [at, at + length) in UTF-16 units. */
export interface MentionRange {
  readonly at: number;
  readonly length: number;
  readonly accountId: AccountId;
}

export interface Mention extends MentionRange {
  /** As the reader calls them. */
  readonly name: string;
  readonly me: boolean;
}

export interface PollOption {
  readonly text: string;
  readonly votes: number;
  /** This account chose it. */
  readonly mine: boolean;
  /** Who else chose it. */
  readonly names: readonly string[];
}

export interface Poll {
  readonly options: readonly PollOption[];
  /** Several may be chosen. */
  readonly multiple: boolean;
  readonly closed: boolean;
  /** This account voted. */
  readonly mine: boolean;
  /** How many accounts voted. */
  readonly voters: number;
}

export type Quote =
  | { readonly id: RecordId; readonly missing: true }
  | {
      readonly id: RecordId;
      readonly missing: false;
      readonly mine: boolean;
      readonly name: string;
      readonly text: string;
      /** Of its first file. */
      readonly media?: MediaKind;
    };

export interface MessageItem {
  readonly type: 'message';
  readonly id: RecordId;
  readonly author: AccountId;
  readonly mine: boolean;
  readonly name: string;
  readonly time: Millis;
  /** Empty when deleted. */
  readonly text: string;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly starred: boolean;
  /** For everyone in the group. */
  readonly pinned: boolean;
  readonly replyTo?: Quote;
  /** The status that it answers. */
  readonly status?: StatusQuote;
  /** In a group: of its members, in the order of the text. */
  readonly mentions?: readonly Mention[];
  /** Of which the text is the question. */
  readonly poll?: Poll;
  readonly reactions: readonly Reaction[];
  /** When it disappears. */
  readonly expiresAt?: Millis;
  /** Absent: none. What of them is on this device is said by the watch `media`. Empty when a view-once message was opened. */
  readonly media?: readonly MediaAbout[];
  readonly forwarded?: true;
  /** Everybody but who sent it may open it once: `openOnce`. */
  readonly viewOnce?: 'closed' | 'opened';
  /** Of my own messages only. */
  readonly tick?: Tick;
  readonly failure?: SendFailure;
}

/** How far one message of ours has come to one member of its group. Who sends no receipts is never shown as `read`. */
export interface MemberReceipt {
  readonly accountId: AccountId;
  readonly name: string;
  readonly state: 'sent' | 'delivered' | 'read';
}

export type SendFailure = 'PeerMailboxFull' | 'PeerUnknown' | 'PeerHasNoKeys' | 'TooLarge' | 'RelayRefused';

export type MediaKind = 'image' | 'video' | 'audio' | 'voice' | 'file';

/** What a message says of one of its files, without fetching it. All of it is the sender's word until the file is here. */
export interface MediaAbout {
  readonly kind: MediaKind;
  /** Media type. Untrusted: decide by `kind` how to show it, and show documents only as downloads. */
  readonly type: string;
  readonly name?: string;
  readonly size: number;
  readonly width?: number;
  readonly height?: number;
  readonly duration?: Millis;
  /** A tiny webp or jpeg. */
  readonly thumbnail?: Uint8Array;
  /** 64 loudnesses, 0 to 255. */
  readonly waveform?: Uint8Array;
}

/** A file to send, cleaned and compressed already. `content` is read in slices and may be of any size up to `MEDIA_LIMITS`. */
export interface MediaDraft {
  readonly content: Blob;
  readonly kind: MediaKind;
  readonly type: string;
  readonly name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly duration?: Millis;
  readonly thumbnail?: Uint8Array;
  readonly waveform?: Uint8Array;
}

/**
 * A message with media that is not among the messages yet: it becomes one when all of it is up. `waiting`: for the network
 * or for its turn.
 */
export interface Sending {
  /** The caller's id of `sendMedia`. */
  readonly id: string;
  readonly chatId: ChatId;
  readonly time: Millis;
  readonly caption: string;
  readonly viewOnce: boolean;
  readonly items: readonly MediaAbout[];
  readonly state: 'sealing' | 'waiting' | 'uploading' | 'paused' | 'failed';
  /** Bytes, of all items; of what is sealed while `sealing`, else of what is up. */
  readonly done: number;
  readonly total: number;
  /** Why it failed, or why it waits. `resumeSending` tries again. */
  readonly failure?: SendingFailure;
}

/**
 * QuotaExceeded: the account's at the storage server. TooLarge: for it. DiskFull: the server's. StorageFull: this device's.
 * NoStorage: the relay has no storage server. Unavailable: that was not reached; when `failed`, the sealed files are gone. Refused: the chat takes no messages of ours any more.
 */
export type SendingFailure =
  | 'QuotaExceeded'
  | 'TooLarge'
  | 'DiskFull'
  | 'TokenInvalid'
  | 'TooManyUnfinished'
  | 'StorageFull'
  | 'NoStorage'
  | 'Refused'
  | 'Unavailable';

/** One file of a message on this device. `done`: bytes of it that are here. */
export interface MediaState {
  readonly state: 'absent' | 'loading' | 'here' | 'failed';
  readonly done: number;
  readonly failure?: MediaFailure;
  /** Others are asked for it (`askForMedia`): now; or nobody who is there has it, and they are asked again. */
  readonly asked?: 'asking' | 'waiting';
}

/**
 * Expired: the storage server has it no more. Unavailable: it was not reached. StorageFull: this device is full. The others:
 * what the server gave is not what was sent, and nothing of it is shown.
 */
export type MediaFailure =
  | 'Expired'
  | 'Unavailable'
  | 'StorageFull'
  | 'WrongBlob'
  | 'ReplayedBlob'
  | 'ChunkDamaged'
  | 'Truncated'
  | 'TrailingBytes'
  | 'NotAsAnnounced';

/** What fetched and sent media take on this device. */
export interface MediaUse {
  readonly total: number;
  /** Of it, what is not up yet and cannot be freed. */
  readonly sending: number;
  /** Largest first. */
  readonly chats: readonly { readonly chatId: ChatId; readonly bytes: number }[];
}

/** What of a chat is of one sort: photos and videos; files; messages with web addresses; voice messages and audio. */
export type Collection = 'pictures' | 'files' | 'links' | 'sounds';

export interface CollectionQuery {
  readonly chatId: ChatId;
  readonly collection: Collection;
  /** Only what is older than this message; absent: from the newest on. */
  readonly before?: RecordId;
  /** Nothing that is older than this one. */
  readonly last?: RecordId;
  /** Messages, at most 400. */
  readonly limit: number;
}

export interface CollectionPage {
  /** Newest first; without what they reply to. */
  readonly items: readonly MessageItem[];
  readonly hasOlder: boolean;
}

export interface SystemItem {
  readonly type: 'system';
  readonly id: RecordId;
  readonly time: Millis;
  readonly event:
    | { readonly type: 'Started' }
    | { readonly type: 'Verified'; readonly verified: boolean }
    /** The contact linked, restored (from their recovery phrase) or unlinked a device. */
    | { readonly type: 'DeviceAdded' }
    | { readonly type: 'DeviceRestored' }
    | { readonly type: 'DeviceRemoved' }
    | { readonly type: 'Alarm'; readonly alarm: AlarmType }
    | TimerEvent
    | CallEvent
    | GroupEvent;
}

export type TimelineItem = MessageItem | SystemItem;

/** A window on a chat: around a message (search hit, reply) or at its end. At most 400 items in all. */
export interface TimelineQuery {
  readonly chatId: ChatId;
  readonly anchor: 'end' | RecordId;
  readonly older: number;
  readonly newer: number;
}

export interface TimelinePage {
  /** Oldest first. */
  readonly items: readonly TimelineItem[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** The first unread message when the watch was opened: the divider goes before it and stays. */
  readonly firstUnread?: RecordId;
}

export interface SearchQuery {
  /** Any substring, matched without case and width (NFKC, locale-free lower case). At most 200 characters. */
  readonly text: string;
  readonly chatId?: ChatId;
  /** At most this many hits, newest first. */
  readonly limit: number;
}

export interface SearchHit {
  readonly chatId: ChatId;
  /** Empty for the note to self: the app has a name for it. */
  readonly chatTitle: string;
  readonly id: RecordId;
  readonly mine: boolean;
  readonly name: string;
  readonly time: Millis;
  /** The message's text around the match; `ranges` are [start, end) in it. */
  readonly excerpt: string;
  readonly ranges: readonly (readonly [number, number])[];
}

export interface SearchResults {
  readonly hits: readonly SearchHit[];
  /** False while older history is still being read. */
  readonly done: boolean;
  readonly more: boolean;
}

export type AlarmType =
  | 'DeviceLogRolledBack'
  | 'DeviceLogForked'
  | 'GhostDevice'
  | 'PreKeysSubstituted'
  | 'HandleMoved'
  | 'Equivocation'
  | 'ForgedRecord'
  | 'MalformedChange'
  | 'ClockAhead';

/** Something that an honest relay or contact would not have done. */
export interface Alarm {
  readonly id: string;
  readonly type: AlarmType;
  readonly time: Millis;
  readonly who: 'relay' | 'contact';
  readonly accountId?: AccountId;
  /** As the reader calls them; set when shown. */
  readonly name?: string;
  readonly chatId?: ChatId;
}

export interface SafetyNumber {
  /** 60 digits; show in 12 groups of 5. */
  readonly digits: string;
  /** Content of the QR code. */
  readonly qr: string;
  readonly verified: boolean;
}

export interface StorageUse {
  readonly messages: number;
  readonly chats: number;
  /** Bytes in the databases as the engine counts them. */
  readonly engineBytes: number;
  /** What the browser says of the whole origin; absent where it does not say. */
  readonly originBytes?: number;
  readonly quotaBytes?: number;
  readonly persistent?: boolean;
}

export type DeviceId = string;

/** One of the user's own devices. */
export interface OwnDevice {
  readonly deviceId: DeviceId;
  /** What the user calls it; only own devices know it. */
  readonly name: string;
  readonly isThis: boolean;
  readonly addedAt: Millis;
  /** When it was last heard of, to the hour; absent for this one and for one that was never heard. */
  readonly lastSeen?: Millis;
  /** It was added with the recovery phrase. */
  readonly restored: boolean;
}

/** The ceremony on the new device. */
export type Linking =
  | { readonly type: 'Idle' }
  /** `code` is typed, `qr` is the content of the QR code; both are good until `expiresAt`. */
  | { readonly type: 'Waiting'; readonly code: string; readonly qr: string; readonly expiresAt: Millis }
  /** Both devices show the same six digits, or somebody is in between. The other device's user decides. */
  | { readonly type: 'Compare'; readonly comparison: string }
  | { readonly type: 'Receiving' }
  | { readonly type: 'Failed'; readonly reason: LinkFailure };

export type LinkFailure = 'Expired' | 'Declined' | 'Tampered' | 'Offline' | 'RelayRefused' | 'TooManyDevices';

/** What the existing device shows before its user confirms. */
export interface LinkRequest {
  readonly deviceName: string;
  readonly comparison: string;
  /** What will come over. */
  readonly chats: number;
  readonly messages: number;
}

/** History that own devices have and this one is still fetching. */
export interface HistoryProgress {
  readonly have: number;
  readonly total: number;
  /** Own devices that are being asked were not heard of lately: open one of them. */
  readonly waiting: boolean;
}

/** How well the account survives the loss of this device. */
export interface Protection {
  readonly devices: number;
  readonly hasRecovery: boolean;
  readonly lastBackup?: Millis;
  /** Undefined where the browser does not say. */
  readonly persistent?: boolean;
  /** There is something to lose and nothing that would save it. */
  readonly atRisk: boolean;
}

/** What an invite link or code leads to, checked but not yet added. */
export interface Invitation {
  readonly accountId: AccountId;
  readonly relayUrl: string;
  /** Unverified: what the link says. */
  readonly name?: string;
  readonly known?: ContactState;
  readonly self: boolean;
}

export type ClientError =
  | StatusError
  | PhoneError
  | GroupCallError
  | { readonly type: 'Offline' }
  | { readonly type: 'NotOpen' }
  | { readonly type: 'WrongPassphrase' }
  | { readonly type: 'PassphraseTooShort'; readonly minimum: number }
  | { readonly type: 'NameEmpty' }
  | { readonly type: 'TooLong'; readonly limit: number }
  | { readonly type: 'LinkInvalid' }
  | { readonly type: 'ThatIsYou' }
  | { readonly type: 'HandleInvalid' }
  | { readonly type: 'HandleTaken' }
  | { readonly type: 'HandleUnknown' }
  | { readonly type: 'UnknownChat' }
  | { readonly type: 'UnknownMessage' }
  | { readonly type: 'NotYours' }
  /** A poll stays as it was asked. */
  | { readonly type: 'NotEditable' }
  /** Too few, too many, empty, too long or equal choices; a vote for one that is not there. */
  | { readonly type: 'PollInvalid' }
  | { readonly type: 'PollClosed' }
  /** Of a group: this account is not in it; its role does not allow that; the other is no contact of this account. */
  | { readonly type: 'NotMember' }
  | { readonly type: 'NotAllowed' }
  | { readonly type: 'NotContact' }
  | { readonly type: 'UnknownMember' }
  | { readonly type: 'Banned' }
  | { readonly type: 'Blocked' }
  | { readonly type: 'RateLimited'; readonly retryAfter: Millis }
  | { readonly type: 'RelayRefused'; readonly code: string }
  | { readonly type: 'StorageFull' }
  | { readonly type: 'QrMismatch' }
  | { readonly type: 'AlreadyExists' }
  /** This device was unlinked: it can read and export only. */
  | { readonly type: 'Unlinked' }
  /** Not a link code; a code of nobody who waits; one that was used; one that ran out; one that somebody meddled with. */
  | { readonly type: 'LinkCodeInvalid' }
  | { readonly type: 'LinkCodeUnknown' }
  | { readonly type: 'LinkCodeUsed' }
  | { readonly type: 'LinkCodeExpired' }
  | { readonly type: 'LinkTampered' }
  | { readonly type: 'TooManyDevices'; readonly limit: number }
  | { readonly type: 'UnknownDevice' }
  /** Not twelve words; word number `index` (from 0) is not in the list; the words do not fit together. */
  | { readonly type: 'PhraseLength'; readonly words: number }
  | { readonly type: 'PhraseWord'; readonly index: number; readonly word: string }
  | { readonly type: 'PhraseWrong' }
  /** No account at this relay can be restored with this phrase. */
  | { readonly type: 'PhraseUnknown' }
  | { readonly type: 'BackupDamaged' }
  | { readonly type: 'BackupOfAnother' }
  /** Of media: no file or too many; one that is empty or too large; what is said of them does not fit a message. */
  | { readonly type: 'TooManyItems'; readonly limit: number }
  | { readonly type: 'EmptyFile' }
  | { readonly type: 'FileTooLarge'; readonly limit: number }
  | { readonly type: 'MediaInvalid' }
  /** The file could not be read: it was changed or taken away since it was chosen. */
  | { readonly type: 'Unreadable' }
  | { readonly type: 'TooManySendings'; readonly limit: number }
  | { readonly type: 'UnknownSending' }
  | { readonly type: 'UnknownMedia' }
  /** No other device has, or may have, the chat. */
  | { readonly type: 'NobodyToAsk' }
  /** These bytes are not on this device, and could not be fetched. */
  | { readonly type: 'MediaFailed'; readonly failure: MediaFailure };

export type Answer<T> = Promise<Result<T, ClientError>>;

/** Longest message text in UTF-16 units; longest name; longest bytes of an emoji reaction. */
export const TEXT_LIMIT = 8000;
export const NAME_LIMIT = 64;
export const GROUP_DESCRIPTION_LIMIT = 512;
/** Of a poll: choices at least and at most, UTF-16 units of a choice and of the question. */
export const POLL_LIMITS = { leastOptions: 2, options: 12, option: 100, question: 300 } as const;
/** Longest name of a chat folder. */
export const FOLDER_LIMIT = 32;
export const MIN_PASSPHRASE = 8;
/** Longest time after which messages disappear: a year. */
export const TIMER_LIMIT = 365 * 24 * 3600;
/** Files of a message, bytes of a file, bytes that one `mediaBytes` answers, sendings under way; lengths of what is said of a file. */
export const MEDIA_LIMITS = {
  items: 10,
  fileBytes: 4 * 1024 ** 3,
  viewOnceBytes: 64 * 1024 ** 2,
  /** Of all thumbnails of a message together. */
  thumbnailsBytes: 32 * 1024,
  /** A browser gives each buffer of a MiB memory that it did not have before, and smaller ones what it has. */
  readBytes: 512 * 1024,
  sendings: 64,
  name: 255,
  type: 100,
  thumbnailBytes: 6 * 1024,
  waveformBytes: 64,
} as const;

/** Every call by its name. Ids that the caller makes (`id`) make a repeated call harmless. */
export interface Calls extends StatusCalls, PhoneCalls, GroupCallCalls {
  createAccount(input: {
    name: string;
    avatar?: Avatar;
    passphrase?: string;
    relayUrl: string;
    deviceName?: string;
  }): Answer<{ accountId: AccountId }>;
  unlock(input: { passphrase: string }): Answer<null>;
  /** Forgets the keys in memory; only when a passphrase is set. */
  lock(): Answer<null>;
  setPassphrase(input: { current?: string; next?: string }): Answer<null>;
  /** Deletes everything on this device. */
  eraseDevice(): Answer<null>;

  setProfile(input: { name: string; avatar?: Avatar | null }): Answer<null>;
  setSettings(input: Partial<Settings>): Answer<null>;
  claimHandle(input: { handle: string }): Answer<null>;
  releaseHandle(): Answer<null>;

  /** `link` carries the account key in its fragment, which browsers do not send; `origin` is the app's. */
  invite(input: { origin: string }): Answer<{ link: string }>;
  /** Accepts a whole link, its fragment, or a scanned QR text. Works offline. */
  readInvitation(input: { text: string }): Answer<Invitation>;
  /** Adds the contact and opens the chat; reaches them when online. Works offline. */
  addByLink(input: { text: string }): Answer<{ chatId: ChatId }>;
  findHandle(input: { handle: string }): Answer<Invitation>;
  addByHandle(input: { handle: string }): Answer<{ chatId: ChatId }>;

  acceptRequest(input: { chatId: ChatId }): Answer<null>;
  setBlocked(input: { accountId: AccountId; blocked: boolean }): Answer<null>;
  setNickname(input: { accountId: AccountId; nickname?: string }): Answer<null>;
  safetyNumber(input: { accountId: AccountId }): Answer<SafetyNumber>;
  setVerified(input: { accountId: AccountId; verified: boolean }): Answer<null>;
  /** Compares a scanned code and marks verified on a match. */
  verifyByQr(input: { accountId: AccountId; qr: string }): Answer<null>;
  /** The user is sure that the contact's present devices are theirs: they get what was written before. */
  shareHistory(input: { chatId: ChatId }): Answer<null>;

  /** Resolves when the message is durable on this device. `id` is the caller's: 22 characters of base64url. */
  sendMessage(input: {
    id: string;
    chatId: ChatId;
    text: string;
    replyTo?: RecordId;
    /** What is no stretch of the text of its own is left out. */
    mentions?: readonly MentionRange[];
  }): Answer<{ recordId: RecordId }>;
  createPoll(input: {
    id: string;
    chatId: ChatId;
    question: string;
    options: readonly string[];
    multiple: boolean;
  }): Answer<{ recordId: RecordId }>;
  /** What this account chooses, by place in the options; nothing takes the vote back. Works offline. */
  vote(input: { chatId: ChatId; recordId: RecordId; choices: readonly number[] }): Answer<null>;
  /** Of one's own poll, for good. */
  closePoll(input: { chatId: ChatId; recordId: RecordId }): Answer<null>;

  /**
   * Sends 1 to 10 files as one message. Resolves when they are sealed on this device: from then on they go out by themselves.
   * A view-once message has one image or video of at most 64 MiB. Progress: watch `sendings`.
   */
  sendMedia(input: {
    id: string;
    chatId: ChatId;
    items: readonly MediaDraft[];
    caption?: string;
    /** As of {@link sendMessage}, within the caption. */
    mentions?: readonly MentionRange[];
    replyTo?: RecordId;
    viewOnce?: boolean;
  }): Answer<null>;
  pauseSending(input: { id: string }): Answer<null>;
  /** Goes on with what was paused or failed. */
  resumeSending(input: { id: string }): Answer<null>;
  /** Gives it up and removes what is up. Harmless when it was sent meanwhile: then it is a message. */
  cancelSending(input: { id: string }): Answer<null>;
  /** Fetches all files of a message, or one; answers at once. Watch `media`. */
  loadMedia(input: { chatId: ChatId; recordId: RecordId; index?: number }): Answer<null>;
  /**
   * Asks the devices of whoever sent the file, own devices and others of the chat for it: who has it uploads it again, and it is
   * fetched. Durable when it is answered; watch `media`. For what is `Expired` or not what was sent.
   */
  askForMedia(input: { chatId: ChatId; recordId: RecordId; index: number }): Answer<null>;
  /** Stops fetching, and asking; what is here already stays for the next time. */
  cancelMedia(input: { chatId: ChatId; recordId: RecordId; index?: number }): Answer<null>;
  /**
   * Bytes [from, to) of a file, at most 1 MiB, cut at its end. Of one that is not here the bytes are fetched first, so that it
   * plays while it loads: they are the sender's (each chunk is verified), but only `here` says that the file is whole.
   */
  mediaBytes(input: {
    chatId: ChatId;
    recordId: RecordId;
    index: number;
    from: number;
    to: number;
  }): Answer<{ bytes: Uint8Array }>;
  mediaUse(): Answer<MediaUse>;
  /** Frees fetched and sent files, of one chat or of all; the messages stay, and the files may be fetched again. */
  freeMedia(input: { chatId?: ChatId }): Answer<{ freed: number }>;
  /** Sends a message's text and media to other chats, without uploading them again. Not of view-once messages. */
  forwardMessage(input: { id: string; chatId: ChatId; recordId: RecordId; to: readonly ChatId[] }): Answer<null>;
  /**
   * The user opens a view-once message: its file, once. Bytes and the right to fetch them are then gone from all own devices.
   * Fetches it first if need be. Not one of one's own.
   */
  openOnce(input: { chatId: ChatId; recordId: RecordId }): Answer<{ bytes: Uint8Array; type: string }>;

  /** Founds a group with these contacts. Works offline. */
  createGroup(input: { name: string; description?: string; members: readonly AccountId[] }): Answer<{ chatId: ChatId }>;
  /** Adds contacts; `history`: whether they get what was said before, all of it or what is not older than `since`. */
  addMembers(input: { chatId: ChatId; members: readonly AccountId[]; history: boolean; since?: Millis }): Answer<null>;
  /** `ban`: nobody can add them, and no link lets them in, until they are unbanned. */
  removeMember(input: { chatId: ChatId; accountId: AccountId; ban?: boolean }): Answer<null>;
  unbanMember(input: { chatId: ChatId; accountId: AccountId }): Answer<null>;
  leaveGroup(input: { chatId: ChatId }): Answer<null>;
  setMemberRole(input: { chatId: ChatId; accountId: AccountId; role: GroupRole }): Answer<null>;
  setGroupInfo(input: { chatId: ChatId; name?: string; description?: string; avatar?: Avatar | null }): Answer<null>;
  /** Makes a link; `expiresAt` and `uses` absent: without end. */
  createGroupInvite(input: {
    chatId: ChatId;
    origin: string;
    approval: boolean;
    expiresAt?: Millis;
    uses?: number;
  }): Answer<{ link: string }>;
  /** The link again, on the device that made it. */
  showGroupInvite(input: { chatId: ChatId; key: string; origin: string }): Answer<{ link: string }>;
  revokeGroupInvite(input: { chatId: ChatId; key: string }): Answer<null>;
  /** Accepts a whole link, its fragment, or a scanned QR text. Works offline. */
  readGroupInvitation(input: { text: string }): Answer<GroupInvitation>;
  /** Asks to be let in; watch `joins`, and `chats` for the group. Works offline. */
  joinGroup(input: { text: string }): Answer<{ chatId: ChatId }>;
  cancelJoin(input: { chatId: ChatId }): Answer<null>;
  /** "Why is Mallory here?" Empty for somebody who is not a member. */
  whyHere(input: { chatId: ChatId; accountId: AccountId }): Answer<readonly GrantStep[]>;
  /** Who was a member at a time. */
  rosterAt(input: { chatId: ChatId; at: Millis }): Answer<readonly RosterEntry[]>;
  answerRequest(input: { chatId: ChatId; accountId: AccountId; accept: boolean }): Answer<null>;
  /** Pins a message for everyone in the group, or takes that back. */
  setPinned(input: { chatId: ChatId; recordId: RecordId; pinned: boolean }): Answer<null>;
  setGroupPermissions(input: { chatId: ChatId } & Partial<GroupPermissions>): Answer<null>;

  retryMessage(input: { chatId: ChatId; recordId: RecordId }): Answer<null>;
  editMessage(input: {
    chatId: ChatId;
    recordId: RecordId;
    text: string;
    mentions?: readonly MentionRange[];
  }): Answer<null>;
  /** `emoji` undefined takes my reaction away. */
  react(input: { chatId: ChatId; recordId: RecordId; emoji?: string }): Answer<null>;
  deleteForEveryone(input: { chatId: ChatId; recordId: RecordId }): Answer<null>;
  /** `hidden: false` is the undo. */
  deleteForMe(input: { chatId: ChatId; recordId: RecordId; hidden: boolean }): Answer<null>;
  setStarred(input: { chatId: ChatId; recordId: RecordId; starred: boolean }): Answer<null>;
  /** What is written in the chat from now on disappears after so many seconds; 0: never. */
  setTimer(input: { chatId: ChatId; seconds: number }): Answer<null>;
  setDraft(input: { chatId: ChatId; text: string }): Answer<null>;
  setTyping(input: { chatId: ChatId; typing: boolean }): Answer<null>;
  /** Everything up to and including this message has been on the screen. */
  markRead(input: { chatId: ChatId; upTo: RecordId }): Answer<null>;
  /** `folder` null takes the chat out of its folder. */
  setChatFlags(input: {
    chatId: ChatId;
    pinned?: boolean;
    muted?: boolean;
    archived?: boolean;
    folder?: string | null;
  }): Answer<null>;

  /** On a device without an account: shows a code (watch `linking`) and waits for an own device to confirm. */
  startLinking(input: { relayUrl: string; deviceName: string; passphrase?: string }): Answer<null>;
  cancelLinking(): Answer<null>;
  /** On a device with the account: meets the device that shows this code, scanned or typed. Takes some seconds. */
  readLinkCode(input: { text: string }): Answer<LinkRequest>;
  /** Adds the device of the last {@link readLinkCode} to the account. */
  confirmLink(): Answer<{ deviceId: DeviceId }>;
  declineLink(): Answer<null>;
  renameDevice(input: { deviceId: DeviceId; name: string }): Answer<null>;
  /** The device reads nothing newer and writes nothing that anyone takes. Needs the relay. */
  unlinkDevice(input: { deviceId: DeviceId }): Answer<null>;

  /** Makes a new recovery phrase, which replaces the former one. Shown once: no device keeps it. Needs the relay. */
  createRecovery(): Answer<{ words: readonly string[] }>;
  /** On a device without an account: adds it to the account of the phrase. */
  restore(input: { phrase: string; relayUrl: string; deviceName: string; passphrase?: string }): Answer<null>;
  /** One part of the encrypted backup; ask again with `next` until it is absent, and join the parts. */
  backupPart(input: { cursor?: string }): Answer<{ bytes: Uint8Array; next?: string; done: number; total: number }>;
  /** One piece of a backup file of this account, in order, of any size; `last` with the last. */
  importBackupPart(input: { bytes: Uint8Array; first: boolean; last: boolean }): Answer<{ messages: number }>;

  dismissAlarm(input: { id: string }): Answer<null>;
  storageUse(): Answer<StorageUse>;
  /** One part of a JSON export of everything readable here; ask again with `next` until it is absent. */
  exportPart(input: { cursor?: string }): Answer<{ text: string; next?: string; done: number; total: number }>;
  reconnect(): Answer<null>;
}

/** Every watch by its name: what it takes and what it publishes (undefined until the first snapshot). */
export interface Watches extends StatusWatches, PhoneWatches, GroupCallWatches {
  phase: { readonly args: null; readonly value: Phase };
  connection: { readonly args: null; readonly value: Connection };
  profile: { readonly args: null; readonly value: Profile };
  settings: { readonly args: null; readonly value: Settings };
  contacts: { readonly args: null; readonly value: readonly Contact[] };
  chats: { readonly args: null; readonly value: readonly ChatSummary[] };
  chat: { readonly args: { readonly chatId: ChatId }; readonly value: ChatDetail | null };
  joins: { readonly args: null; readonly value: readonly PendingJoin[] };
  /** Null: not a group that is here. */
  group: { readonly args: { readonly chatId: ChatId }; readonly value: GroupDetail | null };
  /** Of everybody who was in the group when it was written and still is. Null: not a message of ours in a group. */
  receipts: {
    readonly args: { readonly chatId: ChatId; readonly recordId: RecordId };
    readonly value: readonly MemberReceipt[] | null;
  };
  timeline: { readonly args: TimelineQuery; readonly value: TimelinePage };
  /** Messages that were deleted or may be viewed once are in none. */
  collection: { readonly args: CollectionQuery; readonly value: CollectionPage };
  search: { readonly args: SearchQuery; readonly value: SearchResults };
  /** Oldest first. Without `chatId` those of all chats. */
  sendings: { readonly args: { readonly chatId?: ChatId }; readonly value: readonly Sending[] };
  /** One state a file of the message, in its order; empty for a message without media, or one that is not here. */
  media: {
    readonly args: { readonly chatId: ChatId; readonly recordId: RecordId };
    readonly value: readonly MediaState[];
  };
  alarms: { readonly args: null; readonly value: readonly Alarm[] };
  devices: { readonly args: null; readonly value: readonly OwnDevice[] };
  /** Works in every phase. */
  linking: { readonly args: null; readonly value: Linking };
  /** Null: everything that own devices are known to have is here. */
  history: { readonly args: null; readonly value: HistoryProgress | null };
  protection: { readonly args: null; readonly value: Protection };
}

export type CallName = keyof Calls;
export type WatchName = keyof Watches;
export type CallInput<K extends CallName> = Parameters<Calls[K]> extends [infer I] ? I : null;
export type CallValue<K extends CallName> =
  Awaited<ReturnType<Calls[K]>> extends Result<infer T, ClientError> ? T : never;
export type WatchArgs<K extends WatchName> = Watches[K]['args'];
export type WatchValue<K extends WatchName> = Watches[K]['value'];

/** The engine, or a proxy of it across a worker boundary: the same two methods. */
export interface ClientApi {
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallValue<K>, ClientError>>;
  /** Starts watching; `onValue` gets every snapshot, the first as soon as it is known. Returns the stop function. */
  watch<K extends WatchName>(name: K, args: WatchArgs<K>, onValue: (value: WatchValue<K>) => void): () => void;
}
