/**
 * Making own changes: the record is signed for the change it goes into, so actor, sequence number and dependencies are
 * fixed first, then the record, then the change.
 */
import type { AuthorKey, ChatId } from '@securechat/crypto';
import { concat } from '@securechat/crypto';
import { toHex } from '../../records/hex.ts';
import { compareHlc } from '../../records/hlc.ts';
import { type Home, MAX_DEPS, makeActor, signHome } from '../../records/home.ts';
import { makeRecordId } from '../../records/record-id.ts';
import { type RecordDraft, encodeContent } from '../../records/record.ts';
import { makeChange } from './change.ts';
import { type Entry, type Node, recallEntry } from './entry.ts';
import type { Graph } from '../segment/graph.ts';
import { bucketOf } from '../guard/guard.ts';
import type { Place } from '../segment/place.ts';

/** Who writes where: `session` is this session's part of the actor id. */
export interface Writer {
  readonly chatId: ChatId;
  readonly author: AuthorKey;
  readonly session: Uint8Array;
}

/**
 * Makes the next change of this session's actor with this record in it. Throws RangeError when no reader would accept
 * it: a counter that does not go up, or a time before the session's own last record.
 */
export function makeEntry(graph: Graph, place: Place, writer: Writer, draft: RecordDraft): Entry {
  const { chatId, author, session } = writer;
  const actor = makeActor(author.publicKey, place.documentId, session);
  const before = graph.last(toHex(actor));
  if (before !== undefined && (before.n >= draft.n || compareHlc(before.time, draft.time) >= 0)) {
    throw new RangeError('counter and time must go up');
  }
  const nodes = chooseDeps(graph, before, draft);
  const deps = nodes.map((node) => node.hash).sort();
  const home: Home = { documentId: place.documentId, actor, seq: (before?.seq ?? 0) + 1, deps };
  const content = encodeContent({ chatId, author: author.publicKey, ...draft });
  const key = makeRecordId(draft.time, content);
  const change = makeChange({
    actor: toHex(actor),
    seq: home.seq,
    startOp: Math.max(...nodes.map((node) => node.op)) + 1,
    deps,
    bucket: bucketOf(key),
    key,
    value: concat(content, signHome(author, content, home)),
  });
  const entry = recallEntry(change);
  if (!entry.ok) throw new RangeError(`not a record: ${entry.error.reason}`);
  return entry.value;
}

/**
 * What a new change depends on: the author's own change before it, always, and the heads; the newest ones when there
 * are many. A record that is not later than the heads (one redone after a crash) is made concurrent to them.
 */
function chooseDeps(graph: Graph, before: Node | undefined, draft: RecordDraft): Node[] {
  const heads = graph.docHeads().filter((head) => head !== before);
  const isLatest = heads.every((head) => compareHlc(head.time, draft.time) < 0);
  if (!isLatest) return before ? [before] : graph.roots();
  const newest = heads.sort((a, b) => b.op - a.op).slice(0, MAX_DEPS - 1);
  return before ? [before, ...newest] : newest;
}
