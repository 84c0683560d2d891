/**
 * "It looks right and reads right", at phone and desktop width, light and dark: no serious accessibility violation on any of
 * these pages, nothing wider than the screen, and pictures for people to look at. They go to `test-results/screenshots`;
 * with UPDATE_SCREENSHOTS=1 to `docs/screenshots`, whence the README takes one.
 */
import AxeBuilder from '@axe-core/playwright';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Person } from './world/person.ts';
import { ROOT } from './world/root.ts';
import { befriend, useWorld } from './world/world.ts';

const SHOTS = path.join(ROOT, process.env['UPDATE_SCREENSHOTS'] === '1' ? 'docs' : 'test-results', 'screenshots');
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ['light', 'dark'] as const;

const world = useWorld();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  ann = await world().arrive('Ann');
  bob = await world().arrive('Bob');
  await declineInstall(ann.context);
  await Promise.all([ann.onboard(), bob.onboard()]);
  await befriend(ann, bob);
  await ann.openChat('Note to self');
  await ann.send('Library books are due on the 14th');
  const mira = await world().arrive('Mira Castellanos');
  await mira.onboard();
  await befriend(ann, mira);
  await ann.openChat('Bob');
  await talk();
  await mira.send('The recording is up, tell me what you think of the second half');
  await ann.chat('Mira').getByRole('img', { name: '1 unread' }).waitFor();
});

/** When Chromium offers to install an app is its own affair: the pictures are to show the same thing each time. */
async function declineInstall(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    });
  });
}

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
  await ann.send('The good thermos it is');
  await ann.seesTick('The good thermos it is', 'Read');
}

/** One page in all four looks. */
async function look(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await settled(page);
      const label = `${name}-${size}-${colorScheme}`;
      await page.screenshot({ path: path.join(SHOTS, `${label}.png`) });
      expect(await violations(page), label).toEqual([]);
      expect(await overflow(page), label).toEqual([]);
    }
  }
  await page.setViewportSize(SIZES.desktop);
}

/** The new look is painted and nothing fades any more. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const endless = (animation: Animation): boolean => animation.effect?.getComputedTiming().endTime === Infinity;
    const running = document.getAnimations().filter((animation) => !endless(animation));
    await Promise.all(running.map((animation) => animation.finished.catch(() => undefined)));
    await frame();
  });
}

async function violations(page: Page): Promise<string[]> {
  // Legacy: there are no frames here, whose results would be put together in a further page.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations: found } = await axe.analyze();
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}

/** What sticks out of the screen at its sides, although it can be seen. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const isOut = (element: Element): boolean => {
      const { left, right, width, height } = element.getBoundingClientRect();
      return width > 1 && height > 1 && (left < -1 || right > root.clientWidth + 1) && element.checkVisibility();
    };
    const out = [...document.body.querySelectorAll('*')]
      .filter(isOut)
      .map((element) => element.outerHTML.slice(0, 120));
    return root.scrollWidth > root.clientWidth ? ['the page scrolls sideways', ...out] : out;
  });
}

it('what these tests look for would be found', async () => {
  const probe = await ann.newTab('/settings');
  await probe.getByRole('heading', { name: 'Settings' }).waitFor();
  await probe.evaluate(() => {
    const [nameless, faint, wide] = [
      document.createElement('button'),
      document.createElement('p'),
      document.createElement('p'),
    ];
    faint.style.cssText = 'color: #999; background: #aaa';
    wide.style.cssText = 'position: fixed; inset: 0 auto auto 0; inline-size: 3000px';
    faint.textContent = 'hard to read';
    wide.textContent = 'too wide';
    document.querySelector('main h1')?.after(nameless, faint, wide);
  });
  expect((await violations(probe)).map((found) => found.split(':')[0])).toEqual(['button-name', 'color-contrast']);
  expect(await overflow(probe)).toEqual([expect.stringContaining('too wide')]);
  await probe.close();
});

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

it('a phone shows one thing at a time, and Back leads to the list', async () => {
  const dora = await world().arrive('Dora', { viewport: SIZES.phone, hasTouch: true });
  const { page } = dora;
  await dora.onboard();
  await dora.chat('Note to self').tap();
  await dora.box.fill('Written with one thumb');
  await page.getByRole('button', { name: 'Send' }).tap();
  await dora.sees('Written with one thumb');
  expect(await dora.chatList.isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Back' }).tap();
  await dora.chat('Written with one thumb').waitFor();
  expect(await dora.box.isVisible()).toBe(false);
});
