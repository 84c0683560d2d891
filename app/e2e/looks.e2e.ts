/**
 * What it looks like, at phone and desktop width, light and dark: pictures for people to look at (docs/screenshots), no
 * serious accessibility violation on any of these pages, and nothing wider than the screen.
 */
import AxeBuilder from '@axe-core/playwright';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Person } from './world/person.ts';
import { ROOT } from './world/root.ts';
import { useWorld } from './world/world.ts';

const SHOTS = path.join(ROOT, 'docs', 'screenshots');
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ['light', 'dark'] as const;

const world = useWorld();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  [ann, bob] = await world().friends('Ann', 'Bob');
  await talk();
});

/** A conversation worth looking at. */
async function talk(): Promise<void> {
  await bob.send('Did you get home before the rain?');
  await ann.sees('Did you get home before the rain?');
  await ann.send('Just. The bakery on the corner was still open, so there is bread.');
  await ann.send('Are we still on for Saturday?');
  await bob.sees('Are we still on for Saturday?');
  await bob.choose('Are we still on for Saturday?', 'Reply');
  await bob.send('Yes! Ten at the north gate. I will bring the map and 天気 permitting the telescope.');
  await ann.sees('Ten at the north gate');
  await ann.choose('Ten at the north gate', 'React with ❤️');
  await bob.message('Ten at the north gate').getByRole('button', { name: 'React with ❤️' }).waitFor();
  await bob.send('And the good thermos.');
  await ann.sees('And the good thermos.');
  await bob.seesTick('And the good thermos.', 'Read');
}

/** One page in all four looks. */
async function look(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const label = `${name}-${size}-${colorScheme}`;
      await page.screenshot({ path: path.join(SHOTS, `${label}.png`) });
      expect(await violations(page), label).toEqual([]);
      expect(await overflow(page), label).toBe(0);
    }
  }
  await page.setViewportSize(SIZES.desktop);
}

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}

/** Pixels by which the page is wider than the screen. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const root = globalThis.document.documentElement;
    return Math.max(0, root.scrollWidth - root.clientWidth);
  });
}

it('onboarding', async () => {
  const carol = await world().arrive('Carol');
  await carol.goto('/');
  await carol.page.getByLabel('Your name').waitFor();
  await look(carol.page, 'onboarding');
});

it('chat', async () => {
  await look(ann.page, 'chat');
});

it('chat list', async () => {
  await ann.goto('/');
  await ann.chat('Bob').waitFor();
  await look(ann.page, 'chat-list');
});

it('search', async () => {
  await ann.page.getByRole('searchbox', { name: 'Search messages and people' }).fill('the');
  await ann.page.getByText('thermos').first().waitFor();
  await look(ann.page, 'search');
});

it('safety number', async () => {
  await ann.goto('/');
  await ann.openChat('Bob');
  await ann.goto(`${ann.page.url()}/safety`);
  await ann.page.getByRole('heading', { name: 'Safety number' }).waitFor();
  await look(ann.page, 'safety-number');
});

it('settings', async () => {
  await ann.goto('/settings');
  await ann.page.getByRole('heading', { name: 'Settings' }).waitFor();
  await look(ann.page, 'settings');
});
