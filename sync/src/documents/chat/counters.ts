/**
 * Which of each author's numbered records are here: runs of counters, normally one run from 1. Tells the next number of
 * our own author and how many records of others are missing, whatever document they were in.
 *
 *     counters = count u16, each: author 32 | runs u16, each: from u32, to u32
 */
import { fromBase64Url, toBase64Url } from '@securechat/crypto';
import type { ByteCursor, ByteSink } from '../../records/cursor.ts';

interface Run {
  from: number;
  to: number;
}

/** Runs kept of one author. An author who leaves more holes than this (nobody honest) has the lowest ones forgotten. */
const MAX_RUNS = 64;
const KEY_BYTES = 32;

export class Counters {
  readonly #runs = new Map<string, Run[]>();

  /** Notes that `author` (base64url) has a record number `n` here. */
  add(author: string, n: number): void {
    const runs = this.#runs.get(author) ?? [];
    this.#runs.set(author, runs);
    const last = runs.at(-1);
    if (last !== undefined && n === last.to + 1) last.to = n;
    else if (last === undefined || n > last.to) runs.push({ from: n, to: n });
    else insert(runs, n);
    if (runs.length > MAX_RUNS) forgetLowestHole(runs);
  }

  /** The highest number of this author; 0 when there is none. */
  max(author: string): number {
    return this.#runs.get(author)?.at(-1)?.to ?? 0;
  }

  /** Whether this author's record number `n` is here. */
  has(author: string, n: number): boolean {
    return this.#runs.get(author)?.some((run) => run.from <= n && n <= run.to) ?? false;
  }

  authors(): string[] {
    return [...this.#runs.keys()];
  }

  /** Numbers below the highest, and with `fromFirst` above the lowest, that are not here. */
  missing(author: string, fromFirst = false): number {
    const runs = this.#runs.get(author) ?? [];
    const before = fromFirst ? (runs[0]?.from ?? 1) - 1 : 0;
    return runs.reduce((left, run) => left - (run.to - run.from + 1), this.max(author) - before);
  }

  write(sink: ByteSink): void {
    sink.uint(this.#runs.size, 2);
    for (const [author, runs] of this.#runs) {
      sink.put(fromBase64Url(author) ?? new Uint8Array(KEY_BYTES)).uint(runs.length, 2);
      for (const run of runs) sink.uint(run.from, 4).uint(run.to, 4);
    }
  }

  /** Reads what {@link write} wrote; throws Unreadable. */
  static read(cursor: ByteCursor): Counters {
    const counters = new Counters();
    for (let left = cursor.uint(2); left > 0; left -= 1) {
      const author = toBase64Url(cursor.take(KEY_BYTES));
      const runs: Run[] = [];
      for (let count = cursor.uint(2); count > 0; count -= 1) runs.push({ from: cursor.uint(4), to: cursor.uint(4) });
      counters.#runs.set(author, runs);
    }
    return counters;
  }
}

/** Puts `n` at its place among sorted runs, joining neighbours. */
function insert(runs: Run[], n: number): void {
  const at = runs.findIndex((run) => n <= run.to + 1);
  const run = runs[at];
  if (run === undefined || n < run.from - 1) {
    runs.splice(at, 0, { from: n, to: n });
    return;
  }
  run.from = Math.min(run.from, n);
  run.to = Math.max(run.to, n);
  const next = runs[at + 1];
  if (next !== undefined && next.from <= run.to + 1) {
    run.to = next.to;
    runs.splice(at + 1, 1);
  }
}

function forgetLowestHole(runs: Run[]): void {
  const [first, second] = runs;
  if (first !== undefined && second !== undefined) runs.splice(0, 2, { from: first.from, to: second.to });
}
