/**
 * "A newly linked device has everything": three chats with 3,000 messages come over, newest first, after the code was read
 * from a picture of the other screen; then both are one.
 */
import { beforeAll, expect, it } from 'vitest';
import { comparison, showCode } from './world/devices.ts';
import { headsOf } from './world/heads.ts';
import { ask, endsWith, look, lookUntil } from './world/inside.ts';
import { LOREM, type MadeAccount, RARE_WORD, makeAccount } from '../../sync/test/real/made-account.ts';
import { copiesOf, settle } from './world/made-device.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
const IN_EACH = 1000;

let account: MadeAccount;
let laptop: Person;
let phone: Person;
let bob: Person;

beforeAll(async () => {
  account = await makeAccount(world().relay.url, IN_EACH);
  laptop = await world().arrive('Ann');
  bob = await world().arrive('Bob');
  await settle(laptop, account.ann);
  await settle(bob, account.bob);
}, 400_000);

it('links by a picture of the code, and has the newest page of each chat at once', async () => {
  phone = await world().arrive('Ann’s phone');
  await showCode(phone, 'Pocket phone');
  const picture = await phone.page.screenshot();
  await laptop.goto('/settings/devices/link');
  await laptop.page.getByRole('button', { name: 'Scan the code' }).click();
  const chooser = laptop.page.waitForEvent('filechooser');
  await laptop.page.getByRole('dialog').getByRole('button', { name: 'Choose a picture' }).click();
  await (await chooser).setFiles({ name: 'screen.png', mimeType: 'image/png', buffer: picture });

  await laptop.page.getByText('“Pocket phone”').first().waitFor();
  await laptop.page.getByText(`3 chats and ${(3 * IN_EACH).toLocaleString('en')} messages will come over.`).waitFor();
  const digits = await comparison(laptop.page);
  expect(digits).toMatch(/^\d{6}$/);
  expect(await comparison(phone.page)).toBe(digits);

  // The newest 30 messages of each.
  const shown = Promise.all(account.chats.map(({ chatId, newest }) => endsWith(phone.page, chatId, newest, 30)));
  const start = Date.now();
  await laptop.page.getByRole('button', { name: 'They match' }).click();
  const times = await shown;
  await laptop.page.getByRole('heading', { name: '“Pocket phone” is linked' }).waitFor();
  for (const { title, newest } of account.chats) {
    await phone.openChat(title);
    await phone.sees(newest);
  }
  const seconds = times.map((time) => (time - start) / 1000);
  process.stdout.write(`newest pages after ${seconds.map((each) => each.toFixed(1)).join(', ')} s\n`);
  // 3 s on a machine that does nothing else.
  for (const each of seconds) expect(each).toBeLessThan(30);
}, 180_000);

it('every message is there afterwards: counted, and found by its words', async () => {
  const start = Date.now();
  await lookUntil(phone.page, 'history', null, (history) => history === null);
  process.stdout.write(`all of the history ${String(Date.now() - start)} ms later\n`);
  expect(await ask(phone.page, 'storageUse', null)).toMatchObject({ chats: 3, messages: 3 * IN_EACH });
  const searchbox = phone.page.getByRole('searchbox', { name: 'Search messages and people' });
  await searchbox.fill(RARE_WORD);
  const hits = phone.page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
  await hits.nth(2).waitFor();
  const chats = await hits.locator('strong').allInnerTexts();
  expect(chats.sort()).toEqual(account.chats.map(({ title }) => title).sort());
  await hits.filter({ hasText: 'Bob' }).getByRole('button').click();
  await phone.sees(`Bob 1: ${LOREM} ${RARE_WORD}`);
  await searchbox.fill('');
  expect((await look(phone.page, 'chats', null))?.map(({ unread }) => unread)).toEqual([0, 0, 0]);
}, 180_000);

it('the documents have the same heads on both', async () => {
  const [here, there] = await copiesOf(laptop, phone);
  const heads = await headsOf(here);
  expect(Object.keys(heads)).toHaveLength(3 + 5);
  expect(await headsOf(there)).toEqual(heads);
}, 180_000);

it('what is written, read, drafted and named on one is so on the other', async () => {
  for (const device of [laptop, phone, bob]) await device.goto('/');
  await phone.openChat('Bob');
  await bob.openChat('Ann');
  await phone.send('From the phone');
  await bob.sees('From the phone');
  await laptop.chat('Bob').getByText('From the phone').waitFor();
  await phone.goto('/');
  await bob.send('Unread on both');
  for (const device of [laptop, phone])
    await device.chat('Bob').getByRole('img', { name: '1 unread', exact: true }).waitFor();
  await laptop.openChat('Bob');
  await laptop.sees('From the phone');
  await phone.chat('Bob').getByRole('img', { name: '1 unread', exact: true }).waitFor({ state: 'detached' });
  await laptop.box.fill('Half of a sentence');
  await laptop.box.blur();
  await phone.chat('Bob').getByText('Half of a sentence').waitFor();
  await laptop.send('From the laptop');
  await phone.openChat('Bob');
  await phone.sees('From the laptop');
  await bob.sees('From the laptop');

  await phone.goto('/settings/profile');
  await phone.page.getByLabel('Your name').fill('Ann Other');
  await phone.page.getByRole('button', { name: 'Save' }).click();
  await bob.conversation('Ann Other').waitFor();
  await expect.poll(async () => (await look(laptop.page, 'profile', null))?.name).toBe('Ann Other');
}, 180_000);

it('unlinked, the phone says so and can write nothing; the contact is told, and what it kept is all there', async () => {
  await laptop.goto('/settings/devices');
  await laptop.page.getByRole('button', { name: 'Actions for Pocket phone' }).click();
  await laptop.page.getByRole('menuitem', { name: 'Unlink…' }).click();
  await laptop.page.getByRole('alertdialog').getByRole('button', { name: 'Unlink', exact: true }).click();
  await phone.page.getByText('This device was unlinked from your account.').waitFor();
  await bob.messages.getByText('Ann Other unlinked a device').waitFor();
  await phone.goto('/');
  await phone.openChat('Bob');
  await phone.page.getByText('This device was unlinked, so nothing can be written here.').waitFor();
  expect(await phone.box.count()).toBe(0);
  await bob.send('Not for the phone');
  await laptop.chat('Not for the phone').waitFor();
  expect(await phone.messages.getByText('Not for the phone').count()).toBe(0);
  expect(await ask(phone.page, 'storageUse', null)).toMatchObject({ messages: 3 * IN_EACH + 3 });
}, 180_000);
