/**
 * The pipe between the tabs of one origin: BroadcastChannel carries, Web Locks say who lives and who leads.
 *
 *   channel  <scope>/engine         pages -> engine
 *   channel  <scope>/pages          engine -> all pages: a new engine is up
 *   channel  <scope>/page/<client>  engine -> one page
 *   lock     <scope>/engine         held by the one worker whose engine is open
 *   lock     <scope>/page/<client>  held by a page as long as it lives
 *
 * Exactly one engine at a time: the lock is never stolen, since two engines would reuse ratchet states.
 */
import type { ClientApi } from '../api.ts';
import { serveEngine } from './engine.ts';
import { connectPage, type PageClient } from './page.ts';
import type { Pipe } from './wire.ts';

/** What is used of `navigator.locks`: runs `held` once the lock is free and keeps it until that promise settles. */
export interface Locks {
  request(name: string, held: () => Promise<unknown>): Promise<unknown>;
}

export interface TabsOptions {
  /** Prefix of every channel and lock. */
  readonly scope: string;
  readonly locks: Locks;
  readonly newId: () => string;
}

const forever = (): Promise<never> => new Promise(() => undefined);

/** Connects a page to whichever tab's engine leads, now and later. */
export function connectTab({ scope, locks, newId }: TabsOptions): Promise<PageClient> {
  const client = newId();
  return new Promise((resolve, reject) => {
    // The page's lock is held before its first message, or the engine would think that the page is gone.
    locks
      .request(`${scope}/page/${client}`, () => {
        resolve(connectPage(createTabPipe(scope, client), client));
        return forever();
      })
      .catch(reject);
  });
}

function createTabPipe(scope: string, client: string): Pipe {
  const engine = new BroadcastChannel(`${scope}/engine`);
  const everyone = new BroadcastChannel(`${scope}/pages`);
  const own = new BroadcastChannel(`${scope}/page/${client}`);
  return {
    send: (message) => {
      engine.postMessage(message);
    },
    listen(onMessage) {
      const receive = (event: { data: unknown }): void => {
        onMessage(event.data);
      };
      everyone.onmessage = receive;
      own.onmessage = receive;
      return () => {
        for (const channel of [engine, everyone, own]) channel.close();
      };
    },
  };
}

/**
 * Waits to become the leader, then opens the engine and serves it to all tabs until `until` settles (by default: as
 * long as this worker lives). Rejects when `open` rejects.
 */
export async function leadTabs(
  { scope, locks, newId }: TabsOptions,
  open: () => Promise<ClientApi>,
  until: Promise<unknown> = forever(),
): Promise<void> {
  await locks.request(`${scope}/engine`, async () => {
    const engine = await open();
    const term = newId();
    const served = serveEngine(engine, {
      term,
      openLine: (client) => openLine(`${scope}/page/${client}`),
      gone: async (client) => {
        await locks.request(`${scope}/page/${client}`, () => Promise.resolve());
      },
    });
    const inbound = new BroadcastChannel(`${scope}/engine`);
    const everyone = new BroadcastChannel(`${scope}/pages`);
    inbound.onmessage = (event: { data: unknown }) => {
      served.receive(event.data);
    };
    everyone.postMessage({ type: 'up', term });
    await until;
    served.close();
    for (const channel of [inbound, everyone]) channel.close();
  });
}

function openLine(name: string): ReturnType<Parameters<typeof serveEngine>[1]['openLine']> {
  const channel = new BroadcastChannel(name);
  return {
    send: (message) => {
      channel.postMessage(message);
    },
    close: () => {
      channel.close();
    },
  };
}
