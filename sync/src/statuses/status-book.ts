/** The statuses that are here, in memory and in the store. A job sees what it changed itself, and all is undone if it fails. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import { prefixRange } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';
import { type EndedStatus, type LiveStatus, type StatusRow, rowKey } from './status-row.ts';

/** What is remembered of one author's statuses that are over. */
const ENDED_KEPT = 128;

export class StatusBook {
  readonly #rows = new Map<ChatId, StatusRow>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async load(store: Store): Promise<void> {
    for (const { value } of await store.range('rows', prefixRange('status'))) {
      const row = unpack<StatusRow>(value);
      this.#rows.set(row.id, row);
    }
  }

  get(id: ChatId): StatusRow | undefined {
    return this.#rows.get(id);
  }

  all(): readonly StatusRow[] {
    return [...this.#rows.values()];
  }

  /** Undefined also when its time is over and it was not swept yet. */
  alive(id: ChatId): LiveStatus | undefined {
    const row = this.#rows.get(id);
    return row?.state === 'live' && row.expiresAt > this.#now() ? row : undefined;
  }

  /** Oldest first. */
  allAlive(account?: AccountId): readonly LiveStatus[] {
    return this.all()
      .flatMap(({ id }) => this.alive(id) ?? [])
      .filter((row) => account === undefined || row.account === account)
      .sort((a, b) => a.time - b.time || a.counter - b.counter || (a.id < b.id ? -1 : 1));
  }

  /** Those whose time is over and that are here all the same. */
  overdue(): readonly LiveStatus[] {
    const now = this.#now();
    return this.all().filter((row): row is LiveStatus => row.state === 'live' && row.expiresAt <= now);
  }

  /** When the next one is over; undefined: none is alive. */
  get nextEnd(): number | undefined {
    let next = Infinity;
    for (const row of this.#rows.values()) if (row.state === 'live') next = Math.min(next, row.expiresAt);
    return next === Infinity ? undefined : next;
  }

  put(batch: Batch, row: StatusRow): void {
    this.#set(batch, row.id, row);
    batch.put('rows', rowKey(row.id), pack(row));
    if (row.state === 'ended') this.#bound(batch, row.account);
  }

  /** What nobody can bring back any more is forgotten. */
  forgetOld(batch: Batch): void {
    for (const row of this.all()) if (row.state === 'ended' && row.until <= this.#now()) this.#remove(batch, row.id);
  }

  #bound(batch: Batch, account: AccountId): void {
    const ended = this.all().filter((row): row is EndedStatus => row.state === 'ended' && row.account === account);
    const tooMany = [...ended].sort((a, b) => b.until - a.until).slice(ENDED_KEPT);
    for (const { id } of tooMany) this.#remove(batch, id);
  }

  #remove(batch: Batch, id: ChatId): void {
    this.#set(batch, id, undefined);
    batch.delete('rows', rowKey(id));
  }

  #set(batch: Batch, id: ChatId, row: StatusRow | undefined): void {
    const before = this.#rows.get(id);
    this.#keep(id, row);
    batch.undo(() => {
      this.#keep(id, before);
    });
  }

  #keep(id: ChatId, row: StatusRow | undefined): void {
    if (row === undefined) this.#rows.delete(id);
    else this.#rows.set(id, row);
  }
}
