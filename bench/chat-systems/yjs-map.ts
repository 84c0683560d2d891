/** One Yjs document that grows: a map of ids to the same record bytes, nothing checked, nothing written to storage. */
import * as Y from 'yjs';
import type { Messages } from './messages.ts';
import type { Chat, ChatSystem } from './system.ts';

export function yjsSystem(messages: Messages): ChatSystem {
  return {
    name: 'one Yjs document',
    rounds: { append: 300, ingest: 300, drain: 7, open: 5 },
    create: (length) => Promise.resolve(createChat(messages, length)),
  };
}

function createChat(messages: Messages, length: number): Chat {
  const peer = new Y.Doc();
  const put = (doc: Y.Doc, from: number, count: number): void => {
    for (const { change } of messages.range(from, count)) mapOf(doc).set(change.key, change.value);
  };
  put(peer, 0, length);
  const saved = Y.encodeStateAsUpdate(peer);
  const doc = fromUpdate(saved);
  let [mine, theirs] = [0, length];
  const updates: Uint8Array[] = [];
  peer.on('update', (update: Uint8Array) => updates.push(update));
  put(peer, length, 400);
  return {
    append: () => {
      mapOf(doc).set(`own ${String(mine)}`, messages.at(mine++).change.value);
      return Promise.resolve();
    },
    ingestOne: () => {
      Y.applyUpdate(doc, updates[theirs++ - length] ?? new Uint8Array());
      return Promise.resolve();
    },
    prepareDrain: () => {
      const sender = fromUpdate(saved);
      const before = Y.encodeStateVector(sender);
      put(sender, length, 1000);
      const update = Y.encodeStateAsUpdate(sender, before);
      const fresh = fromUpdate(saved);
      return Promise.resolve(() => {
        Y.applyUpdate(fresh, update);
        return Promise.resolve();
      });
    },
    open: () => {
      const fresh = fromUpdate(saved);
      const last = [...mapOf(fresh).keys()].sort().slice(-50);
      return Promise.resolve(last.map((key) => mapOf(fresh).get(key)));
    },
    bytes: () => saved.length,
    close: () => {
      doc.destroy();
      peer.destroy();
    },
  };
}

function mapOf(doc: Y.Doc): Y.Map<Uint8Array> {
  return doc.getMap('messages');
}

function fromUpdate(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
}
