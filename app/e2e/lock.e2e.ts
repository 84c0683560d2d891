/** "My passphrase keeps others out of this device": set, asked for, changed, removed. */
import { expect, it } from 'vitest';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
const [FIRST, SECOND] = ['correct horse battery', 'staple of another kind'];

async function unlock({ page }: Person, passphrase: string): Promise<void> {
  await page.getByRole('heading', { name: 'SecureChat is locked' }).waitFor();
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

async function isRefused({ page }: Person): Promise<void> {
  await page.getByRole('alert').getByText('That passphrase is not right.').waitFor();
}

async function lockDialog(
  { page }: Person,
  button: 'Set passphrase' | 'Change' | 'Remove',
  values: string[],
): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  for (const [i, value] of values.entries()) await dialog.getByRole('textbox').nth(i).fill(value);
}

it('a passphrase set at the start is asked for after a reload and in a new browser; a wrong one is told so', async () => {
  const ann = await world().arrive('Ann');
  await ann.onboard({ passphrase: FIRST });
  await ann.openChat('Note to self');
  await ann.send('behind the lock');
  await ann.sees('behind the lock');

  await ann.page.reload();
  await ann.page.getByRole('heading', { name: 'SecureChat is locked' }).waitFor();
  expect(await ann.page.getByText('behind the lock').count()).toBe(0);
  await unlock(ann, `${FIRST}?`);
  await isRefused(ann);
  await unlock(ann, FIRST);
  await ann.sees('behind the lock');

  await ann.restartBrowser('/');
  await unlock(ann, FIRST);
  await ann.chatList.waitFor();
});

it('a passphrase can be set later, changed and removed, each knowing the last one', async () => {
  const [ann] = await world().residents('Bob');
  await ann.goto('/settings');
  await lockDialog(ann, 'Set passphrase', [FIRST, `${FIRST}!`]);
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await ann.page.getByRole('alert').getByText('The two do not match.').waitFor();
  await ann.page.getByRole('dialog').getByLabel('Repeat new passphrase').fill(FIRST);
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await ann.page.getByText('Passphrase set').waitFor();

  await lockDialog(ann, 'Change', ['not the one', SECOND, SECOND]);
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await isRefused(ann);
  await ann.page.getByRole('dialog').getByLabel('Current passphrase').fill(FIRST);
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await ann.page.getByRole('dialog').waitFor({ state: 'detached' });

  await ann.page.reload();
  await unlock(ann, FIRST);
  await isRefused(ann);
  await unlock(ann, SECOND);

  await lockDialog(ann, 'Remove', [SECOND]);
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await ann.page.getByText('Passphrase removed').waitFor();
  await ann.page.reload();
  await ann.page.getByRole('button', { name: 'Set passphrase' }).waitFor();
});
