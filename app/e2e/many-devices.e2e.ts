/** "My devices are one": linking by code, what is done on one is done on all, and unlinking. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { comparison, deviceNames, link, showCode, typeCode } from './world/devices.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

let ann: Person;
let bob: Person;
/** Ann's second device. */
let phone: Person;

beforeAll(async () => {
  [ann, bob] = await world().friends('Ann', 'Bob');
  await ann.send('Written before the phone was there');
  await bob.sees('Written before the phone was there');
});

it('a code on the new device, six digits on both, and the account with its history comes over', async () => {
  phone = await world().arrive('Ann’s phone');
  const code = await showCode(phone, 'Pocket phone');
  expect(code).toMatch(/^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$/);
  await typeCode(ann, code.toLowerCase().replaceAll('-', ' '));
  await ann.page.getByText('Compare it with the number on “Pocket phone”.').waitFor();
  const digits = await comparison(ann.page);
  expect(digits).toMatch(/^\d{6}$/);
  expect(await comparison(phone.page)).toBe(digits);

  await ann.page.getByRole('button', { name: 'They match' }).click();
  await ann.page.getByRole('heading', { name: '“Pocket phone” is linked' }).waitFor();
  await phone.page.getByText('This device is linked to the account of Ann.').waitFor();
  await phone.openChat('Bob');
  await phone.sees('Written before the phone was there');
  await bob.messages.getByText('Ann linked a new device').waitFor();
});

it('what is written on one device is on all of them, once, and comes from the same person', async () => {
  await ann.goto('/');
  await ann.openChat('Bob');
  await phone.send('From the phone');
  await ann.sees('From the phone');
  await bob.sees('From the phone');
  await bob.send('To both of you');
  await ann.sees('To both of you');
  await phone.sees('To both of you');
  for (const device of [ann, phone, bob])
    expect(await device.order(/From the phone|To both of you/)).toEqual(['From the phone', 'To both of you']);
});

it('read on one, a folder and a draft of one, are read, filed and drafted on the other', async () => {
  await ann.goto('/');
  await phone.goto('/settings');
  await bob.send('Unread on both');
  await ann.chat('Bob').getByRole('img', { name: '1 unread' }).waitFor();
  await phone.chat('Bob').getByRole('img', { name: '1 unread' }).waitFor();
  await ann.openChat('Bob');
  await phone.chat('Bob').getByRole('img', { name: '1 unread' }).waitFor({ state: 'detached' });

  await ann.box.fill('Half of a sentence');
  await ann.box.blur();
  await phone.chat('Bob').getByText('Half of a sentence').waitFor();

  await ann.page.getByRole('button', { name: 'Chat menu' }).click();
  await ann.page.getByRole('menuitem', { name: 'Folder…' }).click();
  await ann.page.getByLabel('Name of the new folder').fill('Family');
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await phone.page.getByRole('radio', { name: 'Family' }).check({ force: true });
  await phone.chat('Bob').waitFor();
  expect(await phone.chat('Note to self').count()).toBe(0);
});

it('numbers that differ are declined: the new device is told, and gets nothing', async () => {
  const stranger = await world().arrive('Stranger');
  await typeCode(ann, await showCode(stranger, 'Strange device'));
  await ann.page.getByRole('button', { name: 'They differ' }).click();
  await ann.page.getByRole('heading', { name: 'Not linked' }).waitFor();
  await stranger.page.getByRole('heading', { name: 'Your other device declined' }).waitFor();
  expect(await deviceNames(ann)).toHaveLength(2);

  // A code that is no code, and one that nobody shows.
  for (const [code, words] of [
    ['hello', 'This is not a link code.'],
    ['ABCD-EFGH-JKMN-PQRS-TVWX', 'No device is waiting with this code.'],
  ] as const) {
    await ann.goto('/settings/devices/link');
    await ann.page.getByLabel('Or type the code').fill(code);
    await ann.page.keyboard.press('Enter');
    await ann.page.getByRole('alert').getByText(words).waitFor();
  }
});

it('a code is scanned from the screen of the new device', async () => {
  const tablet = await world().arrive('Ann’s tablet');
  await showCode(tablet, 'Tablet');
  const picture = await tablet.page.getByRole('img', { name: 'QR code that links this device' }).screenshot();
  await ann.goto('/settings/devices/link');
  await ann.page.getByRole('button', { name: 'Scan the code' }).click();
  const chooser = ann.page.waitForEvent('filechooser');
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Choose a picture' }).click();
  await (await chooser).setFiles({ name: 'code.png', mimeType: 'image/png', buffer: picture });
  await ann.page.getByRole('button', { name: 'They match' }).click();
  await tablet.chat('Bob').waitFor();
  expect([...(await deviceNames(ann))].sort()).toContain('Tablet');
});

it('a device is renamed on one and called so on the other', async () => {
  await ann.goto('/settings/devices');
  await ann.page.getByRole('button', { name: 'Actions for Tablet' }).click();
  await ann.page.getByRole('menuitem', { name: 'Rename' }).click();
  await ann.page.getByLabel('Name of the device').fill('Kitchen tablet');
  await ann.page.keyboard.press('Enter');
  await ann.page.getByText('Renamed').waitFor();
  await phone.goto('/settings/devices');
  await phone.page.getByText('Kitchen tablet').waitFor();
});

it('an unlinked device keeps what it has, can export it, writes nothing, and starts over when it is erased', async () => {
  await ann.goto('/settings/devices');
  await ann.page.getByRole('button', { name: 'Actions for Pocket phone' }).click();
  await ann.page.getByRole('menuitem', { name: 'Unlink…' }).click();
  await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Unlink', exact: true }).click();
  await ann.page.getByText('“Pocket phone” is unlinked').waitFor();
  await phone.page.getByText('This device was unlinked from your account.').waitFor();
  await bob.messages.getByText('Ann unlinked a device').waitFor();

  await bob.send('Not for the phone');
  await ann.openChat('Bob');
  await ann.sees('Not for the phone');
  await phone.goto('/');
  await phone.openChat('Bob');
  await phone.sees('From the phone');
  await phone.page.getByText('This device was unlinked, so nothing can be written here.').waitFor();
  expect(await phone.box.count()).toBe(0);
  expect(await phone.messages.getByText('Not for the phone').count()).toBe(0);

  const download = phone.page.waitForEvent('download');
  await phone.page.getByRole('button', { name: 'Export' }).click();
  expect(await readFile(await (await download).path(), 'utf8')).toContain('From the phone');

  await phone.page.getByRole('button', { name: 'Erase and start over' }).click();
  await phone.page.getByLabel('Type ERASE to confirm').fill('ERASE');
  await phone.page.getByRole('button', { name: 'Erase everything' }).click();
  await phone.page.getByRole('heading', { name: 'Welcome to SecureChat' }).waitFor();
  await link(ann, phone, 'Phone again');
  await phone.openChat('Bob');
  await phone.sees('Not for the phone');
});
