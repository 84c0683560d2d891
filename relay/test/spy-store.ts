/** A mailbox store that counts commits and fails when a test says so. */
import type { Clock, MailboxStore } from '../src/index.ts';

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

/** A store whose answers take a little: what happens meanwhile happens between its look and the relay's hearing of it. */
export function slowly(inner: MailboxStore, clock: Clock): MailboxStore {
  const later = async <T>(answer: Promise<T>, ms: number): Promise<T> => {
    const value = await answer;
    await new Promise<void>((resolve) => clock.after(ms, resolve));
    return value;
  };
  return {
    ...inner,
    commit: (ops) => later(inner.commit(ops), 1),
    read: (...args) => later(inner.read(...args), 2),
    usage: (mailbox) => later(inner.usage(mailbox), 1),
  };
}
