/** Builders for the tests of this folder: a chat's members, honest and not. Not part of the package. */
import {
  type AuthorKey,
  type ChatId,
  concat,
  createAuthorKey,
  hash,
  ready,
  seededRandom,
  toBase64Url,
  utf8,
} from '@securechat/crypto';
import type { RecordBody } from '../records/body.ts';
import { toHex } from '../records/hex.ts';
import { type Hlc, compareHlc, tick } from '../records/hlc.ts';
import { type Home, makeActor, signHome } from '../records/home.ts';
import { makeRecordId } from '../records/record-id.ts';
import { encodeContent } from '../records/record.ts';
import { initAutomerge } from './automerge.ts';
import { makeChange } from './change/change.ts';
import { openChatDocuments } from './chat/chat-documents.ts';
import { GENESIS_HASH, GENESIS_OPS } from './change/genesis.ts';
import { bucketOf } from './guard/guard.ts';
import { createMemoryStorageAdapter, type MemoryStorageAdapter } from './storage/memory-adapter.ts';
import { nodeAutomergeWasm } from './node-wasm.ts';
import { makePlace } from './segment/place.ts';
import type { Appended, ChatDocuments, ChatDocumentsOptions, WireChange } from './types.ts';

export const CHAT = toBase64Url(new Uint8Array(16).fill(7)) as ChatId;
export const CHAT_SECRET = new Uint8Array(32).fill(9);
/** The tests' present. */
export const NOW = 1_700_000_000_000;

/** Call in `beforeAll`. */
export async function startDocuments(): Promise<void> {
  await ready();
  await initAutomerge(await nodeAutomergeWasm());
}

/** An author key that is the same in every run. */
export function authorNamed(name: string): AuthorKey {
  return createAuthorKey(seededRandom(hash('test author', utf8(name))));
}

/** One device of a chat with its storage; `say` appends like the engine does. */
export class Member {
  readonly author: AuthorKey;
  readonly storage: MemoryStorageAdapter;
  documents: ChatDocuments;
  time: Hlc;

  private constructor(author: AuthorKey, storage: MemoryStorageAdapter, documents: ChatDocuments) {
    this.author = author;
    this.storage = storage;
    this.documents = documents;
    this.time = { ms: NOW, counter: 0 };
  }

  static async open(name: string, options: Partial<ChatDocumentsOptions> = {}): Promise<Member> {
    const author = authorNamed(name);
    const storage = createMemoryStorageAdapter();
    const documents = await openFor(name, storage, options);
    const member = new Member(author, storage, documents);
    return member;
  }

  nextTime(now = NOW): Hlc {
    this.time = tick(laterOf(this.time, this.documents.latestTime()), now);
    return this.time;
  }

  say(text: string): Promise<Appended> {
    return this.write({ kind: 'message', text });
  }

  write(body: RecordBody): Promise<Appended> {
    const n = this.documents.maxN(this.author.publicKey) + 1;
    return this.documents.append(this.author, { n, time: this.nextTime(), body });
  }
}

/** Opens documents on some storage as the device of this name does after a restart. */
export function openFor(
  name: string,
  storage: MemoryStorageAdapter,
  options: Partial<ChatDocumentsOptions> = {},
  run = 0,
): Promise<ChatDocuments> {
  const author = authorNamed(name);
  let documents: ChatDocuments | undefined;
  let carryTime: Hlc = { ms: NOW, counter: 0 };
  const opened = openChatDocuments({
    chatId: CHAT,
    chatSecret: CHAT_SECRET,
    storage,
    random: seededRandom(hash('test session', utf8(`${name} ${String(run)}`))),
    authors: { isKnown: () => true },
    carrier: () => ({
      author,
      nextN: () => (documents?.maxN(author.publicKey) ?? 0) + 1,
      nextTime: () => (carryTime = tick(laterOf(carryTime, documents?.latestTime() ?? carryTime), NOW)),
    }),
    ...options,
  });
  return opened.then((value) => (documents = value));
}

function laterOf(a: Hlc, b: Hlc): Hlc {
  return compareHlc(a, b) < 0 ? b : a;
}

/** All texts in a chat, sorted by record id, once each. */
export async function textsOf(documents: ChatDocuments): Promise<string[]> {
  const texts = new Map<string, string>();
  for await (const records of documents.readAll()) {
    for (const { id, body } of records) if (body.kind === 'message') texts.set(id, body.text);
  }
  return [...texts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

/** A change made by hand, honest unless told otherwise. */
export interface Crafted {
  readonly author: AuthorKey;
  readonly session?: Uint8Array;
  readonly actor?: Uint8Array;
  readonly segment?: number;
  readonly seq?: number;
  readonly startOp?: number;
  readonly deps?: readonly string[];
  readonly n?: number;
  readonly time?: Hlc;
  readonly body?: RecordBody;
  readonly chatId?: ChatId;
  readonly key?: string;
  readonly bucket?: number;
  /** Who signs, and which home they sign. */
  readonly signer?: AuthorKey;
  readonly home?: Partial<Home>;
  /** Zeros for a signature: quick to make in masses. */
  readonly unsigned?: boolean;
}

/** Makes a change with any field forged. */
export function craft(options: Crafted): WireChange & { readonly hash: string } {
  const { author, segment = 0, seq = 1, n = 1, time = { ms: NOW, counter: 0 }, chatId = CHAT } = options;
  const deps = options.deps ?? [GENESIS_HASH];
  const place = makePlace(CHAT, CHAT_SECRET, segment);
  const actor = options.actor ?? makeActor(author.publicKey, place.documentId, options.session ?? new Uint8Array(6));
  const body = options.body ?? { kind: 'message', text: 'crafted' };
  const content = encodeContent({ chatId, author: author.publicKey, n, time, body });
  const home = { documentId: place.documentId, actor, seq, deps, ...options.home };
  const key = options.key ?? makeRecordId(time, content);
  const signature = options.unsigned ? new Uint8Array(64) : signHome(options.signer ?? author, content, home);
  const change = makeChange({
    actor: toHex(actor),
    seq,
    startOp: options.startOp ?? GENESIS_OPS + 1,
    deps,
    bucket: options.bucket ?? bucketOf(key),
    key,
    value: concat(content, signature),
  });
  return { segment, generation: 0, bytes: change.bytes, hash: change.hash };
}
