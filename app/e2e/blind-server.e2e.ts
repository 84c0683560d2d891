/** "The server is blind", and so is who finds the disk of a device: unique strings in every field, then a search for them. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { plant, readFiles, readStorage } from './world/database.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

const CANARIES = {
  annsName: 'Canary-Ann-7f3a',
  bobsName: 'Canary-Bob-91cd',
  newName: 'Canary-Renamed-c0de',
  nickname: 'Canary-Nickname-55ee',
  message: 'canary message 0b1c',
  deleted: 'canary deleted e00d',
  waiting: 'canary waiting 77aa',
  edited: 'canary edited 8d2e',
  question: 'canary question 7b3e',
  choice: 'canary choice 90cd',
  draft: 'canary draft 6a7b',
  note: 'canary note 1f2e',
  search: 'canary search 4e5f',
  folder: 'Canary-Folder-2b3c',
  device: 'Canary-Device-6d7e',
  reaction: '🏖️',
  passphrase: 'canary passphrase 3c4d',
} as const;
const PLANTED = 'canary planted 5a5a';
/** Where Chromium keeps what a site stores. */
const SITE_DATA = ['IndexedDB', 'Local Storage', 'Session Storage', 'File System', 'WebStorage', 'shared_proto_db'];

it('nothing that two people write is on the relay’s disk, in its logs or metrics, or readable in a browser profile', async () => {
  const ann = await world().arrive(CANARIES.annsName);
  const bob = await world().arrive(CANARIES.bobsName);
  await ann.onboard();
  await bob.onboard();
  await talk(ann, bob);
  await lock(ann);

  // Bob leaves. What Ann writes now waits on the relay's disk.
  const bobsPage = await readStorage(await storagePage(bob));
  await bob.browser.close();
  await ann.openChat(CANARIES.nickname);
  await ann.send(CANARIES.waiting);
  await ann.seesTick(CANARIES.waiting, 'Sent');
  const metrics = await world().relay.metrics();
  const annsPage = await readStorage(await storagePage(ann));
  await ann.browser.close();

  const places = {
    'the relay’s disk': await readFiles(world().relay.folder),
    'the relay’s log': Buffer.from(world().relay.output),
    'the relay’s metrics': Buffer.from(metrics),
    'Ann’s storage': annsPage,
    'Bob’s storage': bobsPage,
    'Ann’s disk': await readFiles(...siteData(ann)),
    'Bob’s disk': await readFiles(...siteData(bob)),
  };
  for (const [place, bytes] of Object.entries(places)) {
    expect(bytes.length, place).toBeGreaterThan(50);
    for (const [field, canary] of Object.entries(CANARIES))
      for (const form of formsOf(canary)) expect(bytes.includes(form), `${field} in ${place}`).toBe(false);
  }
  // The search would have found them: this one was left there on purpose.
  for (const place of ['Ann’s storage', 'Bob’s storage', 'Ann’s disk', 'Bob’s disk'] as const)
    expect(places[place].includes(PLANTED), place).toBe(true);
});

