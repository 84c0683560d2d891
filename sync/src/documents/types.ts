/** What the chat documents promise to the engine. */
import type { AuthorKey, ChatId, Random } from '@securechat/crypto';
import type { StorageAdapterInterface } from '@automerge/automerge-repo/slim';
import type { RecordId } from '../api.ts';
import type { Hlc } from '../records/hlc.ts';
import type { RecordDraft, VerifiedRecord } from '../records/record.ts';
import type { GuardError } from './guard/guard-error.ts';
import type { SegmentCache } from './segment/segment-cache.ts';
import type { Summary } from './repair/summary.ts';

/** A change as it travels: exactly one uncompressed Automerge change of at most MAX_CHANGE_BYTES, and where it belongs. */
export interface WireChange {
  readonly segment: number;
  readonly generation: number;
  readonly bytes: Uint8Array;
}

/** Who signs a record that moves another one. */
export interface Carrier {
  readonly author: AuthorKey;
  /** The author's next counter, and a time later than all records of the chat. Each is asked once a record. */
  nextN(): number;
  nextTime(): Hlc;
}

export interface ChatDocumentsOptions {
  readonly chatId: ChatId;
  readonly chatSecret: Uint8Array;
  readonly storage: StorageAdapterInterface;
  readonly random: Random;
  readonly authors: { isKnown(author: Uint8Array): boolean };
  /** Undefined while this device has no author key in the chat: then re-homing waits; the records are shown anyway. */
  readonly carrier?: () => Carrier | undefined;
  /** Records after which the next segment opens; all devices of a chat should use the same. Default 128. */
  readonly segmentSize?: number;
  /** Loaded segments, shared by several chats. Default: two of its own. */
  readonly cache?: SegmentCache;
}

export interface Appended {
  readonly record: VerifiedRecord;
  readonly change: WireChange;
  /** True when the record was there before. */
  readonly again: boolean;
}

export interface Refused {
  readonly error: GuardError;
  /** Absent when the bytes could not be read. */
  readonly hash?: string;
}

export interface Ingested {
  /**
   * Records of the batch, causal order, those inside carried ones before their carrier; also of changes that were here
   * already, so that a crash between ingest and the projection loses nothing; also of held changes this batch released.
   */
  readonly applied: readonly VerifiedRecord[];
  /** Changes that were new, that were here already, and of this batch now waiting. */
  readonly fresh: number;
  readonly already: number;
  readonly held: number;
  /** Changes of the whole chat that are known to be missing. */
  readonly missing: number;
  readonly refused: readonly Refused[];
  /** Own changes made to re-home records: to be pushed like own messages. */
  readonly carried: readonly WireChange[];
}

export interface Answer {
  readonly changes: readonly WireChange[];
  /** Who wrote them, base64url. */
  readonly authors: readonly string[];
  /** There is more for them than the budget allowed. */
  readonly more: boolean;
  /** They know of changes that are not here: ask them. */
  readonly theyHaveMore: boolean;
}

export interface AnswerOptions {
  /** No further segment is begun when there are so many changes. */
  readonly enough?: number | undefined;
  /** Lowest segment of which anything is told; what they have of lower ones is noticed all the same. */
  readonly from?: number | undefined;
  /** Of a segment in which they are further than this device nothing is told: what they lack of it cannot be known. */
  readonly isBehind?: boolean;
}

export interface ChatDocuments {
  /**
   * Makes one own change with one record; durable before it resolves. If the record is already here its change is
   * answered instead, so a redo after a crash is harmless. Throws RangeError for a draft that no reader would accept
   * or whose `n` is not above the author's last one.
   */
  append(author: AuthorKey, draft: RecordDraft): Promise<Appended>;
  /** Passes one batch through the guard; everything that is kept is durable before it resolves. */
  ingest(changes: readonly WireChange[], now: number): Promise<Ingested>;
  summary(): Promise<Summary>;
  /** Of what `theirs` says is there that which is here too: a question that tells nothing new to whoever it is put to. */
  common(theirs: Summary): Promise<Summary>;
  /**
   * What `theirs` lacks, newest segment first and within it dependencies first, at least one change if anything. Never
   * throws, whatever it says.
   */
  answer(theirs: Summary, budgetBytes: number, options?: AnswerOptions): Promise<Answer>;
  /**
   * Begins the next segment unless the newest is empty; answers the number of the one that is written to from now on,
   * which depends on nothing that is here. Durable before it resolves; harmless to repeat.
   */
  turn(): Promise<number>;
  /** As {@link turn}, if a record of the newest segment is dated before `ms`. Looks at no other segment. */
  turnIfOlder(ms: number): Promise<void>;
  /**
   * The lowest segment that is here from which on everything is dated `ms` or later; begun if there is none. What is not
   * here yet may be older: `isFinal` says that nothing that comes can change the answer.
   */
  segmentSince(ms: number): Promise<{ readonly segment: number; readonly isFinal: boolean }>;
  /** The change that brought a record, or one that carries it. */
  changeOf(id: RecordId): Promise<WireChange | undefined>;
  /** All records, newest segment first, each segment in causal order. */
  readAll(): AsyncIterable<readonly VerifiedRecord[]>;
  /**
   * All changes, newest segment first and within it dependencies first, in pieces of about a megabyte: for another device
   * of the account or a backup to ingest.
   */
  exportChunks(): AsyncIterable<readonly WireChange[]>;
  /** Changes that are here, over all segments; equal on devices that have the same. Kept, not counted. */
  count(): number;
  /** Records that were applied when this was opened and may not have reached the projection. */
  readonly recovered: readonly VerifiedRecord[];
  /** Changes that others depend on and that are not here. */
  missing(): readonly { readonly segment: number; readonly generation: number; readonly hashes: readonly string[] }[];
  /**
   * Authors with records missing below their highest counter; with `fromFirst` only above the lowest that is here, for
   * who does not get what was before.
   */
  gaps(fromFirst?: boolean): readonly { readonly author: Uint8Array; readonly missing: number }[];
  /** Who wrote what is missing, or something that depends on it and so had it. `fromFirst` as with {@link gaps}. */
  witnesses(fromFirst?: boolean): readonly Uint8Array[];
  /** Highest counter of the author; 0 when there is none. */
  maxN(author: Uint8Array): number;
  authorsSeen(): readonly Uint8Array[];
  /** Time of the latest record. */
  latestTime(): Hlc;
  /** Frees what is loaded; the object must not be used afterwards. */
  close(): Promise<void>;
}
