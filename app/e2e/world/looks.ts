/**
 * How a page is looked at: at phone and desktop width, light and dark, for serious accessibility violations and for what is
 * wider than the screen. Pictures for people go to `test-results/screenshots`; with UPDATE_SCREENSHOTS=1 to
 * `docs/screenshots`, whence the README takes one.
 */
import type axe from 'axe-core';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { ROOT } from './root.ts';

const SHOTS = path.join(ROOT, process.env['UPDATE_SCREENSHOTS'] === '1' ? 'docs' : 'test-results', 'screenshots');
export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ['light', 'dark'] as const;

/** When Chromium offers to install an app is its own affair: the pictures are to show the same thing each time. */
export async function declineInstall(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    });
  });
}

/** One page in all four looks. */
export async function look(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
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

export async function violations(page: Page): Promise<string[]> {
  // Half a megabyte that a page reads once, not each time it is looked at.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await axeSource());
  const { violations: found } = await page.evaluate(() =>
    (globalThis as typeof globalThis & { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}

function axeSource(): Promise<string> {
  return readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}

/** What sticks out of the screen at its sides, although it can be seen. */
export function overflow(page: Page): Promise<string[]> {
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
