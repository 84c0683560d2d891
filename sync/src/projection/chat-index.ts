/**
 * How a batch of messages changes the lists of a chat: the *timeline* (all messages by time), what was *heard* (others'
 * undeleted messages by author and counter, from which unread is counted), and the collections. Pure but for reading leaves.
 */
import type { AccountId, ChatId, Collection, RecordId } from '../api.ts';
import type { Store, StoreOp } from '../ports/store.ts';
import { putChatRecord, readValue, type ChatHead } from './chat-head.ts';
import { COLLECTIONS, collectionsOf } from './collections.ts';
import { heardEntry, heardKey, leafKey, sortedKey, sortKey, TIMELINE_WIDTH, VOICE_WIDTH, voiceKey } from './keys.ts';
import {
  changeList,
  EMPTY_DIRECTORY,
  leavesOf,
  type Directory,
  type LeafChange,
  type ListChange,
} from './packed-list.ts';
import { decodeLeaf, encodeDirectory, encodeLeaf } from './packed-list-bytes.ts';
import { isDeleted, mentionsOf } from './row.ts';
import type { MessageState } from './state.ts';

/** A message state that a batch changed. */
export interface Touched {
  readonly id: RecordId;
  readonly before: MessageState;
  readonly after: MessageState;
}

/** True when the batch brought the message itself. */
export function isAdded({ before, after }: Touched): boolean {
  return before.message === undefined && after.message !== undefined;
}

/** True when the message was there and is gone. */
function isGone({ before, after }: Touched): boolean {
  return before.message !== undefined && after.message === undefined;
}

export interface IndexChange {
  readonly ops: readonly StoreOp[];
  readonly headChanged: boolean;
  /** For the text index, which follows the timeline's leaves. */
  readonly timeline: readonly LeafChange[];
}

export interface IndexInput {
  readonly store: Store;
  readonly me: AccountId;
  readonly chatId: ChatId;
  readonly head: ChatHead;
  readonly touched: readonly Touched[];
}

/** The ops that bring all lists up to date with the batch. */
export async function changeIndex(input: IndexInput): Promise<IndexChange> {
  const timelineEdit = editTimeline(input);
  const otherEdits = [...editVoices(input), ...editCollections(input)];
  const leaves = await loadLeaves(input.store, [timelineEdit, ...otherEdits]);
  const change = (edit: ListEditing): ChangedList => {
    const entriesOf = (no: number): readonly string[] => leaves.get(edit.leafKey(no)) ?? [];
    return { edit, change: changeList({ ...edit, entriesOf }) };
  };
  const timeline = change(timelineEdit);
  const others = otherEdits.map(change);
  const headOps = [...others.flatMap(putDirectory), ...putRecord(input, timeline, others)];
  const leafOps = [timeline, ...others].flatMap(putLeaves);
  return { ops: [...leafOps, ...headOps], headChanged: headOps.length > 0, timeline: timeline.change.leaves };
}

