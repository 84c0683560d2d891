/**
 * Re-homing: the records of a fork's other branch are good (their authors signed them), but an Automerge document
 * cannot hold both branches. Each is carried into a document that can, under our own name, so that all that anybody
 * said is in the documents of every honest device.
 */
import { MAX_CARRY_DEPTH, packOriginal } from '../../records/carried.ts';
import type { RecordBody } from '../../records/body.ts';
import type { RecordId } from '../../api.ts';
import type { Entry } from '../change/entry.ts';
import type { Graph } from '../segment/graph.ts';
import { homeOf } from '../guard/guard.ts';
import type { Segment } from '../segment/segment.ts';
import type { Carrier, WireChange } from '../types.ts';

export interface RehomeInput {
  /** The segment whose quarantine is to be emptied. */
  readonly segment: Segment;
  /** The segment that is written to now. */
  readonly newest: () => Promise<Segment>;
  readonly carrier: Carrier | undefined;
  readonly append: (carrier: Carrier, body: RecordBody) => Promise<WireChange>;
}

/** Gives every homeless record of a quarantine a home; answers the changes made. Without a carrier they stay for later. */
export async function rehome({ segment, newest, carrier, append }: RehomeInput): Promise<WireChange[]> {
  const made: WireChange[] = [];
  for (const [hash, fork] of segment.quarantine) {
    if (fork.isHomed) continue;
    const { id, body } = loadOf(fork.entry, segment);
    const isKept = isInDocument(segment.graph, id) || isInDocument((await newest()).graph, id);
    if (!isKept && carrier === undefined) continue;
    if (!isKept && carrier !== undefined) made.push(await append(carrier, body));
    await segment.settleFork(hash);
  }
  return made;
}

/** What is carried of an entry: its record, or, when that itself carries too deep, the record inside. */
function loadOf(entry: Entry, segment: Segment): { readonly id: RecordId; readonly body: RecordBody } {
  const { record, carried, change } = entry;
  const inner = carried.at(-1);
  if (record.body.kind === 'carried' && inner && carried.length >= MAX_CARRY_DEPTH) {
    return { id: inner.id, body: record.body };
  }
  const original = packOriginal(homeOf(change, segment.place), change.value);
  return { id: record.id, body: { kind: 'carried', original } };
}

function isInDocument(graph: Graph, id: RecordId): boolean {
  return graph.holderOf(id)?.quarantined === false;
}
