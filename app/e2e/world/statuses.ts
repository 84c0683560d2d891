/** What people do with statuses, by what they see. */
import type { Locator } from 'playwright-core';
import type { SentFile } from './media.ts';
import type { Person } from './person.ts';

/** Opens the list of those who have a status. */
export async function openStatuses({ page }: Person): Promise<void> {
  await page.getByRole('link', { name: /^Status(, \d+ new)?$/ }).click();
  await page.getByRole('heading', { name: 'Status', exact: true }).waitFor();
}

/** Somebody in that list. */
export function ring({ page }: Person, name: string): Locator {
  return page.getByRole('main').getByRole('button', { name: new RegExp(`^${name}, `) });
}

/** Chooses who gets what is shared from now on. */
export async function shareOnlyWith({ page }: Person, names: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: /^Shared with: / }).click();
  await page.getByLabel('Only share with…').check();
  for (const name of names) await page.getByRole('checkbox', { name, exact: true }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Audience changed').waitFor();
}

export async function shareWords({ page }: Person, words: string): Promise<void> {
  await page.getByRole('link', { name: 'Add a status' }).click();
  await page.getByLabel('Your text').fill(words);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('heading', { name: 'Status', exact: true }).waitFor();
}

/** Photos and films, each with its caption. */
export async function shareFiles(
  { page }: Person,
  files: readonly { readonly file: SentFile; readonly caption: string }[],
): Promise<void> {
  await page.getByRole('link', { name: 'Add a status' }).click();
  await page.getByText('Photos and videos', { exact: true }).click();
  await page.locator('input[data-pick=media]').setInputFiles(files.map(({ file }) => file));
  for (const [i, { caption }] of files.entries()) await page.getByLabel(`Caption of ${String(i + 1)}`).fill(caption);
  const button = page.getByRole('button', { name: 'Share', exact: true });
  await button.and(page.locator(':enabled')).click();
  await page.getByRole('heading', { name: 'Status', exact: true }).waitFor();
}

/** Looks at somebody's statuses, and holds them. */
export async function watch(person: Person, name: string): Promise<void> {
  await openHeld(person, ring(person, name));
}

/** One's own. */
export async function watchMine(person: Person): Promise<void> {
  await openHeld(person, person.page.getByRole('button', { name: /^My status/ }));
}

/** What is opened stands still from the first moment: a busy machine may need longer for a click than a status is shown. */
export async function openHeld({ page }: Person, opener: Locator): Promise<void> {
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      const pause = document.querySelector<HTMLElement>('[role=dialog] button[aria-label=Pause]');
      if (!pause) return;
      observer.disconnect();
      pause.click();
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  await opener.click();
  await page.getByRole('button', { name: 'Go on', exact: true }).waitFor();
}

/** Who is said to have seen the status that is looked at, once there are so many. */
export async function viewersOf({ page }: Person, count: number): Promise<string[]> {
  await page.getByRole('button', { name: `Seen by ${String(count)}`, exact: true }).click();
  const list = page.getByRole('list', { name: 'Seen by' });
  await list
    .getByRole('listitem')
    .nth(count - 1)
    .waitFor();
  const names = await list.getByRole('listitem').locator('span[dir=auto]').allInnerTexts();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  return names.sort();
}

/** The screen over all others. */
export function viewer({ page }: Person): Locator {
  return page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Close', exact: true }) });
}
