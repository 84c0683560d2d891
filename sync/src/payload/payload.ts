/**
 * What one device says to another inside a sealed session message (SPEC S-PAYLOAD). A payload carries the sender's view
 * of both device logs, which is how a relay that serves an old or forked log is caught, and one or more parts.
 *
 *     payload = version u8 | views | parts
 *     views   = mine: length u32, head 32 | yours: length u32, head 32 | yourProfile u64
 *     part    = tag u8 | fields
 *
 * Knows nothing of sessions, sockets or documents.
 */
import { type ChatId, type DeviceId, fromBase64Url, toBase64Url } from '@securechat/crypto';
import { isHttpUrl } from '@securechat/relay-protocol';
import { readGroupCallPart, writeGroupCallPart } from './group-call-bytes.ts';
import { GROUP_CALL_TAG, type GroupCallPart, isGroupCallPart } from './group-call-parts.ts';
import { readPhonePart, writePhonePart } from './phone-bytes.ts';
import { PHONE_TAG, type PhonePart, isPhonePart } from './phone-parts.ts';
import { readChatId, readFlag, readMillis, writeMillis } from './scalars.ts';
import { readStatusPart, writeStatusPart } from './status-bytes.ts';
import { type StatusPart, STATUS_TAGS, isStatusPart, isStatusTag } from './status-parts.ts';
import { ByteReader, ByteWriter, Unreadable } from './bytes.ts';

/** How far a device log was seen: the number of entries and the hash of the last one. */
export interface LogView {
  readonly length: number;
  readonly head: Uint8Array;
}

/** A name and picture as their owner gives them to contacts. */
export interface SharedProfile {
  /** Milliseconds of the owner's clock when it was set: the latest one wins. */
  readonly updated: number;
  readonly name: string;
  readonly avatar?: { readonly bytes: Uint8Array; readonly type: string };
}

export interface DocumentChange {
  readonly segment: number;
  readonly generation: number;
  readonly bytes: Uint8Array;
}

/** Author key -> highest record counter. */
export interface MarkEntry {
  readonly author: Uint8Array;
  readonly n: number;
}

/** What one own device has of one chat, and what the chat's peer showed it: equal digests mean nothing to tell. */
export interface ChatDigest {
  readonly chatId: ChatId;
  /** 16 bytes. */
  readonly hash: Uint8Array;
  /** Records here. */
  readonly records: number;
}

