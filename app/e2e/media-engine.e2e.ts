/** Media through the engine of a real browser: its worker, its private files, its way of uploading; over servers that are killed. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import {
  type CallInput,
  type ClientApi,
  MEDIA_LIMITS,
  type MessageItem,
  type TimelinePage,
} from '../../sync/src/api.ts';
import { ask, look, lookUntil } from './world/inside.ts';
import { useWorld } from './world/world.ts';

const MiB = 1024 ** 2;
type Inside = typeof globalThis & { inside: Promise<ClientApi> };

/** Slow enough to be stopped in the middle: 24 MiB take some 5 s. */
const world = useWorld({ media: true, uplink: 5_000_000 });

/** Sends a file whose byte i is i modulo 251, made in the page. */
async function sendFile(page: Page, input: Omit<CallInput<'sendMedia'>, 'items'>, size: number): Promise<void> {
  await look(page, 'phase', null); // the engine is at hand
  const answer = await page.evaluate(
    async ([given, bytes]) => {
      const content = new Blob([Uint8Array.from({ length: bytes }, (_, index) => index % 251)]);
      const engine = await (globalThis as Inside).inside;
      const items = [{ content, kind: 'file', type: 'application/pdf', name: 'plan.pdf' } as const];
      return engine.call('sendMedia', { ...given, items });
    },
    [input, size] as const,
  );
  expect(answer).toEqual({ ok: true, value: null });
}

/** Whether the file is what {@link sendFile} sent, read in the page as the app reads it. */
function isFile(page: Page, place: { chatId: string; recordId: string }, size: number): Promise<boolean> {
  return page.evaluate(
    async ([where, bytes, most]) => {
      const engine = await (globalThis as Inside).inside;
      for (let from = 0; from < bytes; from += most) {
        const range = { from, to: Math.min(bytes, from + most) };
        const read = await engine.call('mediaBytes', { ...where, index: 0, ...range });
        if (!read.ok || read.value.bytes.length !== range.to - range.from) return false;
        if (!read.value.bytes.every((byte, index) => byte === (from + index) % 251)) return false;
      }
      return true;
    },
    [place, size, MEDIA_LIMITS.readBytes] as const,
  );
}

function newest({ items }: TimelinePage): MessageItem | undefined {
  return items.filter((item) => item.type === 'message').findLast(({ media }) => media !== undefined);
}

it('S-SEND-2 S-FETCH-3 a file goes up from a browser and down into another, over reloads and a killed server', async () => {
  const [ann, bob] = await world().friends('Ann', 'Bob');
  const { storage } = world();
  const [chat] = (await look(ann.page, 'chats', null))?.filter(({ kind }) => kind === 'direct') ?? [];
  const chatId = chat?.chatId ?? '';
  const size = 24 * MiB + 333;
  await storage.kill();
  await sendFile(ann.page, { id: 'a'.repeat(22), chatId, caption: 'the plan' }, size);
  await lookUntil(ann.page, 'sendings', { chatId }, ([one]) => one?.state === 'waiting');
  await storage.start();
  await ann.page.reload();
  await lookUntil(ann.page, 'sendings', { chatId }, ([one]) => (one?.done ?? 0) > 4 * MiB);
  await storage.kill();
  await ann.page.reload();
  await storage.start();
  await lookUntil(ann.page, 'sendings', { chatId }, (all) => all.length === 0);
  const query = { chatId, anchor: 'end', older: 20, newer: 0 } as const;
  const page = await lookUntil(bob.page, 'timeline', query, (seen) => newest(seen) !== undefined);
  const message = newest(page);
  expect(message).toMatchObject({ text: 'the plan', media: [{ name: 'plan.pdf', size }] });
  const place = { chatId, recordId: message?.id ?? '' };
  await ask(bob.page, 'loadMedia', place);
  await bob.page.reload();
  await ask(bob.page, 'loadMedia', place);
  await lookUntil(bob.page, 'media', place, ([state]) => state?.state === 'here');
  expect(await isFile(bob.page, place, size)).toBe(true);
  expect(await isFile(ann.page, place, size)).toBe(true);
  expect(await ask(bob.page, 'mediaUse', null)).toMatchObject({ sending: 0, chats: [{ chatId }] });
}, 300_000);
