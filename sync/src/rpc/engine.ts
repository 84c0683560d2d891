/**
 * The engine's end: serves a {@link ClientApi} to many pages. Knows nothing of workers, tabs or locks.
 */
import type { CallInput, CallName, ClientApi, WatchArgs, WatchName } from '../api.ts';
import { createBytesWriter, type BytesWriter } from './bytes.ts';
import { parseToEngine, type CallMessage, type ToPage, type WatchMessage } from './wire.ts';

/** Where the answers for one page go. */
export interface PageLine {
  send(message: ToPage): void;
  close(): void;
}

/** What {@link serveEngine} needs of the outside. */
export interface Host {
  /** Names this run of the engine; never used before. */
  readonly term: string;
  /** Opens the line to a page. */
  openLine(client: string): PageLine;
  /** Resolves when the page is gone for good. Never rejects. */
  gone(client: string): Promise<void>;
}

interface Page {
  readonly line: PageLine;
  readonly bytes: BytesWriter;
  readonly stops: Map<string, () => void>;
}

/** A served engine: give it every value that a page sent. */
export interface ServedEngine {
  receive(value: unknown): void;
  /** Stops every watch and closes every line. */
  close(): void;
}

export function serveEngine(engine: ClientApi, host: Host): ServedEngine {
  const { term } = host;
  const pages = new Map<string, Page>();

  function pageOf(client: string): Page {
    const known = pages.get(client);
    if (known) return known;
    const page: Page = { line: host.openLine(client), bytes: createBytesWriter(), stops: new Map() };
    pages.set(client, page);
    void host.gone(client).then(() => {
      drop(client);
    });
    return page;
  }

  function drop(client: string): void {
    const page = pages.get(client);
    pages.delete(client);
    for (const stop of page?.stops.values() ?? []) stop();
    page?.line.close();
  }

  function startWatch(page: Page, { id, name, args }: WatchMessage): void {
    if (page.stops.has(id)) return;
    let stopped = false;
    const stop = engine.watch(name, args as WatchArgs<WatchName>, (value) => {
      if (!stopped) page.line.send({ type: 'snapshot', term, id, value: page.bytes.write(value) });
    });
    page.stops.set(id, () => {
      stopped = true;
      stop();
    });
  }

  async function answer(page: Page, { id, name, input }: CallMessage): Promise<void> {
    try {
      const result = await engine.call(name, input as CallInput<CallName>);
      page.line.send({ type: 'answer', term, id, result });
    } catch (error) {
      page.line.send({ type: 'failed', term, id, reason: error instanceof Error ? error.name : 'Unknown' });
    }
  }

  return {
    receive(value) {
      const message = parseToEngine(value);
      if (!message) return;
      const page = pageOf(message.client);
      switch (message.type) {
        case 'hello':
          page.line.send({ type: 'up', term });
          return;
        case 'call':
          void answer(page, message);
          return;
        case 'watch':
          startWatch(page, message);
          return;
        case 'stop':
          page.stops.get(message.id)?.();
          page.stops.delete(message.id);
      }
    },
    close() {
      for (const client of [...pages.keys()]) drop(client);
    },
  };
}
