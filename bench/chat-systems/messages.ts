/**
 * The messages that all systems store: signed records of about 100 characters of text, made once. The other side's
 * changes come as that side would send them; the other systems get the same record bytes under the same ids.
 */
import { type AuthorKey, type ChatId, createAuthorKey, seededRandom, toBase64Url } from '@securechat/crypto';
import { makeEntry } from '../../sync/src/documents/change/own-change.ts';
import { type Entry, nodeOf } from '../../sync/src/documents/change/entry.ts';
import { Graph } from '../../sync/src/documents/segment/graph.ts';
import { makePlace } from '../../sync/src/documents/segment/place.ts';

export const CHAT = toBase64Url(new Uint8Array(16).fill(1)) as ChatId;
export const SECRET = new Uint8Array(32).fill(2);
export const SEGMENT_SIZE = 1000;
export const START = 1_700_000_000_000;

const WORDS =
  'and the of to meet train tomorrow coffee please never maybe photo house garden river answer question yellow paper winter summer hello good morning evening weather ticket number'.split(
    ' ',
  );

/** Messages of one author, each following the one before. */
export class Messages {
  readonly entries: Entry[] = [];
  readonly author: AuthorKey = createAuthorKey(seededRandom(new Uint8Array(32).fill(3)));
  readonly #random = seededRandom(new Uint8Array(32).fill(4));
  #graph = new Graph();

  /** Message number `index`, made when it is first asked for. */
  at(index: number): Entry {
    while (this.entries.length <= index) this.#add();
    return this.entries[index] as Entry;
  }

  /** `count` messages from `from` on. */
  range(from: number, count: number): Entry[] {
    return Array.from({ length: count }, (_, i) => this.at(from + i));
  }

  /** Text number `index`: about 100 characters. */
  text(): string {
    return [...this.#random(17)].map((byte) => WORDS[byte % WORDS.length] ?? '').join(' ');
  }

  #add(): void {
    const index = this.entries.length;
    const segment = Math.floor(index / SEGMENT_SIZE);
    if (index % SEGMENT_SIZE === 0) this.#graph = new Graph();
    const time = { ms: START + index * 1000, counter: 0 };
    const entry = makeEntry(
      this.#graph,
      makePlace(CHAT, SECRET, segment),
      { chatId: CHAT, author: this.author, session: new Uint8Array(6).fill(1) },
      { n: index + 1, time, body: { kind: 'message', text: this.text() } },
    );
    this.#graph.add(nodeOf(entry, false));
    this.entries.push(entry);
  }
}
