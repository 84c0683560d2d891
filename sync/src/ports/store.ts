/**
 * Port: an ordered key-value store with atomic batches. Everything that is not an Automerge document lives here
 * (DESIGN 5, 6). Adapters: `adapters/dexie-store.ts` (IndexedDB), `adapters/memory-store.ts` (simulation);
 * `adapters/sealed-store.ts` decorates either so that values are encrypted and key parts blinded.
 * One contract suite (`ports/store.contract.ts`) runs on all of them.
 */

/** The tables, one per noun. A key is a string; ranges compare keys by UTF-16 code unit. */
export const TABLES = [
  'meta', // vault header, account, device, cursors
  'prekeys',
  'sessions', // ratchet states, one row per peer device
  'peers', // accounts we know: key, device log, address, profile they told us
  'authors', // (chat, author key) -> device, vouched for in a session
  'intents', // what the user did and the documents may not hold yet
  'outbox', // sealed or to be sealed, until the relay accepted
  'inbox', // delivered, until applied
  'seen', // delivery ids already applied
  'rows', // projected messages
  'search', // projected text blocks
  'marks', // receipts: who has received and read what
  'alarms',
  'media', // which sealed files are here, which are to go out, and which messages point to which
] as const;

export type TableName = (typeof TABLES)[number];

/** Half-open range `[from, to)`; a missing bound is open. */
export interface Range {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  /** Highest key first. */
  readonly reverse?: boolean;
}

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

export type StoreOp =
  | { readonly op: 'put'; readonly table: TableName; readonly key: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly table: TableName; readonly key: string }
  | { readonly op: 'deleteRange'; readonly table: TableName; readonly from: string; readonly to: string };

export interface Store {
  get(table: TableName, key: string): Promise<Uint8Array | undefined>;
  /** Answers in the order of `keys`. */
  getMany(table: TableName, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  range(table: TableName, range: Range): Promise<readonly Entry[]>;
  count(table: TableName, range: Pick<Range, 'from' | 'to'>): Promise<number>;
  /** All ops or none, in order, durable when the promise resolves. Rejects with an error whose name is
   * `QuotaExceededError` when the disk is full; nothing of the batch is then stored. */
  commit(ops: readonly StoreOp[]): Promise<void>;
  /** Bytes of all values, for the storage screen; may be an estimate. */
  usage(): Promise<number>;
  close(): Promise<void>;
  /** Deletes everything, for "erase this device". */
  destroy(): Promise<void>;
}
