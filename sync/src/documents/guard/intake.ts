/**
 * Takes a batch of changes of one segment through the guard, dependencies first whatever order they came in, and
 * releases held changes whose turn has come. Everything accepted is applied and stored at once.
 */
import { err } from '@securechat/crypto';
import type { VerifiedRecord } from '../../records/record.ts';
import type { Change } from '../change/change.ts';
import { type Entry, recallEntry, recordsOf } from '../change/entry.ts';
import type { GuardError } from './guard-error.ts';
import { type Surroundings, examine, judge } from './guard.ts';
import { HELD_LIMITS, type HeldChange, type HeldChanges } from './held.ts';
import type { Segment } from '../segment/segment.ts';
import type { Ingested, Refused } from '../types.ts';

type Tally = Pick<Ingested, 'applied' | 'refused' | 'fresh' | 'already' | 'held'>;

/** What came of a batch, collected over its segments. */
export class Intake {
  readonly applied: VerifiedRecord[] = [];
  readonly refused: Refused[] = [];
  fresh = 0;
  already = 0;
  held = 0;

  refuse(error: Refused['error'], hash?: string): void {
    this.refused.push({ error, ...(hash !== undefined && { hash }) });
  }

  /** Adds the outcome of another batch. */
  add(other: Tally): void {
    this.applied.push(...other.applied);
    this.refused.push(...other.refused);
    this.fresh += other.fresh;
    this.already += other.already;
    this.held += other.held;
  }

  result(): Tally {
    const { applied, refused, fresh, already, held } = this;
    return { applied, refused, fresh, already, held };
  }
}

/** One segment's part of a batch. */
export interface SegmentBatch {
  readonly segment: Segment;
  readonly held: HeldChanges;
  readonly around: Surroundings;
  readonly intake: Intake;
}

/**
 * Checks changes by themselves: those already here and those held pass without their signature being verified again.
 * One that would have to wait although its author's share is used up is refused before it costs a verification.
 */
export function examineAll(batch: SegmentBatch, changes: readonly Change[]): Entry[] {
  const { segment, held, around, intake } = batch;
  const arriving = new Set(changes.map((change) => change.hash));
  const isHere = (hash: string): boolean => segment.graph.has(hash) || held.has(hash);
  return changes.flatMap((change) => {
    const recalled = recallEntry(change);
    const isHopeless =
      recalled.ok &&
      !isHere(change.hash) &&
      !held.hasRoom(recalled.value) &&
      change.deps.some((dep) => !isHere(dep) && !arriving.has(dep));
    const entry = isHopeless ? noRoom(recalled.value) : isHere(change.hash) ? recalled : examine(change, around);
    if (entry.ok) return entry.value;
    intake.refuse(entry.error, change.hash);
    return [];
  });
}

function noRoom({ author }: Entry): { readonly ok: false; readonly error: GuardError } {
  return err({ type: 'TooManyOrphans', author, limit: HELD_LIMITS.count });
}

/** What staging a batch came to: records that are new here, and changes that wait. */
export interface Staged {
  readonly fresh: VerifiedRecord[];
  readonly waiting: ReadonlyMap<string, Waiting>;
}

interface Waiting {
  readonly entry: Entry;
  readonly on: string;
}

/** Judges and stages examined changes, dependencies first, and the held ones that they release. */
export function stageAll(batch: SegmentBatch, entries: readonly Entry[]): Staged {
  const { held } = batch;
  const fresh: VerifiedRecord[] = [];
  const waiting = new Map<string, Waiting>();
  const dependents = new Map<string, Entry[]>();
  const queue = [...entries].sort((a, b) => b.change.startOp - a.change.startOp);
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    const { hash } = entry.change;
    const on = stage(batch, entry, fresh);
    if (on !== undefined) {
      const others = dependents.get(on) ?? [];
      others.push(entry);
      dependents.set(on, others);
      waiting.set(hash, { entry, on });
      continue;
    }
    waiting.delete(hash);
    held.release(hash);
    if (batch.segment.graph.has(hash)) queue.push(...takeDependents(dependents, hash), ...entriesOf(held, hash));
  }
  return { fresh, waiting };
}

/** Stores what waits, as far as its author's share reaches. */
export async function holdAll(batch: SegmentBatch, waiting: Iterable<Waiting>): Promise<void> {
  const { segment, generation } = batch.segment.place;
  for (const { entry, on } of waiting)
    await holdOne(batch.held, batch.intake, { segment, generation, entry, waitsOn: on });
}

/** Stores one waiting change, or refuses it when its author has no room left. */
export async function holdOne(held: HeldChanges, intake: Intake, change: HeldChange): Promise<void> {
  const { hash } = change.entry.change;
  if (held.waitsOn(hash) === change.waitsOn) intake.held += 1;
  else if (held.has(hash) || held.hasRoom(change.entry)) {
    await held.hold(change);
    intake.held += 1;
  } else {
    intake.refuse(noRoom(change.entry).error, hash);
  }
}

/** Stages one change; answers what it waits on, if anything. */
function stage(batch: SegmentBatch, entry: Entry, fresh: VerifiedRecord[]): string | undefined {
  const { segment, around, intake, held } = batch;
  const { hash } = entry.change;
  const verdict = judge(segment.graph, entry, around);
  switch (verdict.type) {
    case 'waits':
      if (verdict.error && !held.has(hash)) intake.refuse(verdict.error, hash);
      return verdict.on;
    case 'refuse':
      intake.refuse(verdict.error, hash);
      return undefined;
    case 'known':
      intake.already += 1;
      break;
    case 'apply':
      segment.stage(entry);
      intake.fresh += 1;
      fresh.push(...recordsOf(entry));
      break;
    case 'quarantine':
      segment.stageFork(entry);
      intake.fresh += 1;
      fresh.push(...recordsOf(entry));
      if (verdict.error) intake.refuse(verdict.error, hash);
      break;
  }
  intake.applied.push(...recordsOf(entry));
  return undefined;
}

function takeDependents(dependents: Map<string, Entry[]>, hash: string): Entry[] {
  const taken = dependents.get(hash) ?? [];
  dependents.delete(hash);
  return taken;
}

function entriesOf(held: HeldChanges, hash: string): Entry[] {
  return held.waitingOn(hash).map((change) => change.entry);
}