export type Part =
  | StatusPart
  | PhonePart
  | GroupCallPart
  /** Who I am and where to reach me; `accepts` says that my user agreed to talk. */
  | {
      readonly type: 'card';
      readonly accepts: boolean;
      readonly deviceLog: Uint8Array;
      readonly relayUrl: string;
      readonly mailbox: Uint8Array;
      readonly profile?: SharedProfile;
    }
  /**
   * "Records of this chat signed by this key are this device's": said by the author key (`proveAuthor`) and by the device
   * (`certifyAuthor`), so that anyone in the chat may pass it on.
   */
  | {
      readonly type: 'author';
      readonly chatId: ChatId;
      readonly key: Uint8Array;
      readonly deviceKey: Uint8Array;
      readonly proof: Uint8Array;
      readonly certificate: Uint8Array;
    }
  | {
      readonly type: 'changes';
      readonly chatId: ChatId;
      /** `push`: as they are made. `more`: part of an answer, ask again for the rest. `last`: an answer ends with it. */
      readonly of: 'push' | 'more' | 'last';
      readonly changes: readonly DocumentChange[];
    }
  /** What I have received and what my user has read, of all authors of the chat. */
  | {
      readonly type: 'marks';
      readonly chatId: ChatId;
      readonly received: readonly MarkEntry[];
      readonly read: readonly MarkEntry[];
    }
  /** The repair path's one question: my heads; answer with what I lack. */
  | { readonly type: 'ask'; readonly chatId: ChatId; readonly summary: Uint8Array }
  | { readonly type: 'typing'; readonly chatId: ChatId; readonly typing: boolean }
  /** "This file of the chat cannot be had any more from where its message says": by the name of its blob there. */
  | { readonly type: 'mediaAsk'; readonly chatId: ChatId; readonly blob: string }
  /** "I uploaded it again": the blob is at `<url>/files/<name>` by now. */
  | {
      readonly type: 'mediaAt';
      readonly chatId: ChatId;
      readonly blob: string;
      readonly url: string;
      readonly name: string;
    }
  /** "You are in this group": what its documents are named by and its envelopes found with. */
  | {
      readonly type: 'group';
      readonly chatId: ChatId;
      readonly secret: Uint8Array;
      /** Who ever wrote an act of it, as far as the sender knows: their device logs are needed to check the acts. */
      readonly accounts: readonly { readonly accountKey: Uint8Array; readonly relayUrl: string }[];
    }
  /** The key that this device seals its messages to the group with from now on (`distributionOf`). */
  | { readonly type: 'senderKey'; readonly chatId: ChatId; readonly distribution: Uint8Array }
  /** "Let me in, I have this group's link": to the account that made it. */
  | { readonly type: 'join'; readonly chatId: ChatId; readonly invite: Uint8Array; readonly proof: Uint8Array }
  /** `waits`: for somebody who may let them in. */
  | { readonly type: 'joinAnswer'; readonly chatId: ChatId; readonly answer: 'waits' | 'refused' }
  /** Own devices only: changes of personal documents. */
  | { readonly type: 'personal'; readonly changes: readonly PersonalChange[] }
  /** Own devices only: "this is what I have of the personal documents; tell me the rest". */
  | { readonly type: 'personalAsk'; readonly summary: Uint8Array }
  /** Own devices only: "this is what I have of every chat", newest chat first. `isReply`: not to be answered by one. */
  | { readonly type: 'digest'; readonly isReply: boolean; readonly chats: readonly ChatDigest[] }
  /** Own devices only: what was learned of another account. */
  | {
      readonly type: 'peer';
      readonly accountKey: Uint8Array;
      readonly accepts: boolean;
      /** There is a direct chat with it: some are known only from a group. */
      readonly hasChat: boolean;
      readonly relayUrl: string;
      /** Empty: not known. */
      readonly deviceLog: Uint8Array;
      readonly profile?: SharedProfile;
    }
  /** Own devices only: what the other side said of our account's records. */
  | {
      readonly type: 'ticks';
      readonly chatId: ChatId;
      readonly received: readonly MarkEntry[];
      readonly read: readonly MarkEntry[];
    };

/** One change of a personal document, see `documents/personal`. */
export interface PersonalChange {
  readonly name: string;
  readonly generation: number;
  readonly bytes: Uint8Array;
}

/** What the sender believes, so that both sides notice what a relay kept from one of them. */
export interface Views {
  /** The sender's own device log. */
  readonly mine: LogView;
  /** The recipient's device log as the sender knows it; length 0: not known. */
  readonly yours: LogView;
  /** `updated` of the recipient's profile that the sender holds; 0: none. */
  readonly yourProfile: number;
}

export interface Payload {
  readonly views: Views;
  readonly parts: readonly Part[];
}

export type PayloadError =
  | { readonly type: 'UnknownVersion'; readonly version: number }
  | { readonly type: 'Malformed'; readonly reason: string };

/** Caps of one payload; a sender stays below them, a receiver refuses what is above. */
export const PAYLOAD_LIMITS = {
  parts: 32,
  deviceLog: 64 * 1024,
  url: 512,
  storageUrl: 240,
  name: 256,
  avatar: 32 * 1024,
  changes: 2048,
  change: 128 * 1024,
  marks: 256,
  summary: 128 * 1024,
  personalChanges: 2048,
  personalName: 16,
  distribution: 256,
  accounts: 2048,
  /** Chats in one digest. */
  digest: 4096,
} as const;

