/** Remembers outside the database that this browser has an account, so that an evicted database is noticed. */
import type { Phase } from '@securechat/sync/api';
import { OF_ACCOUNT } from '$lib/state/memory.ts';

const KEY = 'securechat.account';

export function hadAccount(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // storage is blocked, and so is the database
  }
}

/** To be called with each phase. When there is no account any more, nothing of it is remembered. */
export function rememberAccount({ type }: Phase): void {
  try {
    if (type === 'Open' || type === 'Locked') localStorage.setItem(KEY, '1');
    else if (type === 'Empty')
      for (const key of [KEY, ...OF_ACCOUNT.map((name) => `securechat.${name}`)]) localStorage.removeItem(key);
  } catch {
    // Storage is blocked: there is nothing to remember it in.
  }
}
