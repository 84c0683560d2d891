/** SecureChat's chat documents: signed, verified, guarded, sealed and stored. */
import { createAuthorKey, createMasterKey, deriveKey, seededRandom } from '@securechat/crypto';
import {
  type ChatDocuments,
  type WireChange,
  createEncryptedStorageAdapter,
  createMemoryStorageAdapter,
  openChatDocuments,
} from '../../sync/src/documents/index.ts';
import type { Entry } from '../../sync/src/documents/change/entry.ts';
import { tick } from '../../sync/src/records/hlc.ts';
import { CHAT, type Messages, SECRET, SEGMENT_SIZE, START } from './messages.ts';
import type { Chat, ChatSystem } from './system.ts';

const LATER = START + 10 ** 10;

export function documentsSystem(messages: Messages): ChatSystem {
  return {
    name: 'SecureChat documents',
    rounds: { append: 300, ingest: 300, drain: 7, open: 15 },
    create: (length) => createChat(messages, length),
  };
}

async function createChat(messages: Messages, length: number): Promise<Chat> {
  const random = seededRandom(new Uint8Array(32).fill(5));
  const master = createMasterKey(random);
  const keys = { values: deriveKey(master, 'values'), names: deriveKey(master, 'names') };
  const me = createAuthorKey(random);
  const inner = createMemoryStorageAdapter();
  const openOn = (stored: typeof inner): Promise<ChatDocuments> =>
    openChatDocuments({
      chatId: CHAT,
      chatSecret: SECRET,
      storage: createEncryptedStorageAdapter({ inner: stored, keys, random }),
      random,
      authors: { isKnown: () => true },
      segmentSize: SEGMENT_SIZE,
    });
  const documents = await openOn(inner);
  for (let from = 0; from < length; from += 1000) {
    await documents.ingest(wires(messages.range(from, Math.min(1000, length - from)), from), LATER);
  }
  await documents.summary();
  const history = inner.snapshot();
  const bytes = inner.size();
  const restored = (): typeof inner => createMemoryStorageAdapter({ snapshot: history });
  let theirs = length;
  return {
    append: () => {
      const draft = { n: documents.maxN(me.publicKey) + 1, time: tick(documents.latestTime(), START) };
      return documents.append(me, { ...draft, body: { kind: 'message', text: messages.text() } });
    },
    ingestOne: () => documents.ingest(wires([messages.at(theirs)], theirs++), LATER),
    prepareDrain: async () => {
      const fresh = await openOn(restored());
      const batch = wires(messages.range(length, 1000), length);
      return async () => {
        const { fresh: count } = await fresh.ingest(batch, LATER);
        if (count !== 1000) throw new Error('the drain did not go through');
        await fresh.summary();
        await fresh.close();
      };
    },
    open: async () => {
      const fresh = await openOn(restored());
      for await (const records of fresh.readAll()) {
        if (records.slice(-50).length !== 50) throw new Error('too few');
        break;
      }
      await fresh.close();
    },
    bytes: () => bytes,
    close: () => void documents.close(),
  };
}

function wires(entries: readonly Entry[], from: number): WireChange[] {
  return entries.map(({ change }, i) => ({
    segment: Math.floor((from + i) / SEGMENT_SIZE),
    generation: 0,
    bytes: change.bytes,
  }));
}
