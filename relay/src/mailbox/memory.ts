/** The mailbox store in memory: for tests and simulations, where it also plays the disk that survives a relay's crash. */
import type { MailboxId } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import type { AckOp, MailboxOp, MailboxStore, PutOp, PutOutcome, QueuedEnvelope, Quota } from './port.ts';

interface Box {
  readonly queue: Map<string, QueuedEnvelope>;
  /** Id -> when it was put. Outlives the envelope. */
  readonly seen: Map<string, number>;
  bytes: number;
}

/** An empty store. */
export function memoryMailboxes(quota: Quota): MailboxStore {
  const boxes = new Map<string, Box>();
  let seq = 0;

  function put(op: PutOp): PutOutcome {
    const box = boxes.get(keyOf(op.mailbox));
    const key = keyOf(op.id);
    if (box === undefined) return 'unknown';
    if (box.seen.has(key)) return 'duplicate';
    if (box.queue.size >= quota.count || box.bytes + op.data.length > quota.bytes) return 'full';
    box.seen.set(key, op.at);
    box.queue.set(key, { seq: ++seq, id: op.id, data: op.data });
    box.bytes += op.data.length;
    return 'stored';
  }

  function ack(op: AckOp): void {
    const box = boxes.get(keyOf(op.mailbox));
    if (box === undefined) return;
    for (const id of op.ids) remove(box, keyOf(id));
  }

  return {
    open: (mailbox) => {
      const key = keyOf(mailbox);
      if (!boxes.has(key)) boxes.set(key, { queue: new Map(), seen: new Map(), bytes: 0 });
      return Promise.resolve();
    },
    close: (mailbox) => {
      boxes.delete(keyOf(mailbox));
      return Promise.resolve();
    },
    usage: (mailbox) => {
      const box = boxes.get(keyOf(mailbox));
      return Promise.resolve(box && { count: box.queue.size, bytes: box.bytes });
    },
    commit: (ops) => Promise.resolve(ops.flatMap((op: MailboxOp) => (op.type === 'put' ? [put(op)] : (ack(op), [])))),
    read: (mailbox, after, page) => Promise.resolve(readPage(boxes, mailbox, after, page)),
    expire: (before, limit) => Promise.resolve(expire(boxes, before, limit)),
    end: () => Promise.resolve(),
  };
}

function readPage(boxes: Map<string, Box>, mailbox: MailboxId, after: number, page: Quota): QueuedEnvelope[] {
  const found: QueuedEnvelope[] = [];
  let bytes = 0;
  for (const envelope of boxes.get(keyOf(mailbox))?.queue.values() ?? []) {
    if (found.length >= page.count || bytes >= page.bytes) break;
    if (envelope.seq <= after) continue;
    found.push(envelope);
    bytes += envelope.data.length;
  }
  return found;
}

function expire(boxes: Map<string, Box>, before: number, limit: number): { dropped: number; more: boolean } {
  let dropped = 0;
  let forgotten = 0;
  for (const box of boxes.values()) {
    for (const [key, at] of box.seen) {
      if (at >= before) continue;
      if (forgotten === limit) return { dropped, more: true };
      forgotten++;
      box.seen.delete(key);
      if (remove(box, key)) dropped++;
    }
  }
  return { dropped, more: false };
}

function remove(box: Box, key: string): boolean {
  const envelope = box.queue.get(key);
  if (envelope === undefined) return false;
  box.queue.delete(key);
  box.bytes -= envelope.data.length;
  return true;
}
