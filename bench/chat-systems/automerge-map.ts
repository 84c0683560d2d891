/** One Automerge document that grows: a flat map of ids to the same record bytes, one change a message, nothing checked. */
import * as A from '@automerge/automerge/slim';
import type { Messages } from './messages.ts';
import type { Chat, ChatSystem } from './system.ts';

type Flat = Record<string, Uint8Array>;

const PEER = 'bb'.repeat(16);

export function automergeSystem(messages: Messages): ChatSystem {
  return {
    name: 'one Automerge document',
    rounds: { append: 15, ingest: 15, drain: 3, open: 3 },
    create: (length) => Promise.resolve(createChat(messages, length)),
  };
}

function createChat(messages: Messages, length: number): Chat {
  const peer = new PeerChanges(messages);
  let doc = A.init<Flat>({ actor: 'aa'.repeat(16) });
  for (let from = 0; from < length; from += 5000) {
    [doc] = A.applyChanges(doc, peer.range(from, Math.min(5000, length - from)));
  }
  const saved = A.save(doc);
  let [mine, theirs] = [0, length];
  const applied = (changes: Uint8Array[]): Promise<void> => {
    [doc] = A.applyChanges(doc, changes);
    return Promise.resolve();
  };
  return {
    append: () => {
      const value = messages.at(mine).change.value;
      doc = A.change(doc, { time: 0 }, (draft) => void (draft[`own ${String(mine++)}`] = value));
      return Promise.resolve(A.getLastLocalChange(doc));
    },
    ingestOne: () => applied(peer.range(theirs++, 1)),
    prepareDrain: () => {
      const fresh = A.load<Flat>(saved);
      const batch = peer.range(length, 1000);
      return Promise.resolve(() => {
        A.free(A.applyChanges(fresh, batch)[0]);
        return Promise.resolve();
      });
    },
    open: () => {
      const fresh = A.load<Flat>(saved);
      const last = Object.keys(fresh).sort().slice(-50);
      const found = last.map((key) => fresh[key]);
      A.free(fresh);
      return Promise.resolve(found);
    },
    bytes: () => saved.length,
    close: () => {
      A.free(doc);
    },
  };
}

/** The other side's changes, made below Automerge's JavaScript layer, which would copy the whole map for each. */
class PeerChanges {
  readonly #messages: Messages;
  readonly #core = A.getBackend(A.init({ actor: PEER }));
  readonly #made: Uint8Array[] = [];

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  range(from: number, count: number): Uint8Array[] {
    while (this.#made.length < from + count) this.#add();
    return this.#made.slice(from, from + count);
  }

  #add(): void {
    const { key, value } = this.#messages.at(this.#made.length).change;
    this.#core.put('_root', key, value, 'bytes');
    this.#core.commit(undefined, 0);
    this.#made.push(this.#core.getLastLocalChange() ?? new Uint8Array());
  }
}
