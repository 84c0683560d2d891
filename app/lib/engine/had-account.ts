/** Remembers outside the database that this browser has an account, so that an evicted database is noticed. */
import type { Phase } from '@securechat/sync/api';

const KEY = 'securechat.account';

export function hadAccount(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // storage is blocked, and so is the database
  }
}

/** To be called with each phase. */
export function rememberAccount({ type }: Phase): void {
  try {
    if (type === 'Open' || type === 'Locked') localStorage.setItem(KEY, '1');
    else if (type === 'Empty') localStorage.removeItem(KEY);
  } catch {
    // Storage is blocked: there is nothing to remember it in.
  }
}
