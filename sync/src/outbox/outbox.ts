/**
 * What is to be told to other devices and the relay has not accepted yet. An item starts as *parts* for an account or
 * one of its devices, becomes an *envelope* when it was sealed (from then on only the very same bytes are sent, however
 * often), and leaves when the relay accepted it. Order per device is the order of adding.
 *
 * Bounds: {@link OUTBOX_LIMIT} items, beyond which a new message is refused (`StorageFull`), and {@link TALK_LIMIT} items of
 * small talk (receipts, questions, answers, typing: what is said again if it was not heard) for one account, beyond which
 * it is not added. Nothing else is dropped once it is in.
 */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import type { SendFailure } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Part } from '../payload/payload.ts';
import type { PeerAddress } from '../peers/peers.ts';
import { orderedNumber, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

export const OUTBOX_LIMIT = 20_000;
/** Whoever asks and does not fetch the answers must not fill this device's disk with them. */
export const TALK_LIMIT = 32;
/** The same for one's own account: own devices have whole histories to tell each other. */
export const OWN_TALK_LIMIT = 512;

/** A message of ours that an item carries: its tick is `queued` while the item is here. */
export interface MessageRef {
  readonly chatId: ChatId;
  readonly recordId: string;
}

interface Common {
  readonly seq: number;
  readonly refs: readonly MessageRef[];
  /** Deliver now or never: typing. */
  readonly ephemeral: boolean;
  /** Present on small talk. Of one topic only the latest is worth telling. */
  readonly topic?: string;
  /** Marks by which whoever said it knows it again once it is sealed. */
  readonly holds?: readonly string[];
  readonly failure?: SendFailure;
}

/** `deviceId` absent: for every device of the account, once they are known. */
export interface PartsItem extends Common {
  readonly type: 'parts';
  readonly accountId: AccountId;
  readonly deviceId?: DeviceId;
  readonly parts: readonly Part[];
}

export interface EnvelopeItem extends Common {
  readonly type: 'envelope';
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly relayUrl: string;
  readonly mailbox: MailboxId;
  readonly envelopeId: EnvelopeId;
  readonly data: Uint8Array;
}

/** For every device of a group's members. */
export interface GroupPartsItem extends Common {
  readonly type: 'groupParts';
  readonly groupId: ChatId;
  readonly parts: readonly Part[];
}

/** One device that a group's envelope has not reached. */
export interface Recipient extends PeerAddress {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
}

export interface GroupEnvelopeItem extends Common {
  readonly type: 'groupEnvelope';
  readonly groupId: ChatId;
  readonly envelopeId: EnvelopeId;
  readonly data: Uint8Array;
  readonly to: readonly Recipient[];
}

export type OutboxItem = PartsItem | EnvelopeItem | GroupPartsItem | GroupEnvelopeItem;
type ItemOfAccount = PartsItem | EnvelopeItem;

export type NewItem = Pick<PartsItem, 'accountId' | 'parts'> & Partial<Pick<PartsItem, 'deviceId' | 'refs' | 'holds'>>;
export type NewGroupItem = Pick<GroupPartsItem, 'groupId' | 'parts'> &
  Partial<Pick<GroupPartsItem, 'refs' | 'ephemeral'>>;
export type NewTalk = Pick<PartsItem, 'accountId' | 'parts'> &
  Partial<Pick<PartsItem, 'deviceId' | 'ephemeral' | 'holds'>> & { readonly topic: string };

export class Outbox {
  readonly #items = new Map<number, OutboxItem>();
  readonly #refs = new Map<string, Set<number>>();
  /** Items with messages in them, and small talk, by account. */
  readonly #messages = new Map<AccountId, Set<number>>();
  readonly #talk = new Map<AccountId, Set<number>>();
  readonly #changed: (refs: readonly MessageRef[]) => void;
  readonly #talkLimit: (accountId: AccountId) => number;
  #next = 1;

  /** `changed` hears which messages' ticks may look different; `talkLimit` bounds the small talk for an account. */
  constructor(
    changed: (refs: readonly MessageRef[]) => void,
    talkLimit: (accountId: AccountId) => number = () => TALK_LIMIT,
  ) {
    this.#changed = changed;
    this.#talkLimit = talkLimit;
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
    return this.#messages.has(accountId);
  }

  /** Marks of what is sealed for this device and not accepted yet: it will be sent, whatever else is said. */
  sealedFor({ accountId, deviceId }: Required<Pick<PartsItem, 'accountId' | 'deviceId'>>): ReadonlySet<string> {
    const items = this.#talkOf(accountId);
    const sealed = items.filter((item) => item.type === 'envelope' && item.deviceId === deviceId);
    return new Set(sealed.flatMap(({ holds }) => holds ?? []));
  }

  /** Whether something with this mark waits for this account. */
  isHolding(accountId: AccountId, mark: string): boolean {
    for (const item of this.#items.values())
      if (isOfAccount(item) && item.accountId === accountId && item.holds?.includes(mark) === true) return true;
    return false;
  }

  /** What is not sealed yet and has this mark is not to be said any more. Sealed bytes nobody here can read. */
  dropHeld(batch: Batch, mark: string): void {
    for (const item of this.#items.values())
      if (item.type === 'parts' && item.holds?.includes(mark) === true) this.remove(batch, item.seq);
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
    this.put(batch, { type: 'parts', seq: this.nextSeq(), refs: [], ephemeral: false, ...input });
  }

  /** Adds what every device of the group is to get, sealed once. */
  addForGroup(batch: Batch, input: NewGroupItem): void {
    this.put(batch, { type: 'groupParts', seq: this.nextSeq(), refs: [], ephemeral: false, ...input });
  }

  /**
   * Adds small talk, in the place of what is not sealed yet of the same topic; not at all when there is too much of it. What
   * waits for one device that cannot be written to must not keep the others from hearing what is told to all.
   */
  tell(batch: Batch, input: NewTalk): void {
    const talk = this.#talkOf(input.accountId);
    const older = talk.filter((item): item is PartsItem => item.type === 'parts' && isReplacedBy(item, input));
    const same = older.find((item) => item.deviceId === input.deviceId);
    for (const item of older) if (item !== same) this.remove(batch, item.seq);
    if (same !== undefined)
      this.put(batch, { ...same, parts: input.parts, ...(input.holds && { holds: input.holds }) });
    else if (talk.length - older.length < this.#talkLimit(input.accountId))
      this.put(batch, { type: 'parts', seq: this.nextSeq(), refs: [], ephemeral: false, ...input });
  }

  put(batch: Batch, item: OutboxItem): void {
    batch.put('outbox', itemKey(item.seq), pack(item));
    batch.then(() => {
      this.#forget(item.seq);
      this.#keep(item);
      this.#changed(item.refs);
    });
  }

  /** A sequence number for an item that {@link put} is about to add. */
  nextSeq(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  /** The relay took items: their messages count as sent, also if other devices of the account still wait for them. */
  accept(batch: Batch, seqs: readonly number[]): void {
    const sent = new Set(seqs.flatMap((seq) => (this.#items.get(seq)?.refs ?? []).map(refKey)));
    const others = new Set([...sent].flatMap((key) => [...(this.#refs.get(key) ?? [])]));
    for (const seq of seqs) others.delete(seq);
    for (const other of others) {
      const item = this.#items.get(other);
      if (item === undefined) continue;
      this.put(batch, { ...item, refs: item.refs.filter((ref) => !sent.has(refKey(ref))) });
    }
    for (const seq of seqs) this.remove(batch, seq);
  }

  remove(batch: Batch, seq: number): void {
    batch.delete('outbox', itemKey(seq));
    batch.then(() => {
      const refs = this.#items.get(seq)?.refs ?? [];
      this.#forget(seq);
      this.#items.delete(seq);
      this.#changed(refs);
    });
  }

  /** The user wants nothing more to go to this account. */
  removeAccount(batch: Batch, accountId: AccountId): void {
    for (const item of this.#items.values())
      if (isOfAccount(item) && item.accountId === accountId) this.remove(batch, item.seq);
  }

  #talkOf(accountId: AccountId): readonly ItemOfAccount[] {
    const items = [...(this.#talk.get(accountId) ?? [])].flatMap((seq) => this.#items.get(seq) ?? []);
    return items.filter(isOfAccount);
  }

  #keep(item: OutboxItem): void {
    const { seq, refs, topic } = item;
    this.#items.set(seq, item);
    for (const ref of refs) addTo(this.#refs, refKey(ref), seq);
    if (!isOfAccount(item)) return;
    const { accountId } = item;
    if (refs.length > 0) addTo(this.#messages, accountId, seq);
    if (topic !== undefined) addTo(this.#talk, accountId, seq);
  }

  /** Takes an item out of the indexes. */
  #forget(seq: number): void {
    const item = this.#items.get(seq);
    if (item === undefined) return;
    for (const ref of item.refs) takeFrom(this.#refs, refKey(ref), seq);
    if (!isOfAccount(item)) return;
    takeFrom(this.#messages, item.accountId, seq);
    takeFrom(this.#talk, item.accountId, seq);
  }
}

function isOfAccount(item: OutboxItem): item is ItemOfAccount {
  return item.type === 'parts' || item.type === 'envelope';
}

/** For all devices: in the place of each device's; for one device: only of its own. */
function isReplacedBy(item: PartsItem, input: NewTalk): boolean {
  return item.topic === input.topic && (input.deviceId === undefined || input.deviceId === item.deviceId);
}

function addTo<K>(index: Map<K, Set<number>>, key: K, seq: number): void {
  const seqs = index.get(key);
  if (seqs === undefined) index.set(key, new Set([seq]));
  else seqs.add(seq);
}

function takeFrom<K>(index: Map<K, Set<number>>, key: K, seq: number): void {
  const seqs = index.get(key);
  seqs?.delete(seq);
  if (seqs?.size === 0) index.delete(key);
}

function itemKey(seq: number): string {
  return storeKey('item', orderedNumber(seq));
}

function refKey(ref: MessageRef): string {
  return `${ref.chatId}:${ref.recordId}`;
}
