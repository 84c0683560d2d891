/**
 * The head of a chat's projection: the directory of its timeline, for each author among the others (a *voice*) the
 * directory of what they said, and of each collection that has something. Small, read by everything, written seldom; hence the cache.
 */
import { utf8 } from '@securechat/crypto';
import type { ChatId, Collection } from '../api.ts';
import type { Store, StoreOp, TableName } from '../ports/store.ts';
import { DamagedValueError } from '../ports/store-error.ts';
import { isCollection } from './collections.ts';
import { isTexts, parseJson } from './json.ts';
import { chatKey, sortKey, TIMELINE_WIDTH, VOICE_WIDTH, voiceKey } from './keys.ts';
import { EMPTY_DIRECTORY, type Directory } from './packed-list.ts';
import { decodeDirectory, directoryFromJson, directoryToJson } from './packed-list-bytes.ts';

const VERSION = 2;
const REMEMBERED = 64;

export interface ChatHead {
  /** False while the store holds no record of the chat. */
  readonly stored: boolean;
  readonly timeline: Directory;
  /** By author key, base64url. */
  readonly voices: ReadonlyMap<string, Directory>;
  /** Those that ever had something. */
  readonly collections: ReadonlyMap<Collection, Directory>;
}

/** What the chat's own record holds; the directories of voices and collections are stored beside it. */
export interface ChatRecord {
  readonly timeline: Directory;
  readonly voices: readonly string[];
  readonly collections: readonly Collection[];
}

export function encodeChatRecord({ timeline, voices, collections }: ChatRecord): Uint8Array {
  return utf8(JSON.stringify([VERSION, directoryToJson(timeline), voices, collections]));
}

/** Undefined for anything that {@link encodeChatRecord} did not make. */
export function decodeChatRecord(bytes: Uint8Array): ChatRecord | undefined {
  const value = parseJson(bytes);
  if (!Array.isArray(value) || value.length !== 4 || value[0] !== VERSION) return undefined;
  const [, directory, voices, collections] = value as unknown[];
  const timeline = directoryFromJson(directory, TIMELINE_WIDTH);
  if (timeline === undefined || !isTexts(voices) || !isTexts(collections)) return undefined;
  return collections.every(isCollection) ? { timeline, voices, collections } : undefined;
}

export function putChatRecord(chatId: ChatId, record: ChatRecord): StoreOp {
  return { op: 'put', table: 'rows', key: chatKey(chatId), value: encodeChatRecord(record) };
}

/** Stored bytes read with one of the decoders; an absent value reads as `fallback`. */
export function readValue<T>(
  table: TableName,
  bytes: Uint8Array | undefined,
  decode: (bytes: Uint8Array) => T | undefined,
  fallback: T,
): T {
  if (bytes === undefined) return fallback;
  const value = decode(bytes);
  if (value === undefined) throw new DamagedValueError(table);
  return value;
}

async function loadHead(store: Store, chatId: ChatId): Promise<ChatHead> {
  const empty: ChatRecord = { timeline: EMPTY_DIRECTORY, voices: [], collections: [] };
  const bytes = await store.get('rows', chatKey(chatId));
  const { timeline, voices, collections } = readValue('rows', bytes, decodeChatRecord, empty);
  const keys = [
    ...voices.map((author) => voiceKey(chatId, author)),
    ...collections.map((collection) => sortKey(chatId, collection)),
  ];
  const values = keys.length === 0 ? [] : await store.getMany('rows', keys);
  const read = (index: number, width: number): Directory =>
    readValue('rows', values[index], (value) => decodeDirectory(value, width), EMPTY_DIRECTORY);
  return {
    ...{ stored: bytes !== undefined, timeline },
    voices: new Map(voices.map((author, index) => [author, read(index, VOICE_WIDTH)])),
    collections: new Map(
      collections.map((collection, index) => [collection, read(voices.length + index, TIMELINE_WIDTH)]),
    ),
  };
}

interface Memory {
  head?: ChatHead;
  /** Ops that change the head were handed out; whether they were committed shows at the next apply. */
  unsure: boolean;
  epoch: number;
}

/**
 * Heads by chat. `apply` hands out ops that somebody else commits, so the cache never takes a changed head from it: it
 * forgets, and believes the store again when told so, at the latest from the next apply on.
 */
export class ChatHeads {
  readonly #store: Store;
  readonly #memories = new Map<ChatId, Memory>();

  constructor(store: Store) {
    this.#store = store;
  }

  async get(chatId: ChatId): Promise<ChatHead> {
    const memory = this.#memory(chatId);
    if (memory.head !== undefined) return memory.head;
    const { epoch } = memory;
    const head = await loadHead(this.#store, chatId);
    if (memory.epoch === epoch && !memory.unsure) memory.head = head;
    return head;
  }

  /** Whatever ops were handed out before are committed or dropped by now. */
  settle(chatId: ChatId): void {
    const memory = this.#memory(chatId);
    if (!memory.unsure) return;
    memory.unsure = false;
    memory.epoch += 1;
  }

  /** Ops that change this head are on their way. */
  forget(chatId: ChatId): void {
    const memory = this.#memory(chatId);
    delete memory.head;
    memory.unsure = true;
    memory.epoch += 1;
  }

  #memory(chatId: ChatId): Memory {
    const known = this.#memories.get(chatId);
    if (known !== undefined) return known;
    if (this.#memories.size >= REMEMBERED) this.#dropOldest();
    const fresh: Memory = { unsure: false, epoch: 0 };
    this.#memories.set(chatId, fresh);
    return fresh;
  }

  #dropOldest(): void {
    for (const [chatId, memory] of this.#memories) {
      if (memory.unsure) continue;
      this.#memories.delete(chatId);
      return;
    }
  }
}