/** Every field that there is gets its canary. */
async function talk(ann: Person, bob: Person): Promise<void> {
  const annsLink = await ann.inviteLink();
  await ann.addByLink(await bob.inviteLink());
  await bob.addByLink(annsLink);
  await ann.send(CANARIES.message);
  await bob.sees(CANARIES.message);
  await bob.choose(CANARIES.message, 'React');
  await bob.page.getByRole('dialog').getByRole('button', { name: CANARIES.reaction }).click();
  await ann
    .message(CANARIES.message)
    .getByRole('button', { name: `React with ${CANARIES.reaction}` })
    .waitFor();
  await ann.choose(CANARIES.message, 'Edit');
  await ann.box.fill(CANARIES.edited);
  await ann.box.press('Enter');
  await bob.sees(CANARIES.edited);
  await bob.send(CANARIES.deleted);
  await ann.sees(CANARIES.deleted);
  await bob.choose(CANARIES.deleted, 'Delete…');
  await bob.page.getByRole('button', { name: 'Delete for everyone' }).click();
  await ann.sees('This message was deleted');

  await ann.page.getByRole('button', { name: 'Attach' }).click();
  await ann.page.getByRole('menuitem', { name: 'Poll' }).click();
  await ann.page.getByLabel('Question').fill(CANARIES.question);
  await ann.page.getByLabel('Choice 1').fill(CANARIES.choice);
  await ann.page.getByLabel('Choice 2').fill('another');
  await ann.page.getByRole('button', { name: 'Create poll' }).click();
  await bob.messages.getByRole('radio', { name: CANARIES.choice }).click();
  await ann.messages.getByRole('radio', { name: `${CANARIES.choice}, 1 vote` }).waitFor();

  await bob.box.fill(CANARIES.draft);
  await bob.openChat('Note to self');
  await bob.chat(CANARIES.annsName).getByText('Draft:').waitFor();
  await bob.send(CANARIES.note);
  await bob.sees(CANARIES.note);
  await bob.page.getByRole('searchbox').first().fill(CANARIES.search);
  await bob.page.getByText(`Nothing found for “${CANARIES.search}”`).waitFor();
  await bob.goto('/settings/profile');
  await bob.page.getByLabel('Your name').fill(CANARIES.newName);
  await bob.page.getByRole('button', { name: 'Save' }).click();
  await ann.conversation(CANARIES.newName).waitFor();

  await ann.goto(`${new URL(ann.page.url()).pathname}/info`);
  await ann.page.getByLabel('Nickname').fill(CANARIES.nickname);
  await ann.page.getByRole('button', { name: 'Save' }).click();
  await ann.chat(CANARIES.nickname).waitFor();

  await ann.openChat(CANARIES.nickname);
  await ann.page.getByRole('button', { name: 'Chat menu' }).click();
  await ann.page.getByRole('menuitem', { name: 'Folder…' }).click();
  await ann.page.getByLabel('Name of the new folder').fill(CANARIES.folder);
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await ann.page.getByRole('radio', { name: CANARIES.folder }).waitFor({ state: 'attached' });
  await ann.goto('/settings/devices');
  await ann.page.getByRole('button', { name: /^Actions for / }).click();
  await ann.page.getByRole('menuitem', { name: 'Rename' }).click();
  await ann.page.getByLabel('Name of the device').fill(CANARIES.device);
  await ann.page.getByRole('button', { name: 'Save' }).click();
  await ann.page.getByText('Renamed').waitFor();
}

async function lock({ page }: Person): Promise<void> {
  await page.getByRole('link', { name: /^Settings and profile/ }).click();
  await page.getByRole('button', { name: 'Set passphrase' }).click();
  await page.getByLabel('New passphrase', { exact: true }).fill(CANARIES.passphrase);
  await page.getByLabel('Repeat new passphrase').fill(CANARIES.passphrase);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Passphrase set').waitFor();
}

/** The page to read from, with something planted. */
async function storagePage(person: Person): Promise<Person['page']> {
  await plant(person.page, PLANTED);
  return person.page;
}

function siteData({ browser }: Person): string[] {
  return SITE_DATA.map((name) => path.join(browser.folder, 'Default', name));
}

/** The ways in which a string may lie about: UTF-8, UTF-16, hex, and base64 of it at each of the three alignments. */
function formsOf(text: string): readonly Buffer[] {
  const utf8 = Buffer.from(text);
  const aligned = [0, 1, 2].map((shift) => {
    const base64 = Buffer.concat([Buffer.alloc(shift), utf8]).toString('base64');
    return base64.slice(shift === 0 ? 0 : 4).replace(/.{0,4}=*$/, '');
  });
  const url = aligned.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  const base64 = [...aligned, ...url].filter((form) => form.length >= 8).map((form) => Buffer.from(form));
  return [utf8, Buffer.from(text, 'utf16le'), Buffer.from(utf8.toString('hex')), ...base64];
}
