/**
 * The changes of one segment and what depends on what, without their contents. Answers in time that does not depend on
 * the length of the history, except for `ancestors`, which repair alone uses. Knows nothing of storage or signatures.
 */
import type { RecordId } from '../../api.ts';
import { type Hlc, NO_TIME, compareHlc } from '../../records/hlc.ts';
import type { Node } from '../change/entry.ts';
import { GENESIS_ACTOR, GENESIS_HASH, GENESIS_OPS } from '../change/genesis.ts';

const GENESIS: Node = {
  hash: GENESIS_HASH,
  actor: GENESIS_ACTOR,
  seq: 1,
  op: GENESIS_OPS,
  deps: [],
  author: '',
  n: 0,
  time: NO_TIME,
  earliestMs: Infinity,
  id: '',
  carried: [],
  quarantined: false,
};

export class Graph {
  readonly #nodes = new Map<string, Node>([[GENESIS_HASH, GENESIS]]);
  /** Actor -> hashes of its changes in the document, by seq - 1. */
  readonly #chains = new Map<string, string[]>();
  readonly #records = new Map<RecordId, string>();
  readonly #byAuthor = new Map<string, { applied: number; quarantined: number }>();
  readonly #docHeads = new Set<string>([GENESIS_HASH]);
  readonly #tips = new Set<string>([GENESIS_HASH]);
  #applied = 0;
  #latest: Hlc = NO_TIME;
  #earliestMs = Infinity;

  /** Records in the document, without the genesis and the quarantine. */
  get size(): number {
    return this.#applied;
  }

  /** Changes that are here, the quarantine included, without the genesis. */
  get known(): number {
    return this.#nodes.size - 1;
  }

  /** Whether a fork was seen here. */
  get isForked(): boolean {
    return this.known > this.#applied;
  }

  /** The latest time of a record here. */
  get latest(): Hlc {
    return this.#latest;
  }

  /** What the oldest record here is dated, those inside others included; Infinity when there is none. */
  get earliestMs(): number {
    return this.#earliestMs;
  }

  has(hash: string): boolean {
    return this.#nodes.has(hash);
  }

  get(hash: string): Node | undefined {
    return this.#nodes.get(hash);
  }

  /** Adds a change whose dependencies are all here; one that is not quarantined must be the next of its actor. */
  add(node: Node): void {
    this.#nodes.set(node.hash, node);
    for (const id of [node.id, ...node.carried.map((inner) => inner.id)]) {
      if (this.holderOf(id)?.quarantined !== false) this.#records.set(id, node.hash);
    }
    this.#count(node);
    replaceHeads(this.#tips, node);
    if (compareHlc(this.#latest, node.time) < 0) this.#latest = node.time;
    this.#earliestMs = Math.min(this.#earliestMs, node.earliestMs);
    if (node.quarantined) return;
    replaceHeads(this.#docHeads, node);
    const chain = this.#chains.get(node.actor);
    if (chain) chain.push(node.hash);
    else this.#chains.set(node.actor, [node.hash]);
  }

  /** The change in the document with this actor and seq. */
  at(actor: string, seq: number): Node | undefined {
    const hash = this.#chains.get(actor)?.[seq - 1];
    return hash === undefined ? undefined : this.#nodes.get(hash);
  }

  /** The actor's last change in the document. */
  last(actor: string): Node | undefined {
    return this.at(actor, this.#chains.get(actor)?.length ?? 0);
  }

  /** The change that brought this record, or one that carries it; one in the document if there is any. */
  holderOf(id: RecordId): Node | undefined {
    const hash = this.#records.get(id);
    return hash === undefined ? undefined : this.#nodes.get(hash);
  }

  countOf(author: string): { readonly applied: number; readonly quarantined: number } {
    return this.#byAuthor.get(author) ?? { applied: 0, quarantined: 0 };
  }

  /** Heads of the Automerge document. */
  docHeads(): Node[] {
    return this.#resolve(this.#docHeads);
  }

  /** The genesis alone: what a change depends on that is concurrent to everything. */
  roots(): Node[] {
    return [GENESIS];
  }

  /** Heads of everything known, the quarantine included, hex, ascending: what a summary tells. */
  tips(): string[] {
    return [...this.#tips].sort();
  }

  /** Everything but the genesis, dependencies first, in the same order on every device that has the same changes. */
  ordered(): Node[] {
    const nodes = [...this.#nodes.values()].filter((node) => node !== GENESIS);
    return nodes.sort((a, b) => a.op - b.op || (a.hash < b.hash ? -1 : 1));
  }

  /** Those of `hashes` that are here, and all that they depend on. */
  ancestors(hashes: Iterable<string>): Set<string> {
    const found = new Set<string>();
    const pending = [...hashes];
    for (let hash = pending.pop(); hash !== undefined; hash = pending.pop()) {
      const node = this.#nodes.get(hash);
      if (node === undefined || found.has(hash)) continue;
      found.add(hash);
      pending.push(...node.deps);
    }
    return found;
  }

  #count(node: Node): void {
    const count = this.#byAuthor.get(node.author) ?? { applied: 0, quarantined: 0 };
    if (node.quarantined) count.quarantined += 1;
    else count.applied += 1;
    this.#byAuthor.set(node.author, count);
    if (!node.quarantined) this.#applied += 1;
  }

  #resolve(hashes: Iterable<string>): Node[] {
    return [...hashes].flatMap((hash) => this.#nodes.get(hash) ?? []);
  }
}

function replaceHeads(heads: Set<string>, node: Node): void {
  for (const dep of node.deps) heads.delete(dep);
  heads.add(node.hash);
}
