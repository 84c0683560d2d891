import type { TabsOptions } from '$rpc';

/** Channels and locks that all tabs and workers of this app share. */
export function tabs(): TabsOptions {
  return { scope: 'securechat', locks: navigator.locks, newId: () => crypto.randomUUID() };
}
