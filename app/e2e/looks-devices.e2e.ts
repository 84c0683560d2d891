/** The screens of several devices and of recovery look right and read right, in every look, and need no mouse. */
import { beforeAll, expect, it } from 'vitest';
import { enterPhrase, link, makePhrase, showCode, typeCode } from './world/devices.ts';
import { gainsFocus, tabTo } from './world/keyboard.ts';
import { SIZES, declineInstall, look } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann');
  await declineInstall(ann.context);
  await ann.onboard();
  await ann.openChat('Note to self');
  await ann.send('Something to lose');
  await ann.sees('Something to lose');
});

it('coming back: the ways, the code, the comparison on both sides, and a code that ran out', async () => {
  const fresh = await world().arrive('Fresh');
  await fresh.goto('/');
  await fresh.page.getByText('I already use SecureChat').click();
  await fresh.page.getByRole('button', { name: 'Use my recovery phrase' }).waitFor();
  await look(fresh.page, 'come-back');
  const code = await showCode(fresh, 'Pocket phone');
  await look(fresh.page, 'link-code');
  await typeCode(ann, code);
  await look(ann.page, 'link-compare');
  await look(fresh.page, 'link-compare-new');
  await ann.page.getByRole('button', { name: 'They differ' }).click();
  await fresh.page.getByRole('heading', { name: 'Your other device declined' }).waitFor();
  await look(fresh.page, 'link-declined');
});

it('recovery: the reminder, the status, the words and the check', async () => {
  await ann.goto('/');
  await ann.page.getByRole('complementary', { name: 'If this device is lost, so are your messages' }).waitFor();
  await look(ann.page, 'reminder');
  await ann.goto('/settings/recovery');
  await ann.page.getByRole('heading', { name: 'How safe your account is' }).waitFor();
  await look(ann.page, 'recovery');
  await ann.goto('/settings/recovery/phrase');
  await ann.page.getByRole('button', { name: 'Show my words' }).click();
  await ann.page.getByRole('list', { name: 'Your recovery phrase, 12 words' }).waitFor();
  await look(ann.page, 'recovery-words');
  await ann.page.getByRole('button', { name: 'I wrote them down' }).click();
  await ann.page.getByRole('heading', { name: 'Check what you wrote' }).waitFor();
  await look(ann.page, 'recovery-check');
});

it('the phrase on a new device, with a word that is none', async () => {
  const words = await makePhraseAnew();
  const fresh = await world().arrive('Fresh P');
  await enterPhrase(fresh, words.with(4, 'sausagge'));
  await fresh.page.getByRole('alert').waitFor();
  await look(fresh.page, 'phrase');
});

async function makePhraseAnew(): Promise<string[]> {
  const other = await world().arrive('Other');
  await other.onboard();
  return makePhrase(other);
}

it('devices, folders, and a device that was unlinked', async () => {
  const phone = await world().arrive('Phone');
  await declineInstall(phone.context);
  await link(ann, phone, 'Pocket phone');
  await ann.page.getByRole('navigation', { name: 'Chats' }).getByRole('link').first().focus();
  await ann.page.keyboard.press('f');
  await ann.page.getByLabel('Name of the new folder').fill('Lists');
  await look(ann.page, 'folder-dialog');
  await ann.page.keyboard.press('Enter');
  await ann.page.getByRole('radio', { name: 'Lists' }).waitFor({ state: 'attached' });
  await look(ann.page, 'folders');

  await ann.goto('/settings/devices');
  await ann.page.getByText('Pocket phone').waitFor();
  await look(ann.page, 'devices');
  await ann.page.getByRole('button', { name: 'Actions for Pocket phone' }).click();
  await ann.page.getByRole('menuitem', { name: 'Unlink…' }).click();
  await ann.page.getByRole('alertdialog').waitFor();
  await look(ann.page, 'unlink');
  await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Unlink', exact: true }).click();
  await phone.page.getByText('This device was unlinked from your account.').waitFor();
  await phone.openChat('Note to self');
  await look(phone.page, 'unlinked');
});

it('a phone is linked, and a device renamed and unlinked, by keyboard alone', async () => {
  const fresh = await world().arrive('Keys', { viewport: SIZES.desktop });
  const { page } = fresh;
  const { keyboard } = page;
  await fresh.goto('/');
  await gainsFocus(page.getByLabel('Your name'));
  await tabTo(page, page.getByRole('radio', { name: 'I am new here' }), 'Shift+Tab');
  await keyboard.press('ArrowRight');
  await tabTo(page, page.getByRole('button', { name: 'Link with another device' }));
  await keyboard.press('Enter');
  await gainsFocus(page.getByRole('heading', { name: 'Link this device' }));
  await tabTo(page, page.getByRole('button', { name: 'Show the code' }));
  await keyboard.press('Enter');
  const groups = page.getByRole('list', { name: 'Link code' }).getByRole('listitem');
  await groups.first().waitFor();
  const code = (await groups.allInnerTexts()).join('');

  await ann.goto('/settings/devices');
  const keys = ann.page.keyboard;
  await tabTo(ann.page, ann.page.getByRole('button', { name: 'Link a device' }));
  await keys.press('Enter');
  await tabTo(ann.page, ann.page.getByLabel('Or type the code'));
  await keys.type(code);
  await keys.press('Enter');
  await gainsFocus(ann.page.getByRole('heading', { name: 'Do both devices show this number?' }));
  await gainsFocus(page.getByRole('heading', { name: 'Is this the number on your other device?' }));
  await tabTo(ann.page, ann.page.getByRole('button', { name: 'They match' }));
  await keys.press('Enter');
  await gainsFocus(ann.page.getByRole('heading', { name: /is linked$/ }));
  await tabTo(ann.page, ann.page.getByRole('button', { name: 'Done' }));
  await keys.press('Enter');

  const menu = ann.page.getByRole('button', { name: 'Actions for Chrome on Linux' }).last();
  await tabTo(ann.page, menu);
  await keys.press('Enter');
  await ann.page.getByRole('menuitem', { name: 'Rename' }).waitFor();
  await keys.press('Enter');
  await gainsFocus(ann.page.getByLabel('Name of the device'));
  await keys.type('By keys');
  await keys.press('Enter');
  await gainsFocus(ann.page.getByRole('button', { name: 'Actions for By keys' }));
  await keys.press('Enter');
  await ann.page.getByRole('menuitem', { name: 'Unlink…' }).waitFor();
  await keys.press('ArrowDown');
  await keys.press('Enter');
  await tabTo(ann.page, ann.page.getByRole('alertdialog').getByRole('button', { name: 'Unlink', exact: true }));
  await keys.press('Enter');
  await ann.page.getByText('“By keys” is unlinked').waitFor();
  expect(await ann.page.getByRole('list', { name: 'Your devices' }).getByRole('listitem').count()).toBe(1);
});
