/** "My data is mine": all of it can be taken along in a readable file, and all of it can be erased from a device. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readStorage } from './world/database.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

it('everything readable is exported into one file', async () => {
  const [ann, bob] = await world().friends('Ann', 'Bob');
  await ann.send('For the record');
  await bob.choose('For the record', 'React with 👍');
  await bob.send('Noted');
  await ann.sees('Noted');
  await ann.page.getByRole('link', { name: /^Settings and profile/ }).click();
  const download = ann.page.waitForEvent('download');
  await ann.page.getByRole('button', { name: 'Export', exact: true }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  expect(() => JSON.parse(file) as unknown).not.toThrow();
  for (const text of ['Ann', 'Bob', 'For the record', 'Noted', '👍']) expect(file).toContain(text);
});

it('a device is erased only when asked in words; then nothing of the account is left in the browser', async () => {
  const [carol] = await world().residents('Carol');
  await carol.openChat('Note to self');
  await carol.send('Soon gone');
  await carol.sees('Soon gone');
  const before = await readStorage(carol.page);
  await carol.page.getByRole('link', { name: /^Settings and profile/ }).click();
  await carol.page.getByRole('button', { name: 'Erase this device' }).click();
  const question = carol.page.getByRole('alertdialog');
  expect(await question.getByRole('button', { name: 'Erase everything' }).isDisabled()).toBe(true);
  await question.getByLabel('Type ERASE to confirm').fill('ERASE');
  await question.getByRole('button', { name: 'Erase everything' }).click();
  await carol.page.getByRole('heading', { name: 'Welcome to SecureChat' }).waitFor();
  const after = await readStorage(carol.page);
  expect(after.length).toBeLessThan(Math.min(1000, before.length / 10));

  await carol.onboard();
  await carol.openChat('Note to self');
  expect(await carol.messages.getByText('Soon gone').count()).toBe(0);
});
