/** What one person does at several devices: each is a profile of its own, at which the same person sits. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Person } from './person.ts';

/** On a new device: from nothing to the code that another device reads. Answers the code as it is typed. */
export async function showCode(device: Person, name: string): Promise<string> {
  const { page } = device;
  await device.goto('/');
  await page.getByText('I already use SecureChat').click();
  await page.getByRole('button', { name: 'Link with another device' }).click();
  await page.getByLabel('Name of this device').fill(name);
  await page.getByRole('button', { name: 'Show the code' }).click();
  const code = page.getByRole('list', { name: 'Link code' });
  await code.waitFor();
  return (await code.getByRole('listitem').allInnerTexts()).join('-');
}

/** On a device with the account: types the code, up to the comparison. */
export async function typeCode(device: Person, code: string): Promise<void> {
  await device.goto('/settings/devices/link');
  await device.page.getByLabel('Or type the code').fill(code);
  await device.page.getByRole('button', { name: 'Next' }).click();
  await device.page.getByRole('heading', { name: 'Do both devices show this number?' }).waitFor();
}

/** The six digits on the screen. */
export async function comparison(page: Page): Promise<string> {
  return (await page.getByRole('status', { name: 'Number to compare' }).textContent()) ?? '';
}

/** The whole ceremony; both devices show the chat list afterwards. */
export async function link(existing: Person, fresh: Person, name: string): Promise<void> {
  await typeCode(existing, await showCode(fresh, name));
  await existing.page.getByRole('button', { name: 'They match' }).click();
  await existing.page.getByRole('heading', { name: `“${name}” is linked` }).waitFor();
  await fresh.chatList.waitFor();
  await existing.goto('/');
}

/** The list of own devices, as it is read. */
export async function deviceNames(device: Person): Promise<string[]> {
  await device.goto('/settings/devices');
  const rows = device.page.getByRole('list', { name: 'Your devices' }).getByRole('listitem');
  await rows.first().waitFor();
  return rows.locator('strong').allInnerTexts();
}

/** Makes a recovery phrase, looks at it, and passes the check. Answers the twelve words. */
export async function makePhrase(device: Person): Promise<string[]> {
  const { page } = device;
  await device.goto('/settings/recovery/phrase');
  await page.getByRole('button', { name: 'Show my words' }).click();
  const list = page.getByRole('list', { name: 'Your recovery phrase, 12 words' });
  await list.waitFor();
  const words = (await list.getByRole('listitem').allInnerTexts()).map((item) => item.replace(/[^a-z]/g, ''));
  await page.getByRole('button', { name: 'I wrote them down' }).click();
  for (const label of await page.locator('form label').allInnerTexts())
    await page.getByLabel(label, { exact: true }).fill(words[Number(label.replace(/\D/g, '')) - 1] ?? '');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('heading', { name: 'Your phrase works' }).waitFor();
  return words;
}

/** The browser asks for no place: the file comes as a download. To be called before the app is opened. */
export async function withoutFilePicker({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    delete (globalThis as { showSaveFilePicker?: unknown }).showSaveFilePicker;
  });
}

/** A file as a person keeps it. */
export interface KeptFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Makes a backup file. */
export async function makeBackup(device: Person): Promise<KeptFile> {
  await device.goto('/settings/recovery');
  const download = device.page.waitForEvent('download');
  await device.page.getByRole('button', { name: 'Back up', exact: true }).click();
  const file = await download;
  return {
    name: file.suggestedFilename(),
    mimeType: 'application/octet-stream',
    buffer: await readFile(await file.path()),
  };
}

/** On a new device: enters the phrase and waits until the account is there. */
export async function enterPhrase(device: Person, words: readonly string[]): Promise<void> {
  const { page } = device;
  await device.goto('/');
  await page.getByText('I already use SecureChat').click();
  await page.getByRole('button', { name: 'Use my recovery phrase' }).click();
  await page.getByRole('textbox', { name: 'Word 1', exact: true }).click();
  await page.keyboard.type(words.join(' '));
  await page.getByRole('button', { name: 'Restore my account' }).click();
}
