/**
 * How a {@link Store} fails. Stores reject instead of returning a `Result` because any call may meet any of these and
 * nothing but the composition root can do something about it; the types are few and are told apart by name.
 */
import type { TableName } from './store.ts';

/** The disk, or this origin's share of it, is full; nothing of the batch was stored. */
export class QuotaExceededError extends Error {
  override readonly name = 'QuotaExceededError';
}

/** A stored value is not what was stored there: bit rot, a foreign key, or somebody's hand. */
export class DamagedValueError extends Error {
  override readonly name = 'DamagedValueError';
  readonly table: TableName;

  constructor(table: TableName) {
    super(`damaged value in ${table}`);
    this.table = table;
  }
}

/** The database cannot be opened, was closed, or was taken away by the browser. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

export type StoreErrorType = 'QuotaExceeded' | 'Damaged' | 'Unavailable';

/** Which expected failure `error` is; undefined for a bug. */
export function storeErrorType(error: unknown): StoreErrorType | undefined {
  if (!(error instanceof Error)) return undefined;
  switch (error.name) {
    case 'QuotaExceededError':
      return 'QuotaExceeded';
    case 'DamagedValueError':
      return 'Damaged';
    case 'StoreUnavailableError':
      return 'Unavailable';
    default:
      return undefined;
  }
}