const VERSION = 1;
const HEAD = 32;
const KEY = 32;
const SIGNATURE = 64;
const DIGEST_HASH = 16;
const BLOB_BYTES = 24;

const JOIN_ANSWERS = ['waits', 'refused'] as const;
const CHANGES_OF = ['push', 'more', 'last'] as const;

const TAGS = {
  card: 1,
  author: 2,
  changes: 3,
  marks: 4,
  ask: 5,
  typing: 6,
  personal: 7,
  personalAsk: 8,
  digest: 9,
  peer: 10,
  ticks: 11,
  group: 12,
  senderKey: 13,
  join: 14,
  joinAnswer: 15,
  mediaAsk: 16,
  mediaAt: 17,
} as const;

/** Encodes a payload; the caller keeps to {@link PAYLOAD_LIMITS}. */
export function encodePayload(payload: Payload): Uint8Array {
  const writer = new ByteWriter().u8(VERSION);
  writeView(writer, payload.views.mine);
  writeView(writer, payload.views.yours);
  writeMillis(writer, payload.views.yourProfile);
  return writer.list(payload.parts, writePart).finish();
}

/** Parses a payload; every cap, unknown tag and trailing byte is an error. */
export function decodePayload(
  bytes: Uint8Array,
): { readonly ok: true; readonly value: Payload } | { readonly ok: false; readonly error: PayloadError } {
  try {
    const reader = new ByteReader(bytes);
    const version = reader.u8();
    if (version !== VERSION) return { ok: false, error: { type: 'UnknownVersion', version } };
    const views = { mine: readView(reader), yours: readView(reader), yourProfile: readMillis(reader) };
    const parts = reader.list(PAYLOAD_LIMITS.parts, readPart);
    reader.end();
    return { ok: true, value: { views, parts } };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, error: { type: 'Malformed', reason: error.message } };
    throw error;
  }
}

function writeView(writer: ByteWriter, view: LogView): void {
  writer.u32(view.length).fixed(view.head);
}

function readView(reader: ByteReader): LogView {
  return { length: reader.u32(), head: reader.fixed(HEAD) };
}

function writePart(writer: ByteWriter, part: Part): void {
  if (isStatusPart(part)) {
    writer.u8(STATUS_TAGS[part.type]);
    writeStatusPart(writer, part);
    return;
  }
  if (isPhonePart(part)) {
    writer.u8(PHONE_TAG);
    writePhonePart(writer, part);
    return;
  }
  if (isGroupCallPart(part)) {
    writer.u8(GROUP_CALL_TAG);
    writeGroupCallPart(writer, part);
    return;
  }
  writer.u8(TAGS[part.type]);
  switch (part.type) {
    case 'card':
      writer
        .u8(part.accepts ? 1 : 0)
        .bytes(part.deviceLog)
        .string(part.relayUrl)
        .bytes(part.mailbox);
      writer.optional(part.profile, writeProfile);
      return;
    case 'author':
      writer.string(part.chatId).fixed(part.key).fixed(part.deviceKey).fixed(part.proof).fixed(part.certificate);
      return;
    case 'changes':
      writer.string(part.chatId).u8(CHANGES_OF.indexOf(part.of));
      writer.list(part.changes, (w, change) => w.u32(change.segment).u32(change.generation).bytes(change.bytes));
      return;
    case 'marks':
    case 'ticks':
      writer.string(part.chatId).list(part.received, writeMark).list(part.read, writeMark);
      return;
    case 'ask':
      writer.string(part.chatId).bytes(part.summary);
      return;
    case 'typing':
      writer.string(part.chatId).u8(part.typing ? 1 : 0);
      return;
    case 'mediaAsk':
      writer.string(part.chatId).fixed(blobBytes(part.blob));
      return;
    case 'mediaAt':
      writer.string(part.chatId).fixed(blobBytes(part.blob)).string(part.url).fixed(blobBytes(part.name));
      return;
    case 'group':
      writer.string(part.chatId).fixed(part.secret);
      writer.list(part.accounts, (w, account) => w.fixed(account.accountKey).string(account.relayUrl));
      return;
    case 'senderKey':
      writer.string(part.chatId).bytes(part.distribution);
      return;
    case 'join':
      writer.string(part.chatId).fixed(part.invite).fixed(part.proof);
      return;
    case 'joinAnswer':
      writer.string(part.chatId).u8(JOIN_ANSWERS.indexOf(part.answer));
      return;
    case 'personal':
      writer.list(part.changes, (w, change) => w.string(change.name).u32(change.generation).bytes(change.bytes));
      return;
    case 'personalAsk':
      writer.bytes(part.summary);
      return;
    case 'digest':
      writer.u8(part.isReply ? 1 : 0);
      writer.list(part.chats, (w, chat) => w.string(chat.chatId).fixed(chat.hash).u32(chat.records));
      return;
    case 'peer':
      writer
        .fixed(part.accountKey)
        .u8(part.accepts ? 1 : 0)
        .u8(part.hasChat ? 1 : 0)
        .string(part.relayUrl)
        .bytes(part.deviceLog);
      writer.optional(part.profile, writeProfile);
      return;
  }
}

