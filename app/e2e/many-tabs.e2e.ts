/** "Exactly one tab owns the engine, and any of them may go": five tabs, two hundred messages, twenty sudden deaths. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { look, lookUntil } from './world/inside.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
const TABS = 5;
const DEATHS = 20;
const SENDS = 200;
/** The engine's lock (sync/src/rpc/tabs.ts). */
const LOCK = 'securechat/engine';

it('five tabs, 200 messages spread over them, the tab that leads killed 20 times: all arrive, once', async () => {
  const [ann, bob] = await world().friends('Ann', 'Bob');
  const path = new URL(ann.page.url()).pathname;
  const chatId = decodeURIComponent(path.split('/').at(-1) ?? '');
  let tabs = [ann.page];
  while (tabs.length < TABS) tabs.push(await ann.newTab(path));
  const texts = Array.from({ length: SENDS }, (_, i) => `message ${String(i + 1).padStart(3, '0')}`);
  const left = [...texts];
  for (let death = 0; death < DEATHS; death += 1) {
    const leader = await leaderOf(tabs);
    const others = tabs.filter((tab) => tab !== leader);
    // What a tab shows is stored: it must survive the tab.
    for (const text of left.splice(0, 2)) await write(leader, text);
    // What the others write at this moment goes to an engine that is about to die, or to the next one.
    const writing = others.map(async (tab) => {
      for (const text of left.splice(0, 2)) await write(tab, text);
    });
    await Promise.all([...writing, death % 2 === 0 ? leader.close() : crash(leader)]);
    tabs = [...others, await ann.newTab(path)];
  }
  ann.lookAt(tabs[0] ?? ann.page);

  const query = { chatId, anchor: 'end', older: 399, newer: 0 } as const;
  const received = await lookUntil(bob.page, 'timeline', query, ({ items }) => items.length >= SENDS);
  const isMessage = (text: string): boolean => text.startsWith('message ');
  const textsOf = ({ items }: typeof received): string[] =>
    items.flatMap((item) => (item.type === 'message' && isMessage(item.text) ? [item.text] : [])).sort();
  expect(textsOf(received)).toEqual(texts);
  const ticks = ['delivered', 'read'];
  const sent = await lookUntil(ann.page, 'timeline', query, ({ items }) =>
    items.every((item) => item.type !== 'message' || ticks.includes(item.tick ?? '')),
  );
  expect(textsOf(sent)).toEqual(texts);
  expect(await look(ann.page, 'connection', null)).toMatchObject({ state: 'online', waiting: 0 });
  for (const person of [ann, bob]) expect(await look(person.page, 'alarms', null)).toEqual([]);
}, 600_000);

/** Writes and sends; done when the tab shows it. */
async function write(tab: Page, text: string): Promise<void> {
  const box = tab.getByRole('textbox', { name: /^Message to / });
  await box.fill(text);
  await box.press('Enter');
  await tab.getByRole('region', { name: 'Messages' }).getByRole('listitem').filter({ hasText: text }).waitFor();
}

/** The tab whose worker holds the engine's lock. */
async function leaderOf(tabs: readonly Page[]): Promise<Page> {
  for (;;) {
    for (const tab of tabs) if (await leads(tab)) return tab;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A worker knows which locks are its own only by the name of its client, which it learns from a lock that it takes. */
async function leads(tab: Page): Promise<boolean> {
  const answers = tab.workers().map((worker) =>
    worker.evaluate(async (lock) => {
      const mark = crypto.randomUUID();
      return navigator.locks.request(mark, async () => {
        const { held = [] } = await navigator.locks.query();
        const clientOf = (name: string): string | undefined => held.find((each) => each.name === name)?.clientId;
        return clientOf(lock) !== undefined && clientOf(lock) === clientOf(mark);
      });
    }, LOCK),
  );
  return (await Promise.all(answers)).includes(true);
}

/** The process of the tab dies, and then the tab is closed. */
async function crash(tab: Page): Promise<void> {
  const crashed = tab.waitForEvent('crash');
  const session = await tab.context().newCDPSession(tab);
  session.send('Page.crash').catch(() => undefined); // nobody is left to answer
  await crashed;
  await tab.close();
}