/** One list of the chat and what the batch does to it. */
interface ListEditing {
  readonly directory: Directory;
  readonly width: number;
  readonly leafKey: (no: number) => string;
  /** Not of the timeline, whose directory is part of the chat's record. */
  readonly directoryKey?: string;
  /** Of a voice. */
  readonly author?: string;
  readonly collection?: Collection;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

interface ChangedList {
  readonly edit: ListEditing;
  readonly change: ListChange;
}

function editTimeline({ chatId, head, touched }: IndexInput): ListEditing {
  const add = touched.filter(isAdded).map(({ id }) => id);
  const key = (no: number): string => leafKey(chatId, no);
  const remove = touched.filter(isGone).map(({ id }) => id);
  return { directory: head.timeline, width: TIMELINE_WIDTH, leafKey: key, add, remove };
}

/** Each voice's entries as they were and as they will be. */
function editVoices({ me, chatId, head, touched }: IndexInput): ListEditing[] {
  const byAuthor = new Map<string, { add: string[]; remove: string[] }>();
  for (const { before, after } of touched) {
    const [was, is] = [heardIn(before, me), heardIn(after, me)];
    const author = (after.message ?? before.message)?.author;
    if (author === undefined || was === is) continue;
    const edit = byAuthor.get(author) ?? { add: [], remove: [] };
    byAuthor.set(author, edit);
    if (was !== undefined) edit.remove.push(was);
    if (is !== undefined) edit.add.push(is);
  }
  return [...byAuthor].map(([author, edit]) => ({
    directory: head.voices.get(author) ?? EMPTY_DIRECTORY,
    width: VOICE_WIDTH,
    leafKey: (no) => heardKey(chatId, author, no),
    directoryKey: voiceKey(chatId, author),
    author,
    ...edit,
  }));
}

/** What joins each collection, and leaves it. */
function editCollections({ chatId, head, touched }: IndexInput): ListEditing[] {
  const changes = touched.map(({ id, before, after }) => ({
    id,
    was: collectionsOf(before),
    is: collectionsOf(after),
  }));
  return COLLECTIONS.flatMap((collection) => {
    const add = changes.flatMap(({ id, was, is }) => (is.has(collection) && !was.has(collection) ? [id] : []));
    const remove = changes.flatMap(({ id, was, is }) => (was.has(collection) && !is.has(collection) ? [id] : []));
    if (add.length + remove.length === 0) return [];
    return {
      directory: head.collections.get(collection) ?? EMPTY_DIRECTORY,
      width: TIMELINE_WIDTH,
      leafKey: (no: number) => sortedKey(chatId, collection, no),
      directoryKey: sortKey(chatId, collection),
      ...{ collection, add, remove },
    };
  });
}

/** What a message is in its author's voice: own messages are never unread, and a deleted one no longer is. */
function heardIn(state: MessageState, me: AccountId): string | undefined {
  const { id, message } = state;
  if (message === undefined || message.account === me || isDeleted(state)) return undefined;
  const namesMe = mentionsOf(state).some(({ account }) => account === me);
  return heardEntry(message.n, id, namesMe);
}

/** All leaves that will change, of all lists, in one read; by key. */
async function loadLeaves(store: Store, edits: readonly ListEditing[]): Promise<Map<string, readonly string[]>> {
  const wanted = edits.flatMap((edit) =>
    [...leavesOf(edit.directory, [...edit.add, ...edit.remove])].map((no) => ({ key: edit.leafKey(no), edit })),
  );
  if (wanted.length === 0) return new Map();
  const values = await store.getMany(
    'rows',
    wanted.map(({ key }) => key),
  );
  return new Map(wanted.map(({ key, edit }, index) => [key, readLeaf(values[index], edit.width)]));
}

/** A stored leaf's entries; none when it is not stored yet. */
export function readLeaf(bytes: Uint8Array | undefined, width: number): readonly string[] {
  return readValue('rows', bytes, (value) => decodeLeaf(value, width), []);
}

function putLeaves({ edit, change }: ChangedList): StoreOp[] {
  return change.leaves.flatMap(({ pieces }) =>
    pieces.map(({ no, entries }) => put(edit.leafKey(no), encodeLeaf(entries))),
  );
}

function putDirectory({ edit, change }: ChangedList): StoreOp[] {
  if (edit.directoryKey === undefined || !change.directoryChanged) return [];
  return [put(edit.directoryKey, encodeDirectory(change.directory))];
}

/** The chat's own record, where it is new, its timeline's directory changed, or another list has something for the first time. */
function putRecord({ chatId, head }: IndexInput, timeline: ChangedList, others: readonly ChangedList[]): StoreOp[] {
  const begun = others.filter(({ change }) => change.leaves.length > 0).map(({ edit }) => edit);
  const voices = begun.flatMap(({ author = [] }) => author).filter((author) => !head.voices.has(author));
  const collections = begun
    .flatMap(({ collection = [] }) => collection)
    .filter((collection) => !head.collections.has(collection));
  const started = !head.stored && timeline.change.leaves.length > 0;
  if (!started && voices.length + collections.length === 0 && !timeline.change.directoryChanged) return [];
  return [
    putChatRecord(chatId, {
      timeline: timeline.change.directory,
      voices: [...head.voices.keys(), ...voices],
      collections: [...head.collections.keys(), ...collections],
    }),
  ];
}

function put(key: string, value: Uint8Array): StoreOp {
  return { op: 'put', table: 'rows', key, value };
}