function readPart(reader: ByteReader): Part {
  const tag = reader.u8();
  if (isStatusTag(tag)) return readStatusPart(reader, tag);
  if (tag === PHONE_TAG) return readPhonePart(reader);
  if (tag === GROUP_CALL_TAG) return readGroupCallPart(reader);
  switch (tag) {
    case TAGS.card: {
      const accepts = readFlag(reader);
      const deviceLog = reader.bytes(PAYLOAD_LIMITS.deviceLog);
      const relayUrl = reader.string(PAYLOAD_LIMITS.url);
      const mailbox = reader.bytes(64);
      const profile = reader.optional(readProfile);
      return { type: 'card', accepts, deviceLog, relayUrl, mailbox, ...(profile && { profile }) };
    }
    case TAGS.author:
      return {
        type: 'author',
        chatId: readChatId(reader),
        key: reader.fixed(KEY),
        deviceKey: reader.fixed(KEY),
        proof: reader.fixed(SIGNATURE),
        certificate: reader.fixed(SIGNATURE),
      };
    case TAGS.changes:
      return {
        type: 'changes',
        chatId: readChatId(reader),
        of: readChangesOf(reader),
        changes: reader.list(PAYLOAD_LIMITS.changes, (r) => ({
          segment: r.u32(),
          generation: r.u32(),
          bytes: r.bytes(PAYLOAD_LIMITS.change),
        })),
      };
    case TAGS.marks:
    case TAGS.ticks:
      return {
        type: tag === TAGS.marks ? 'marks' : 'ticks',
        chatId: readChatId(reader),
        received: reader.list(PAYLOAD_LIMITS.marks, readMark),
        read: reader.list(PAYLOAD_LIMITS.marks, readMark),
      };
    case TAGS.ask:
      return { type: 'ask', chatId: readChatId(reader), summary: reader.bytes(PAYLOAD_LIMITS.summary) };
    case TAGS.typing:
      return { type: 'typing', chatId: readChatId(reader), typing: readFlag(reader) };
    case TAGS.group:
      return {
        type: 'group',
        chatId: readChatId(reader),
        secret: reader.fixed(KEY),
        accounts: reader.list(PAYLOAD_LIMITS.accounts, (r) => ({
          accountKey: r.fixed(KEY),
          relayUrl: r.string(PAYLOAD_LIMITS.url),
        })),
      };
    case TAGS.senderKey:
      return {
        type: 'senderKey',
        chatId: readChatId(reader),
        distribution: reader.bytes(PAYLOAD_LIMITS.distribution),
      };
    case TAGS.join:
      return { type: 'join', chatId: readChatId(reader), invite: reader.fixed(KEY), proof: reader.fixed(SIGNATURE) };
    case TAGS.joinAnswer:
      return { type: 'joinAnswer', chatId: readChatId(reader), answer: readJoinAnswer(reader) };
    case TAGS.mediaAsk:
      return { type: 'mediaAsk', chatId: readChatId(reader), blob: readBlob(reader) };
    case TAGS.mediaAt:
      return {
        type: 'mediaAt',
        chatId: readChatId(reader),
        blob: readBlob(reader),
        url: readHttpUrl(reader),
        name: readBlob(reader),
      };
    case TAGS.personal:
      return {
        type: 'personal',
        changes: reader.list(PAYLOAD_LIMITS.personalChanges, (r) => ({
          name: r.string(PAYLOAD_LIMITS.personalName),
          generation: r.u32(),
          bytes: r.bytes(PAYLOAD_LIMITS.change),
        })),
      };
    case TAGS.personalAsk:
      return { type: 'personalAsk', summary: reader.bytes(PAYLOAD_LIMITS.summary) };
    case TAGS.digest:
      return {
        type: 'digest',
        isReply: readFlag(reader),
        chats: reader.list(PAYLOAD_LIMITS.digest, (r) => ({
          chatId: readChatId(r),
          hash: r.fixed(DIGEST_HASH),
          records: r.u32(),
        })),
      };
    case TAGS.peer: {
      const accountKey = reader.fixed(KEY);
      const accepts = readFlag(reader);
      const hasChat = readFlag(reader);
      const relayUrl = reader.string(PAYLOAD_LIMITS.url);
      const deviceLog = reader.bytes(PAYLOAD_LIMITS.deviceLog);
      const profile = reader.optional(readProfile);
      return { type: 'peer', accountKey, accepts, hasChat, relayUrl, deviceLog, ...(profile && { profile }) };
    }
    default:
      throw new Unreadable(`unknown part ${String(tag)}`);
  }
}

