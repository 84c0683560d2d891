/** What Dexie and IndexedDB throw, as the store port's own errors. Anything else passes through: it is a bug. */
import { QuotaExceededError, StoreUnavailableError } from '../ports/store-error.ts';

/** Rejects with what `work` rejects with, translated. */
export async function mapped<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeError(error);
  }
}

const UNAVAILABLE = new Set([
  'AbortError',
  'DatabaseClosedError',
  'InvalidStateError',
  'MissingAPIError',
  'MissingApiError',
  'NotFoundError',
  'OpenFailedError',
  'SecurityError',
  'UnknownError',
  'VersionError',
]);

/** Dexie wraps what IndexedDB said; what matters may be one or two levels down. */
function storeError(error: unknown): unknown {
  const names = namesOf(error, 4);
  if (names.includes('QuotaExceededError')) return new QuotaExceededError('no room left', { cause: error });
  if (names.some((name) => UNAVAILABLE.has(name))) return new StoreUnavailableError('no database', { cause: error });
  return error;
}

function namesOf(error: unknown, depth: number): string[] {
  if (typeof error !== 'object' || error === null || depth === 0) return [];
  const name = 'name' in error && typeof error.name === 'string' ? [error.name] : [];
  const inner = 'inner' in error ? namesOf(error.inner, depth - 1) : [];
  const failures = 'failures' in error && Array.isArray(error.failures) ? error.failures.slice(0, 1) : [];
  return [...name, ...inner, ...failures.flatMap((failure: unknown) => namesOf(failure, depth - 1))];
}
