/**
 * A record's home: the one Automerge change that its author first put it into. The author signs record and home
 * together, so a third party can neither replay the record in another change nor fake a fork of the author's history.
 *
 *     home   = document 16 | actor 16 | seq u32 | deps u16, 32 each, ascending
 *     signed bytes = length of content u32 | content | home
 */
import { type AuthorKey, type Public, hash, signRecord, verifyRecord } from '@securechat/crypto';
import { type ByteCursor, ByteSink, Unreadable } from './cursor.ts';
import { fromHex, toHex } from './hex.ts';

export interface Home {
  readonly documentId: Uint8Array;
  readonly actor: Uint8Array;
  readonly seq: number;
  /** Hashes of the changes it depends on, hex, ascending. */
  readonly deps: readonly string[];
}

export const DOCUMENT_ID_BYTES = 16;
export const ACTOR_BYTES = 16;
const TAG_BYTES = 10;
/** Random bytes of an actor id: what one session of a device adds to its author's tag. */
export const SESSION_BYTES = ACTOR_BYTES - TAG_BYTES;
const HASH_BYTES = 32;

/** Most dependencies of one change; a writer that sees more heads leaves some for later changes. */
export const MAX_DEPS = 64;

/**
 * The actor id under which `author` writes to a document in one session. Its first bytes are a commitment to the
 * author, so that nobody else can take an (actor, seq) of theirs.
 */
export function makeActor(author: Uint8Array, documentId: Uint8Array, session: Uint8Array): Uint8Array {
  const actor = new Uint8Array(ACTOR_BYTES);
  actor.set(hash('SecureChat actor v1', documentId, author).subarray(0, TAG_BYTES));
  actor.set(session.subarray(0, SESSION_BYTES), TAG_BYTES);
  return actor;
}

/** Whether this actor id belongs to `author`. */
export function isActorOf(home: Home, author: Uint8Array): boolean {
  return toHex(makeActor(author, home.documentId, home.actor.subarray(TAG_BYTES))) === toHex(home.actor);
}

/** The author's signature over a record's content in this home. */
export function signHome(author: AuthorKey, content: Uint8Array, home: Home): Uint8Array {
  return signRecord(author, signedBytes(content, home));
}

/** Whether `signature` is `author`'s, over this content in this home. The author's key was admitted before. */
export function verifyHome(author: Uint8Array, content: Uint8Array, home: Home, signature: Uint8Array): boolean {
  return verifyRecord(author as Public<'Author'>, signedBytes(content, home), signature);
}

/** Appends a home's canonical bytes. */
export function writeHome(sink: ByteSink, home: Home): void {
  sink.put(home.documentId).put(home.actor).uint(home.seq, 4).uint(home.deps.length, 2);
  for (const dep of home.deps) sink.put(fromHex(dep));
}

/** Reads what {@link writeHome} wrote; throws {@link Unreadable}. */
export function readHome(cursor: ByteCursor): Home {
  const documentId = cursor.take(DOCUMENT_ID_BYTES);
  const actor = cursor.take(ACTOR_BYTES);
  const seq = cursor.uint(4);
  const count = cursor.uint(2);
  if (seq === 0 || count === 0 || count > MAX_DEPS) throw new Unreadable('not a home');
  const deps: string[] = [];
  for (let i = 0; i < count; i += 1) deps.push(toHex(cursor.take(HASH_BYTES)));
  if (!isAscending(deps)) throw new Unreadable('dependencies are not in order');
  return { documentId, actor, seq, deps };
}

/** Whether every item is greater than the one before: sorted, no duplicates. */
export function isAscending(items: readonly string[]): boolean {
  return items.every((item, i) => i === 0 || (items[i - 1] ?? '') < item);
}

function signedBytes(content: Uint8Array, home: Home): Uint8Array {
  const sink = new ByteSink().uint(content.length, 4).put(content);
  writeHome(sink, home);
  return sink.finish();
}
