/** A person without a mouse: moves by Tab and keys, and sees only where the focus is. */
import type { Locator, Page } from 'playwright-core';

/** More stops than any screen has. */
const MOST_STOPS = 80;

/** Presses Tab (or Shift+Tab) until `target` has the focus; fails when it is never reached. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.waitFor();
  const passed: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    if (await hasFocus(target)) return;
    passed.push(await focused(page));
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never reaches ${target.toString()}; it stops at: ${passed.join(' | ')}`);
}

export function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

/** Resolves when the app has put the focus there by itself. */
export async function gainsFocus(target: Locator): Promise<void> {
  await target.and(target.page().locator(':focus')).waitFor();
}

/** What has the focus, for a message. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document;
    const name = element?.getAttribute('aria-label') ?? element?.textContent.trim().slice(0, 30) ?? '';
    return `${element?.tagName.toLowerCase() ?? '-'} ${name}`;
  });
}
