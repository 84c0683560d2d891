/**
 * The chats of this device as the engine works on them: whose chat it is, this device's author key and counter in it,
 * which author keys belong to whom, and the receipt marks of both sides. Documents are opened when first needed.
 *
 * Marks are vectors: author key -> highest record counter. They only grow, so lost, repeated and reordered receipts are
 * harmless.
 */
import {
  type Account,
  type AccountId,
  type AuthorKey,
  type ChatId,
  type DeviceId,
  type GroupSecret,
  type Public,
  type Random,
  certifyAuthor,
  chatSecretOfGroup,
  createAuthorKey,
  decodeAuthorKey,
  directChatId,
  directChatSecret,
  encodeAuthorKey,
  fromBase64Url,
  hash,
  proveAuthor,
  toBase64Url,
  utf8,
} from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import type { DocumentStorage } from '../ports/document-storage.ts';
import type { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { type ChatDocuments, createSegmentCache, openChatDocuments } from '../documents/index.ts';
import type { MarkEntry } from '../payload/payload.ts';
import type { Peer } from '../peers/peers.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { type Hlc, NO_TIME, type VerifiedRecord, isAhead, receive, tick } from '../records/index.ts';
import { pack, unpack } from '../values.ts';

/** Segments held decoded over all chats: bounds the memory of Automerge. */
const LOADED_SEGMENTS = 6;
/**
 * Author keys in one chat. An honest device has one, and another after it was removed from a group and came back; every key
 * has a share of what may wait, fork or be counted.
 */
export const AUTHORS = { ofDevice: 2, ofGroupDevice: 8, ofAccount: 64 } as const;

export type AuthorText = string;

/** The two chats of a group: what is said in it, and the acts that govern it (`groups/`). */
export interface GroupPart {
  readonly groupId: ChatId;
  readonly part: 'talk' | 'root';
  readonly secret: GroupSecret;
}

interface ChatRow {
  readonly chatId: ChatId;
  /** The other account; one's own for the note to self; absent for a group. */
  readonly peer?: AccountId;
  readonly peerKey?: Uint8Array;
  readonly group?: GroupPart;
  readonly createdAt: number;
  readonly author?: Uint8Array;
  readonly nextN: number;
  readonly time: Hlc;
  readonly missing: number;
  /** Records here, and how many an own device has while its history is being fetched. */
  readonly records: number;
  readonly filling?: number;
  readonly whole?: true;
  readonly turned?: Turned;
  readonly compared?: number;
  readonly timer?: TimerSetting;
}

/** What the last record about it says: see `Timers`. */
interface TimerSetting {
  readonly id: RecordId;
  readonly seconds: number;
}

/** When the chat last began a new segment because the peer had a new unconfirmed device: see `Withholding`. */
export interface Turned {
  /** The segment that was begun: the lowest that such a device may be told of. */
  readonly from: number;
  /** Milliseconds; what is dated earlier is not for such a device. */
  readonly at: number;
  /** Entries of the peer's device log at that time. */
  readonly log: number;
}

interface MarksRow {
  /** What is here, of each author but our own. */
  readonly received: Readonly<Record<AuthorText, number>>;
  /** What the other side said of our records. */
  readonly theirReceived: Readonly<Record<AuthorText, number>>;
  readonly theirRead: Readonly<Record<AuthorText, number>>;
  readonly byMember?: Readonly<Record<AccountId, { readonly received: Vector; readonly read: Vector }>>;
}

type Vector = Readonly<Record<AuthorText, number>>;

/** Whose an author key is, and what shows it to anyone: see the part `author`. */
export interface AuthorOwner {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly deviceKey: Public<'Device'>;
  readonly proof: Uint8Array;
  readonly certificate: Uint8Array;
}

/** Whose chat it is. */
export type ChatWith =
  | { readonly type: 'self'; readonly peer?: undefined }
  | { readonly type: 'contact'; readonly peer: AccountId; readonly peerKey: Public<'Account'> }
  | ({ readonly type: 'group'; readonly peer?: undefined } & GroupPart);

/** One chat in memory. Fields change only in the lane; what is stored is what {@link ChatBook.save} writes. */
export interface Chat {
  readonly chatId: ChatId;
  readonly with: ChatWith;
  readonly createdAt: number;
  author: AuthorKey | undefined;
  nextN: number;
  time: Hlc;
  /** Records known to be missing. */
  missing: number;
  /** Records in the documents. */
  records: number;
  /** How many records an own device has, while they are being fetched from it; undefined when not fetching. */
  filling: number | undefined;
  /** On a restored device: the other side has told all that it has, once. */
  isWhole: boolean;
  turned: Turned | undefined;
  /** Of a group: when it was last compared with what members have, in milliseconds; 0 when something came since. */
  compared: number;
  timer: TimerSetting | undefined;
  readonly authors: Map<AuthorText, AuthorOwner>;
  readonly received: Map<AuthorText, number>;
  readonly theirReceived: Map<AuthorText, number>;
  readonly theirRead: Map<AuthorText, number>;
  /** In a group: what each other member said of our records. */
  readonly byMember: Map<AccountId, MemberMarks>;
}

export interface MemberMarks {
  readonly received: Map<AuthorText, number>;
  readonly read: Map<AuthorText, number>;
}

export interface ChatBookOptions {
  readonly self: Self;
  readonly store: Store;
  readonly storage: DocumentStorage;
  readonly random: Random;
  readonly now: () => number;
  readonly segmentSize?: number;
}

export class ChatBook {
  readonly #options: ChatBookOptions;
  readonly #chats = new Map<ChatId, Chat>();
  readonly #unstored = new Map<ChatId, Chat>();
  readonly #documents = new Map<ChatId, Promise<ChatDocuments>>();
  readonly #recovered = new Set<ChatId>();
  readonly #cache = createSegmentCache(LOADED_SEGMENTS);

  constructor(options: ChatBookOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { store } = this.#options;
    for (const { value } of await store.range('meta', CHAT_ROWS)) {
      const row = unpack<ChatRow>(value);
      this.#chats.set(row.chatId, this.#fromRow(row));
    }
    for (const { value } of await store.range('authors', {})) {
      const { chatId, author, ...owner } = unpack<AuthorOwner & { chatId: ChatId; author: AuthorText }>(value);
      this.#chats.get(chatId)?.authors.set(author, owner);
    }
    for (const { value } of await store.range('marks', {})) {
      const { chatId, ...marks } = unpack<MarksRow & { chatId: ChatId }>(value);
      const chat = this.#chats.get(chatId);
      if (chat === undefined) continue;
      for (const [author, n] of Object.entries(marks.received)) chat.received.set(author, n);
      for (const [author, n] of Object.entries(marks.theirReceived)) chat.theirReceived.set(author, n);
      for (const [author, n] of Object.entries(marks.theirRead)) chat.theirRead.set(author, n);
      for (const [accountId, { received, read }] of Object.entries(marks.byMember ?? {}))
        chat.byMember.set(accountId as AccountId, {
          received: new Map(Object.entries(received)),
          read: new Map(Object.entries(read)),
        });
    }
  }

  get(chatId: ChatId): Chat | undefined {
    return this.#chats.get(chatId);
  }

  all(): IterableIterator<Chat> {
    return this.#chats.values();
  }

  /** Records of all chats. */
  countRecords(): number {
    let count = 0;
    for (const { records } of this.#chats.values()) count += records;
    return count;
  }

  /** The chat with this account, made if it is new. */
  open(batch: Batch, peer: AccountId, peerKey: Public<'Account'>): Chat {
    return this.#open(batch, directChatId(this.#options.self.identity.account.id, peer), { peer, peerKey });
  }

  /** One of the two chats of a group, made if it is new. */
  openGroup(batch: Batch, group: GroupPart): Chat {
    const { groupId, part } = group;
    return this.#open(batch, part === 'talk' ? groupId : rootChatId(groupId), { group });
  }

  #open(batch: Batch, chatId: ChatId, whose: Pick<ChatRow, 'peer' | 'peerKey' | 'group'>): Chat {
    const known = this.#chats.get(chatId);
    if (known !== undefined) return known;
    const createdAt = this.#options.now();
    const row: ChatRow = { chatId, ...whose, createdAt, nextN: 1, time: NO_TIME, missing: 0, records: 0 };
    // The same object again if an earlier job that made it came to nothing: its documents may be open already.
    const chat = this.#unstored.get(chatId) ?? this.#fromRow(row);
    this.#chats.set(chatId, chat);
    batch.undo(() => {
      this.#chats.delete(chatId);
      this.#unstored.set(chatId, chat);
    });
    batch.then(() => this.#unstored.delete(chatId));
    this.save(batch, chat);
    return chat;
  }

  save(batch: Batch, chat: Chat): void {
    const { chatId, createdAt, author, nextN, time, missing, records, filling, isWhole, turned, compared, timer } =
      chat;
    const row: ChatRow = {
      chatId,
      ...this.#whose(chat),
      createdAt,
      nextN,
      time,
      missing,
      records,
      ...(filling !== undefined && { filling }),
      ...(isWhole && { whole: true }),
      ...(turned && { turned }),
      ...(compared > 0 && { compared }),
      ...(timer && { timer }),
      ...(author && { author: encodeAuthorKey(author) }),
    };
    batch.put('meta', storeKey('chat', chatId), pack(row));
  }

  saveMarks(batch: Batch, chat: Chat): void {
    const row: MarksRow & { chatId: ChatId } = {
      chatId: chat.chatId,
      received: Object.fromEntries(chat.received),
      theirReceived: Object.fromEntries(chat.theirReceived),
      theirRead: Object.fromEntries(chat.theirRead),
      ...(chat.byMember.size > 0 && {
        byMember: Object.fromEntries(
          [...chat.byMember].map(([accountId, { received, read }]) => [
            accountId,
            { received: Object.fromEntries(received), read: Object.fromEntries(read) },
          ]),
        ),
      }),
    };
    batch.put('marks', storeKey(chat.chatId), pack(row));
  }

  /**
   * False when the key is already vouched for by another device (nobody takes over an author), or when this device or
   * account has shown more keys than an honest one does.
   */
  vouch(batch: Batch, chat: Chat, author: Uint8Array, owner: AuthorOwner): boolean {
    const text = toBase64Url(author);
    const known = chat.authors.get(text);
    if (known !== undefined) return known.deviceId === owner.deviceId && known.accountId === owner.accountId;
    const others = [...chat.authors.values()];
    const most = chat.with.type === 'group' ? AUTHORS.ofGroupDevice : AUTHORS.ofDevice;
    if (others.filter(({ deviceId }) => deviceId === owner.deviceId).length >= most) return false;
    if (others.filter(({ accountId }) => accountId === owner.accountId).length >= AUTHORS.ofAccount) return false;
    chat.authors.set(text, owner);
    batch.undo(() => chat.authors.delete(text));
    batch.put('authors', storeKey(chat.chatId, text), pack({ chatId: chat.chatId, author: text, ...owner }));
    return true;
  }

  /** The chat's documents; opened on first use, also to learn which counters a crash may have used up. */
  documents(chat: Chat): Promise<ChatDocuments> {
    const known = this.#documents.get(chat.chatId);
    if (known !== undefined) return known;
    const opening = this.#openDocuments(chat);
    this.#documents.set(chat.chatId, opening);
    opening.catch(() => this.#documents.delete(chat.chatId));
    return opening;
  }

  /** Records that a crash kept from the projection: handed out once, by the first job that applies anything to the chat. */
  takeRecovered(batch: Batch, chat: Chat, documents: ChatDocuments): readonly VerifiedRecord[] {
    if (this.#recovered.has(chat.chatId)) return [];
    this.#recovered.add(chat.chatId);
    batch.undo(() => this.#recovered.delete(chat.chatId));
    return documents.recovered;
  }

  /** This device's author key in the chat, made on first use. */
  author(batch: Batch, chat: Chat): AuthorKey {
    if (chat.author !== undefined) return chat.author;
    const { self, random } = this.#options;
    const { account, device } = self.identity;
    const author = createAuthorKey(random);
    chat.author = author;
    batch.undo(() => {
      chat.author = undefined;
    });
    this.vouch(batch, chat, author.publicKey, {
      accountId: account.id,
      deviceId: device.id,
      deviceKey: device.publicKey,
      proof: proveAuthor(author, chat.chatId, device.id),
      certificate: certifyAuthor(device, chat.chatId, author.publicKey),
    });
    return author;
  }

  /**
   * Our author key is used no more: the acts of a group cut it off, and a new one is made with the next record. Counting
   * begins anew with it.
   */
  renewAuthor(batch: Batch, chat: Chat): void {
    const { author, nextN } = chat;
    if (author === undefined) return;
    chat.author = undefined;
    chat.nextN = 1;
    batch.undo(() => {
      chat.author = author;
      chat.nextN = nextN;
    });
    this.save(batch, chat);
  }

  /**
   * Whether our last record here is dated so far ahead that nobody takes it: this device's clock was wrong, and is not any
   * more. What we write from now on must not follow it, see {@link startAnew}.
   */
  isAheadOfTime(chat: Chat): boolean {
    return isAhead(chat.time, this.#options.now());
  }

  /** Opens the documents again: the next record of ours then follows none of this device's earlier ones. */
  async startAnew(chat: Chat): Promise<void> {
    const documents = this.#documents.get(chat.chatId);
    this.#documents.delete(chat.chatId);
    await (await documents)?.close();
  }

  /** The next time for a record of ours: later than all that is here, but for what is dated as nobody would take it. */
  nextTime(chat: Chat, documents: ChatDocuments): Hlc {
    const now = this.#options.now();
    const own = this.isAheadOfTime(chat) ? NO_TIME : chat.time;
    chat.time = tick(receive(own, documents.latestTime(), now), now);
    return chat.time;
  }

  /** Counters that the documents know of are used, whatever the chat's row says: a crash or an old copy of it came between. */
  noteOwn(chat: Chat, documents: ChatDocuments): void {
    if (chat.author !== undefined) chat.nextN = Math.max(chat.nextN, documents.maxN(chat.author.publicKey) + 1);
  }

  /** Notes when a group's chat was compared; 0: it is to be. */
  noteCompared(batch: Batch, chat: Chat, at: number): void {
    const before = chat.compared;
    chat.compared = at;
    batch.undo(() => {
      chat.compared = before;
    });
    this.save(batch, chat);
  }

  /** Notes how many records the documents hold by now; stored with the next {@link save}. */
  noteRecords(batch: Batch, chat: Chat, documents: ChatDocuments): void {
    const before = chat.records;
    chat.records = documents.count();
    batch.undo(() => {
      chat.records = before;
    });
  }

  nextN(chat: Chat): number {
    chat.nextN += 1;
    return chat.nextN - 1;
  }

  /** Frees all documents; nothing may be asked of them afterwards. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#documents.values());
    this.#documents.clear();
    for (const result of opened) if (result.status === 'fulfilled') await result.value.close();
  }

  async #openDocuments(chat: Chat): Promise<ChatDocuments> {
    const { self, storage, random, segmentSize } = this.#options;
    const documents = await openChatDocuments({
      chatId: chat.chatId,
      chatSecret: chatSecretOf(chat, self.identity.account),
      storage,
      random,
      authors: { isKnown: (author) => chat.authors.has(toBase64Url(author)) },
      carrier: () =>
        chat.author && !this.isAheadOfTime(chat)
          ? {
              author: chat.author,
              nextN: () => this.nextN(chat),
              nextTime: () => this.nextTime(chat, documents),
            }
          : undefined,
      cache: this.#cache,
      ...(segmentSize !== undefined && { segmentSize }),
    });
    this.noteOwn(chat, documents);
    return documents;
  }

  #whose(chat: Chat): Pick<ChatRow, 'peer' | 'peerKey' | 'group'> {
    const { account } = this.#options.self.identity;
    switch (chat.with.type) {
      case 'self':
        return { peer: account.id, peerKey: account.publicKey };
      case 'contact':
        return { peer: chat.with.peer, peerKey: chat.with.peerKey };
      case 'group': {
        const { groupId, part, secret } = chat.with;
        return { group: { groupId, part, secret } };
      }
    }
  }

  #with({ peer, peerKey, group }: ChatRow): ChatWith {
    if (group !== undefined) return { type: 'group', ...group };
    if (peer === undefined || peer === this.#options.self.identity.account.id) return { type: 'self' };
    return { type: 'contact', peer, peerKey: peerKey as Public<'Account'> };
  }

  #fromRow(row: ChatRow): Chat {
    const decoded = row.author && decodeAuthorKey(row.author);
    return {
      chatId: row.chatId,
      with: this.#with(row),
      createdAt: row.createdAt,
      author: decoded?.ok ? decoded.value : undefined,
      nextN: row.nextN,
      time: row.time,
      missing: row.missing,
      records: row.records,
      filling: row.filling,
      isWhole: row.whole === true,
      turned: row.turned,
      compared: row.compared ?? 0,
      timer: row.timer,
      authors: new Map(),
      received: new Map(),
      theirReceived: new Map(),
      theirRead: new Map(),
      byMember: new Map(),
    };
  }
}

function chatSecretOf(chat: Chat, account: Account): Uint8Array {
  switch (chat.with.type) {
    case 'self':
      return directChatSecret(account, account.publicKey);
    case 'contact':
      return directChatSecret(account, chat.with.peerKey);
    case 'group':
      return chatSecretOfGroup(chat.with.secret);
  }
}

/** Whether it holds a group's acts: nobody sees it as a chat. */
export function isRoot(chat: Chat): boolean {
  return chat.with.type === 'group' && chat.with.part === 'root';
}

/** Who is in a group, and was removed, is known before anything is said in it. */
export function actsFirst(chats: readonly Chat[]): readonly Chat[] {
  return [...chats.filter(isRoot), ...chats.filter((chat) => !isRoot(chat))];
}

/** The id of the chat that holds a group's acts: a function of the group's own. */
export function rootChatId(groupId: ChatId): ChatId {
  return toBase64Url(hash('SecureChat group root v1', utf8(groupId)).slice(0, 16)) as ChatId;
}

const CHAT_ROWS = { from: 'chat:', to: 'chat;' };

const AUTHOR_TEXTS = new WeakMap<AuthorKey, AuthorText>();

/** The public half as vectors name it; remembered, because every sweep asks. */
export function authorText(author: AuthorKey): AuthorText {
  const known = AUTHOR_TEXTS.get(author) ?? toBase64Url(author.publicKey);
  AUTHOR_TEXTS.set(author, known);
  return known;
}

/** The highest counter of every author of the chat, this device's own included. */
function vectorOf(chat: Chat): Map<AuthorText, number> {
  const vector = new Map(chat.received);
  if (chat.author !== undefined && chat.nextN > 1) vector.set(authorText(chat.author), chat.nextN - 1);
  return vector;
}

/** 16 bytes that are equal on two own devices when they have the same of the chat and know the same of its peer. */
export function chatDigest(chat: Chat, peer: Peer | undefined): Uint8Array {
  const lines = [vectorOf(chat), chat.theirReceived, chat.theirRead].map((vector) =>
    [...vector].map(([author, n]) => `${author} ${String(n)}`).sort(),
  );
  const isWithContact = chat.with.type === 'contact';
  const known = isWithContact
    ? [peer?.log?.entries.length ?? 0, peer?.profile?.updated ?? 0, peer?.accepts ?? false]
    : [];
  return hash('SecureChat chat digest v1', utf8(JSON.stringify([chat.records, known, ...lines]))).slice(0, 16);
}

/** A vector as it travels. Keys that are not 32 bytes never get in, so they are not expected here. */
export function toMarks(vector: ReadonlyMap<AuthorText, number>): readonly MarkEntry[] {
  return [...vector].flatMap(([author, n]) => {
    const key = fromBase64Url(author);
    return key === undefined ? [] : [{ author: key, n }];
  });
}

/** Raises `vector` to `marks` for the authors that `counts` lets through; true when something grew. */
export function raiseMarks(
  batch: Batch,
  vector: Map<AuthorText, number>,
  marks: Iterable<MarkEntry>,
  counts: (author: AuthorText, n: number) => boolean,
): boolean {
  let grew = false;
  for (const { author, n } of marks) {
    const text = toBase64Url(author);
    const before = vector.get(text);
    if (n <= (before ?? 0) || !counts(text, n)) continue;
    vector.set(text, n);
    batch.undo(() => {
      if (before === undefined) vector.delete(text);
      else vector.set(text, before);
    });
    grew = true;
  }
  return grew;
}
