/** A sealed, projected chat of any length, for the benchmarks of the projection. */
import { createMasterKey, deriveKey, ready, seededRandom } from '@securechat/crypto';
import { createMemoryStore } from '../sync/src/adapters/memory-store.ts';
import { createSealedStore } from '../sync/src/adapters/sealed-store.ts';
import type { Store } from '../sync/src/ports/store.ts';
import { createProjection, type Projection } from '../sync/src/projection/projection.ts';
import type { ProjectableRecord } from '../sync/src/projection/record.ts';

const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const WORDS =
  'and the of to meet train tomorrow coffee please never maybe photo house garden river answer question yellow paper winter summer 東京 会議 明日 映画 写真 hello good morning evening weather ticket number'.split(
    ' ',
  );
export const CHAT = 'chat';
/** Once in the oldest message of every history. */
export const RARE_WORD = 'Xylophone';

/** Two people taking turns; about 100 characters a message. */
export class ChatHistory {
  readonly store: Store;
  readonly projection: Projection;
  length = 0;
  readonly #random: (length: number) => Uint8Array;
  readonly #authors = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

  private constructor() {
    this.#random = seededRandom(new Uint8Array(32).fill(9));
    const master = createMasterKey(this.#random);
    const keys = { values: deriveKey(master, 'values'), names: deriveKey(master, 'names') };
    this.store = createSealedStore({ inner: createMemoryStore(), keys, random: this.#random });
    const accountOf = (_chat: string, author: string): string => (author.startsWith('AQEB') ? 'me' : 'peer');
    this.projection = createProjection({ store: this.store, me: 'me', now: Date.now, accountOf });
  }

  static async of(length: number): Promise<ChatHistory> {
    await ready();
    const history = new ChatHistory();
    while (history.length < length) await history.append(Math.min(1000, length - history.length));
    return history;
  }

  /** Applies and commits one batch of new messages. */
  async append(count: number): Promise<void> {
    await this.commit(this.write(count));
  }

  async commit(records: readonly ProjectableRecord[]): Promise<void> {
    await this.store.commit((await this.projection.apply(CHAT, records)).ops);
    this.projection.settle(CHAT);
  }

  write(count: number): ProjectableRecord[] {
    return Array.from({ length: count }, () => this.#message());
  }

  #message(): ProjectableRecord {
    const at = this.length++;
    const ms = 1_700_000_000_000 + at * 1000;
    const author = this.#authors[at % 2] ?? new Uint8Array(32);
    const words = [...this.#random(17)].map((byte) => WORDS[byte % WORDS.length] ?? '');
    const text = [...words, ...(at === 0 ? [RARE_WORD] : [])].join(' ');
    return {
      id: idAt(ms, at),
      chatId: CHAT,
      author,
      n: 1 + Math.floor(at / 2),
      time: { ms },
      body: { kind: 'message', text },
    };
  }
}

function idAt(ms: number, salt: number): string {
  return digits(ms) + digits(salt);
}

function digits(value: number): string {
  let text = '';
  for (let rest = value; text.length < 12; rest = Math.floor(rest / 64)) text = ALPHABET.charAt(rest % 64) + text;
  return text;
}
