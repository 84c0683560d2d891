/** The engine of a profile, asked directly: for what no screen shows, and for what would take a person too long. */
import type { Page } from 'playwright-core';
import type {
  Answer,
  CallInput,
  CallName,
  CallValue,
  ClientApi,
  WatchArgs,
  WatchName,
  WatchValue,
} from '../../../sync/src/api.ts';
import { PageScript } from './bundle.ts';

/** A further page of the app, as its engine sees it. */
const SCRIPT = new PageScript(
  'inside',
  `
  import { connectTab } from './rpc/index.ts';
  globalThis.inside ??= connectTab({ scope: 'securechat', locks: navigator.locks, newId: () => crypto.randomUUID() });`,
);
type Inside = typeof globalThis & { inside: Promise<ClientApi> };
/** In the page the name of a call is a value like any other: which input belongs to it is checked out here. */
interface Untyped {
  call(name: CallName, input: unknown): Answer<unknown>;
}

/** Values must be plain (no bytes). Rejects when the engine refuses. */
export async function ask<K extends CallName>(page: Page, name: K, input: CallInput<K>): Promise<CallValue<K>> {
  await SCRIPT.runIn(page);
  const answer = await page.evaluate(
    async ([called, given]) => {
      const engine = (await (globalThis as Inside).inside) as Untyped;
      return engine.call(called, given);
    },
    [name, input as unknown] as const,
  );
  if (!answer.ok) throw new Error(`${name}: ${answer.error.type}`);
  return answer.value as CallValue<K>;
}

/** Without a snapshot for so long, there is nothing to see: an account that is not there yet, a chat that is not known. */
const PATIENCE = 1_000;

/** The first snapshot of a watch; undefined: none came. */
export async function look<K extends WatchName>(
  page: Page,
  name: K,
  args: WatchArgs<K>,
): Promise<WatchValue<K> | undefined> {
  await SCRIPT.runIn(page);
  const value = await page.evaluate(
    async ([watched, given, patience]) => {
      const engine = await (globalThis as Inside).inside;
      let stop: (() => void) | undefined;
      const first = await new Promise((resolve) => {
        setTimeout(resolve, patience);
        stop = engine.watch(watched, given as WatchArgs<WatchName>, resolve);
      });
      stop?.();
      return first;
    },
    [name, args, PATIENCE] as const,
  );
  return value as WatchValue<K> | undefined;
}

/** Looks again and again until a snapshot is as wanted. The test's own time limit ends a wait in vain. */
export async function lookUntil<K extends WatchName>(
  page: Page,
  name: K,
  args: WatchArgs<K>,
  isWanted: (value: WatchValue<K>) => boolean,
): Promise<WatchValue<K>> {
  for (;;) {
    const value = await look(page, name, args);
    if (value !== undefined && isWanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** When the page has a timeline that ends with this message and has `length` items, in milliseconds since 1970. */
export async function endsWith(page: Page, chatId: string, text: string, length: number): Promise<number> {
  await SCRIPT.runIn(page);
  return page.evaluate(
    async ([chat, last, count]) => {
      const engine = await (globalThis as Inside).inside;
      const query = { chatId: chat, anchor: 'end', older: count, newer: 0 } as const;
      return new Promise<number>((resolve) => {
        const stop = engine.watch('timeline', query, ({ items }) => {
          const newest = items.findLast(({ type }) => type === 'message');
          if (items.length < count || newest?.type !== 'message' || newest.text !== last) return;
          resolve(Date.now());
          queueMicrotask(() => stop());
        });
      });
    },
    [chatId, text, length] as const,
  );
}
