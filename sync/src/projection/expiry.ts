/**
 * Messages that disappear, and when: in memory for every question of the screen, and in one row each, so that a start need
 * not look through all messages for them. An entry may outlive its message's commit that failed; the sweep drops it then.
 */
import { utf8 } from '@securechat/crypto';
import type { ChatId, Millis, RecordId } from '../api.ts';
import type { Store, StoreOp } from '../ports/store.ts';
import { prefixRange, splitKey } from '../ports/store-key.ts';
import type { Touched } from './chat-index.ts';
import { readValue } from './chat-head.ts';
import { isNumber, parseJson } from './json.ts';
import { dueKey } from './keys.ts';
import type { MessageState } from './state.ts';

/** When the message is gone; undefined: never. Dates are what its author says, within what the guard lets through. */
export function expiryOf({ message }: MessageState): Millis | undefined {
  return message?.expires === undefined ? undefined : message.time + message.expires * 1000;
}

export class Expiries {
  readonly #now: () => Millis;
  readonly #chats = new Map<ChatId, Map<RecordId, Millis>>();
  #next = Infinity;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  async load(store: Store): Promise<void> {
    for (const { key, value } of await store.range('rows', prefixRange('due'))) {
      const [, chatId = '', id = ''] = splitKey(key).hidden;
      this.#note(chatId, id, readValue('rows', value, decodeDue, Infinity));
    }
  }

  /** The time at which the next one is gone; undefined: none is to be. */
  get next(): Millis | undefined {
    return this.#next === Infinity ? undefined : this.#next;
  }

  /** Whether this state is of a message that is gone by now. */
  isOver(state: MessageState): boolean {
    return (expiryOf(state) ?? Infinity) <= this.#now();
  }

  /** The same by id, for what was noted. */
  isGone(chatId: ChatId, id: RecordId): boolean {
    return (this.#chats.get(chatId)?.get(id) ?? Infinity) <= this.#now();
  }

  /** Chats that have something to sweep. */
  overdue(): readonly ChatId[] {
    return [...this.#chats.keys()].filter((chatId) => this.over(chatId, 1).length > 0);
  }

  /** What is gone by now in one chat, at most so many. */
  over(chatId: ChatId, limit: number): readonly RecordId[] {
    const now = this.#now();
    const ids: RecordId[] = [];
    for (const [id, at] of this.#chats.get(chatId) ?? []) {
      if (ids.length === limit) break;
      if (at <= now) ids.push(id);
    }
    return ids;
  }

  /** Notes what a batch brings, and answers the ops that keep the rows right. */
  follow(chatId: ChatId, touched: readonly Touched[]): readonly StoreOp[] {
    return touched.flatMap(({ id, before, after }): StoreOp[] => {
      const [was, is] = [expiryOf(before), expiryOf(after)];
      if (was === is) return [];
      const key = dueKey(chatId, id);
      if (is === undefined) return [{ op: 'delete', table: 'rows', key }];
      this.#note(chatId, id, is);
      return [{ op: 'put', table: 'rows', key, value: encodeDue(is) }];
    });
  }

  /** These were swept. */
  forget(chatId: ChatId, ids: Iterable<RecordId>): void {
    const chat = this.#chats.get(chatId);
    for (const id of ids) chat?.delete(id);
    if (chat?.size === 0) this.#chats.delete(chatId);
    this.#next = Math.min(Infinity, ...[...this.#chats.values()].map(earliest));
  }

  forgetChat(chatId: ChatId): void {
    this.forget(chatId, [...(this.#chats.get(chatId)?.keys() ?? [])]);
  }

  #note(chatId: ChatId, id: RecordId, at: Millis): void {
    const chat = this.#chats.get(chatId) ?? new Map<RecordId, Millis>();
    this.#chats.set(chatId, chat.set(id, at));
    this.#next = Math.min(this.#next, at);
  }
}

function earliest(chat: ReadonlyMap<RecordId, Millis>): Millis {
  let first = Infinity;
  for (const at of chat.values()) first = Math.min(first, at);
  return first;
}

export function encodeDue(at: Millis): Uint8Array {
  return utf8(JSON.stringify([VERSION, at]));
}

/** Undefined for anything that {@link encodeDue} did not make. */
export function decodeDue(bytes: Uint8Array): Millis | undefined {
  const value = parseJson(bytes);
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== VERSION) return undefined;
  const at: unknown = value[1];
  return isNumber(at) ? at : undefined;
}

const VERSION = 1;
