/**
 * What is to be told to other devices and the relay has not accepted yet. An item starts as *parts* for an account or
 * one of its devices, becomes an *envelope* when it was sealed (from then on only the very same bytes are sent, however
 * often), and leaves when the relay accepted it. Order per device is the order of adding.
 *
 * Bound: {@link OUTBOX_LIMIT} items; beyond it a new message is refused (`StorageFull`) and small talk (typing, marks) is
 * not added. Nothing is dropped once it is in.
 */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import type { SendFailure } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Part } from '../payload/payload.ts';
import { orderedNumber, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

export const OUTBOX_LIMIT = 20_000;

/** A message of ours that an item carries: its tick is `queued` while the item is here. */
export interface MessageRef {
  readonly chatId: ChatId;
  readonly recordId: string;
}

interface Common {
  readonly seq: number;
  readonly accountId: AccountId;
  readonly refs: readonly MessageRef[];
  /** Deliver now or never: typing. */
  readonly ephemeral: boolean;
  readonly failure?: SendFailure;
}

/** `deviceId` absent: for every device of the account, once they are known. */
export interface PartsItem extends Common {
  readonly type: 'parts';
  readonly deviceId?: DeviceId;
  readonly parts: readonly Part[];
}

export interface EnvelopeItem extends Common {
  readonly type: 'envelope';
  readonly deviceId: DeviceId;
  readonly relayUrl: string;
  readonly mailbox: MailboxId;
  readonly envelopeId: EnvelopeId;
  readonly data: Uint8Array;
}

export type OutboxItem = PartsItem | EnvelopeItem;

export type NewItem = Pick<PartsItem, 'accountId' | 'parts'> &
  Partial<Pick<PartsItem, 'deviceId' | 'refs' | 'ephemeral'>>;

export class Outbox {
  readonly #items = new Map<number, OutboxItem>();
  readonly #refs = new Map<string, Set<number>>();
  readonly #changed: (refs: readonly MessageRef[]) => void;
  #next = 1;

  /** `changed` hears which messages' ticks may look different. */
  constructor(changed: (refs: readonly MessageRef[]) => void) {
    this.#changed = changed;
  }

  async load(store: Store): Promise<void> {
    for (const { value } of await store.range('outbox', {})) {
      const item = unpack<OutboxItem>(value);
      this.#keep(item);
      this.#next = Math.max(this.#next, item.seq + 1);
    }
  }

  get size(): number {
    return this.#items.size;
  }

  /** Messages (not small talk) that wait. */
  get waitingMessages(): number {
    return this.#refs.size;
  }

  /** In order of adding: a Map keeps its order, and a replaced item keeps its place. */
  items(): IterableIterator<OutboxItem> {
    return this.#items.values();
  }

  get(seq: number): OutboxItem | undefined {
    return this.#items.get(seq);
  }

  /** Whether messages for this account wait that no device of it has been sent yet. */
  hasMessagesFor(accountId: AccountId): boolean {
    for (const item of this.#items.values()) if (item.accountId === accountId && item.refs.length > 0) return true;
    return false;
  }

  /** Undefined: not in the outbox. */
  stateOf(ref: MessageRef): { readonly failure?: SendFailure } | undefined {
    const seqs = this.#refs.get(refKey(ref));
    if (seqs === undefined) return undefined;
    for (const seq of seqs) {
      const failure = this.#items.get(seq)?.failure;
      if (failure !== undefined) return { failure };
    }
    return {};
  }

  add(batch: Batch, input: NewItem): void {
    const item: PartsItem = { type: 'parts', seq: this.#next, refs: [], ephemeral: false, ...input };
    this.#next += 1;
    this.put(batch, item);
  }

  /** Replaces not yet sealed marks for the same chat instead of adding more: only the latest are worth telling. */
  addMarks(batch: Batch, input: NewItem & { readonly parts: readonly [Extract<Part, { type: 'marks' }>] }): void {
    const [marks] = input.parts;
    for (const item of this.#items.values()) {
      if (item.type !== 'parts' || item.accountId !== input.accountId || item.parts.length !== 1) continue;
      const [part] = item.parts;
      if (part?.type !== 'marks' || part.chatId !== marks.chatId) continue;
      this.put(batch, { ...item, parts: input.parts });
      return;
    }
    this.add(batch, input);
  }

  put(batch: Batch, item: OutboxItem): void {
    batch.put('outbox', itemKey(item.seq), pack(item));
    batch.then(() => {
      this.#forgetRefs(item.seq);
      this.#keep(item);
      this.#changed(item.refs);
    });
  }

  /** A sequence number for an item that {@link put} is about to add. */
  nextSeq(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  /** The relay took an item: its messages count as sent, also if another device of the account still waits for them. */
  accept(batch: Batch, seq: number): void {
    for (const ref of this.#items.get(seq)?.refs ?? []) {
      for (const other of this.#refs.get(refKey(ref)) ?? []) {
        const item = this.#items.get(other);
        if (other !== seq && item !== undefined)
          this.put(batch, { ...item, refs: item.refs.filter((r) => refKey(r) !== refKey(ref)) });
      }
    }
    this.remove(batch, seq);
  }

  remove(batch: Batch, seq: number): void {
    const refs = this.#items.get(seq)?.refs ?? [];
    batch.delete('outbox', itemKey(seq));
    batch.then(() => {
      this.#forgetRefs(seq);
      this.#items.delete(seq);
      this.#changed(refs);
    });
  }

  removeAccount(batch: Batch, accountId: AccountId): void {
    for (const item of this.#items.values()) if (item.accountId === accountId) this.remove(batch, item.seq);
  }

  #keep(item: OutboxItem): void {
    this.#items.set(item.seq, item);
    for (const ref of item.refs) {
      const seqs = this.#refs.get(refKey(ref)) ?? new Set();
      this.#refs.set(refKey(ref), seqs.add(item.seq));
    }
  }

  #forgetRefs(seq: number): void {
    for (const ref of this.#items.get(seq)?.refs ?? []) {
      const seqs = this.#refs.get(refKey(ref));
      seqs?.delete(seq);
      if (seqs?.size === 0) this.#refs.delete(refKey(ref));
    }
  }
}

function itemKey(seq: number): string {
  return storeKey('item', orderedNumber(seq));
}

function refKey(ref: MessageRef): string {
  return `${ref.chatId}:${ref.recordId}`;
}