function writeProfile(writer: ByteWriter, profile: SharedProfile): void {
  writeMillis(writer, profile.updated);
  writer.string(profile.name);
  writer.optional(profile.avatar, (w, avatar) => w.string(avatar.type).bytes(avatar.bytes));
}

function readProfile(reader: ByteReader): SharedProfile {
  const updated = readMillis(reader);
  const name = reader.string(PAYLOAD_LIMITS.name);
  const avatar = reader.optional((r) => ({ type: r.string(32), bytes: r.bytes(PAYLOAD_LIMITS.avatar) }));
  return { updated, name, ...(avatar && { avatar }) };
}

function writeMark(writer: ByteWriter, mark: MarkEntry): void {
  writer.fixed(mark.author).u32(mark.n);
}

function readMark(reader: ByteReader): MarkEntry {
  return { author: reader.fixed(KEY), n: reader.u32() };
}

function readChangesOf(reader: ByteReader): (typeof CHANGES_OF)[number] {
  const of = CHANGES_OF[reader.u8()];
  if (of === undefined) throw new Unreadable('changes of an unknown kind');
  return of;
}

function readJoinAnswer(reader: ByteReader): (typeof JOIN_ANSWERS)[number] {
  const answer = JOIN_ANSWERS[reader.u8()];
  if (answer === undefined) throw new Unreadable('an unknown answer');
  return answer;
}

function readBlob(reader: ByteReader): string {
  return toBase64Url(reader.fixed(BLOB_BYTES));
}

/** Throws a RangeError for what is no blob's name: that is a bug of the caller. */
function blobBytes(name: string): Uint8Array {
  const bytes = fromBase64Url(name);
  if (bytes?.length !== BLOB_BYTES) throw new RangeError('not the name of a blob');
  return bytes;
}

function readHttpUrl(reader: ByteReader): string {
  const url = reader.string(PAYLOAD_LIMITS.storageUrl);
  if (!isHttpUrl(url)) throw new Unreadable('not an http(s) URL in its one spelling');
  return url;
}

export type { ChatId, DeviceId };
