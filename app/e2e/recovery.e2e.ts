/** "Losing my only device does not lose me": recovery phrase, backup file, and an evicted database. */
import { expect, it } from 'vitest';
import { deviceNames, enterPhrase, makeBackup, makePhrase, withoutFilePicker } from './world/devices.ts';
import { tabTo } from './world/keyboard.ts';
import { declineInstall, look } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();

/** Ann with a friend, who can download. */
async function annAndBob(suffix = ''): Promise<[Person, Person]> {
  const ann = await world().arrive(`Ann${suffix}`);
  await withoutFilePicker(ann);
  await ann.onboard();
  const [bob] = await world().residents(`Bob${suffix}`);
  await befriend(ann, bob);
  return [ann, bob];
}

it('the phrase brings the account back on a new device, the backup file its messages, and Bob sees that it was restored', async () => {
  const [ann, bob] = await annAndBob();
  await ann.send('Worth keeping');
  await bob.send('This too');
  await ann.sees('This too');
  await ann.page.getByRole('complementary', { name: 'If this device is lost, so are your messages' }).waitFor();
  const words = await makePhrase(ann);
  expect(words).toHaveLength(12);
  const backup = await makeBackup(ann);
  await ann.page.getByText('Protected against the loss of this device').waitFor();
  await ann.browser.close();

  const again = await world().arrive('Ann again');
  await enterPhrase(again, words);
  await again.page.getByRole('heading', { name: 'Your account is back' }).waitFor();
  await again.page.locator('input[type=file]').setInputFiles(backup);
  await again.page.getByText(/messages? (is|are) back\.$/).waitFor();
  await again.page.getByRole('button', { name: 'Go on' }).click();
  await again.openChat('Bob');
  await again.sees('Worth keeping');
  await again.sees('This too');
  await bob.messages.getByText('Ann added a device with their recovery phrase.').waitFor();
  await bob.send('Welcome back');
  await again.sees('Welcome back');
  await again.send('Good to be back');
  await bob.sees('Good to be back');
  expect(await deviceNames(again)).toHaveLength(2);
  await again.page.getByText('Restored').waitFor();
});

it('without a backup the messages come back from Bob, when he says that it is Ann; new ones arrive before', async () => {
  const [ann, bob] = await annAndBob(' C');
  await ann.send('Worth keeping');
  await bob.send('This too');
  await ann.sees('This too');
  const words = await makePhrase(ann);
  await ann.browser.close();

  const link = await bob.inviteLink();
  const again = await world().arrive('Ann again');
  await declineInstall(again.context);
  await enterPhrase(again, words);
  await again.page.getByRole('heading', { name: 'Your account is back' }).waitFor();
  await again.page.getByRole('button', { name: 'Skip for now' }).click();
  await again.chatList.waitFor();
  await again.addByLink(link);
  await again.page.getByText('Earlier messages come back when Bob C confirms that it is you.').waitFor();
  await again.send('It is me');
  await bob.goto('/');
  await bob.openChat('Ann C');
  await bob.sees('It is me');
  await bob.send('Are you sure?');
  await again.sees('Are you sure?');
  const bar = bob.page.getByRole('region', { name: 'Earlier messages' });
  await bar.getByText('New messages arrive there.').waitFor();
  await look(bob.page, 'earlier-withheld');
  await look(again.page, 'earlier-awaited');
  expect(await again.order(/Worth keeping|This too|It is me|Are you sure\?/)).toEqual(['It is me', 'Are you sure?']);

  const share = bar.getByRole('button', { name: 'Share earlier messages' });
  await tabTo(bob.page, share);
  await bob.page.keyboard.press('Enter');
  await bob.page.getByText('Earlier messages are shared').waitFor();
  await bar.waitFor({ state: 'detached' });
  await again.sees('Worth keeping');
  await again.sees('This too');
  await again.page.getByText('Earlier messages come back').waitFor({ state: 'detached' });
  expect(await again.order(/Worth keeping|This too|It is me|Are you sure\?/)).toEqual([
    'Worth keeping',
    'This too',
    'It is me',
    'Are you sure?',
  ]);
});

it('a word that is no word is pointed at, and a phrase that was replaced opens nothing', async () => {
  const [ann] = await annAndBob(' P');
  const old = await makePhrase(ann);
  await ann.goto('/settings/recovery/phrase');
  await ann.page.getByText('You have a phrase already.').waitFor();
  await ann.page.getByRole('button', { name: 'Replace it and show my words' }).click();
  await ann.page.getByRole('list', { name: 'Your recovery phrase, 12 words' }).waitFor();

  const fresh = await world().arrive('Fresh');
  await enterPhrase(fresh, old.with(3, 'xylofone'));
  await fresh.page.getByRole('alert').getByText('Word 4, “xylofone”').waitFor();
  const box = fresh.page.getByRole('textbox', { name: 'Word 4', exact: true });
  expect(await box.getAttribute('aria-invalid')).toBe('true');
  await box.fill(old[3] ?? '');
  await fresh.page.getByRole('button', { name: 'Restore my account' }).click();
  await fresh.page.getByRole('alert').getByText('No account at this relay belongs to this phrase.').waitFor();
});

it('a backup of somebody else, and a file that is none, are refused in words', async () => {
  const [ann, bob] = await annAndBob(' B');
  await ann.send('Mine');
  const backup = await makeBackup(ann);
  await bob.goto('/settings/recovery');
  const input = bob.page.locator('input[type=file]');
  await input.setInputFiles(backup);
  await bob.page.getByRole('alert').getByText('This backup belongs to another account').waitFor();
  await input.setInputFiles({ name: 'x', mimeType: 'text/plain', buffer: Buffer.from('not a backup') });
  await bob.page.getByRole('alert').getByText('This file is not a SecureChat backup').waitFor();
});

it('a database that the browser threw away is told as such, and the phrase brings the account back', async () => {
  const [ann] = await annAndBob(' E');
  const words = await makePhrase(ann);
  await evict(ann);
  await ann.goto('/');
  await ann.page.getByRole('heading', { name: 'The browser deleted this device’s data' }).waitFor();
  await ann.page.getByRole('button', { name: 'Use my recovery phrase' }).click();
  await ann.page.getByRole('textbox', { name: 'Word 1', exact: true }).click();
  await ann.page.keyboard.type(words.join(' '));
  await ann.page.getByRole('button', { name: 'Restore my account' }).click();
  await ann.page.getByRole('heading', { name: 'Your account is back' }).waitFor();
  await ann.page.getByRole('button', { name: 'Skip for now' }).click();
  await ann.chatList.waitFor();
});

/** What a browser does that needs space: the databases go, web storage stays. */
async function evict({ page, origin }: Person): Promise<void> {
  await page.goto(`${origin}/robots.txt`);
  await page.evaluate(async () => {
    for (const { name } of await indexedDB.databases())
      await new Promise((resolve) => {
        const request = indexedDB.deleteDatabase(name ?? '');
        request.onsuccess = request.onerror = request.onblocked = resolve;
      });
  });
}
