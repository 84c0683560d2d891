/** A mailbox store that counts commits and fails when a test says so. */
import type { MailboxStore } from '../src/index.ts';

/** See the module's header. */
export interface SpyStore extends MailboxStore {
  commits: number;
  reads: number;
  isBroken: boolean;
}

/** Wraps a store. */
export function spyOn(inner: MailboxStore): SpyStore {
  const spy: SpyStore = {
    ...inner,
    commits: 0,
    reads: 0,
    isBroken: false,
    commit: (ops) => {
      spy.commits++;
      return spy.isBroken ? Promise.reject(new Error('disk full')) : inner.commit(ops);
    },
    read: (...args) => {
      spy.reads++;
      return spy.isBroken ? Promise.reject(new Error('disk gone')) : inner.read(...args);
    },
    usage: (mailbox) => (spy.isBroken ? Promise.reject(new Error('disk gone')) : inner.usage(mailbox)),
  };
  return spy;
}
