/** What a group does beside talking: pins, bans and what undoes them, messages that disappear, and who owns it. */
import type { Locator } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { askToJoin, backToChat, chooseFor, found, line, makeLink, member, openInfo, paste } from './world/groups.ts';
import { declineInstall, look, violations } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;
let bob: Person;
let cleo: Person;
/** Lets people in at once. */
let link: string;

beforeAll(async () => {
  [ann, bob, cleo] = await world().residents('Ann', 'Bob', 'Cleo');
  await declineInstall(ann.context);
  await befriend(ann, bob);
  await befriend(ann, cleo);
  await found(ann, 'Climbing', ['Bob', 'Cleo']);
  for (const person of [bob, cleo]) await person.openChat('Climbing');
});

const pins = (person: Person): Locator => person.page.getByRole('region', { name: 'Pinned', exact: true });
/** The message that was just jumped to. */
const flashed = (person: Person, text: string): Locator =>
  person.message(text).filter({ has: person.page.locator('.flash') });

it('Ann pins two messages, and everybody finds them under the header', async () => {
  await ann.send('Saturday at ten, the usual wall');
  await ann.send('The rope is in the blue bag');
  for (let n = 1; n <= 30; n += 1) await ann.send(`Route number ${String(n)}`);
  await bob.sees('Route number 30');
  await ann.choose('The rope is in the blue bag', 'Pin for everyone');
  await ann.choose('Saturday at ten', 'Pin for everyone');
  await pins(bob).getByText('Pinned message 1 of 2').waitFor();
  await pins(bob).getByText('Ann: Saturday at ten').waitFor();
  await pins(bob).getByRole('button', { name: 'Next pinned message' }).click();
  await pins(bob).getByRole('button', { name: 'The rope is in the blue bag' }).click();
  await flashed(bob, 'The rope is in the blue bag').waitFor();
  expect(await pins(bob).getByRole('button', { name: 'Unpin for everyone' }).count()).toBe(0);
  await bob.page.getByRole('button', { name: 'Scroll to the newest message' }).click();
  await line(bob, 'Ann pinned a message').last().click();
  await bob.page
    .getByRole('dialog', { name: 'What happened' })
    .getByRole('button', { name: 'Go to the message' })
    .click();
  await flashed(bob, 'Saturday at ten').waitFor();
  await look(ann.page, 'group-pins');
});

it('a pinned message that is deleted says so, and can be unpinned', async () => {
  await ann.choose('Saturday at ten', 'Delete…');
  await ann.page.getByRole('button', { name: 'Delete for everyone' }).click();
  await pins(ann).getByText('This message was deleted').waitFor();
  await pins(bob).getByRole('button', { name: 'Previous pinned message' }).click();
  await pins(bob).getByText('This message was deleted').waitFor();
  await pins(ann).getByRole('button', { name: 'Unpin for everyone' }).click();
  await pins(bob).getByText('Pinned message', { exact: true }).waitFor();
  await pins(bob).getByText('Ann: The rope is in the blue bag').waitFor();
});

it('Ann bans Cleo, whom no link lets in again until the ban is lifted', async () => {
  const { page } = ann;
  await openInfo(ann, 'Climbing');
  link = await makeLink(ann);
  await chooseFor(ann, 'Cleo', 'Remove and ban…');
  await page.getByText('nor any link let them in').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove and ban' }).click();
  await member(ann, 'Cleo').waitFor({ state: 'detached' });
  await page.getByRole('list', { name: 'Banned', exact: true }).getByText('Cleo').waitFor();
  await line(cleo, 'Ann removed and banned you').waitFor();

  await paste(cleo, link);
  await askToJoin(cleo);
  await cleo.page.getByText('You were not let in').first().waitFor();
  expect(await member(ann, 'Cleo').count()).toBe(0);

  await page.getByRole('list', { name: 'Banned', exact: true }).scrollIntoViewIfNeeded();
  await look(page, 'group-banned');
  await page.getByRole('button', { name: 'Lift the ban of Cleo' }).click();
  await page.getByRole('button', { name: 'Add Cleo again' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add to “Climbing”' });
  await dialog.getByRole('button', { name: 'Take out Cleo' }).waitFor();
  await dialog.getByRole('radio', { name: 'None, only what is written from now on' }).check();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await member(ann, 'Cleo').waitFor();
  await cleo.openChat('Climbing');
  await cleo.box.waitFor();
});

it('messages disappear when the group says so, and say when', async () => {
  const { page } = ann;
  const row = page.getByRole('button', { name: 'Disappearing messages' });
  await row.click();
  await page.getByRole('radio', { name: 'After 1 hour' }).check();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await row.getByText('After 1 hour').waitFor();
  await backToChat(ann);
  await line(bob, 'Ann set new messages to disappear after 1 hour').waitFor();
  await bob.send('Gone in an hour');
  for (const person of [ann, bob]) {
    await person
      .message('Gone in an hour')
      .getByRole('img', { name: /^Disappears / })
      .waitFor();
    expect(
      await person
        .message('Route number 30')
        .getByRole('img', { name: /^Disappears / })
        .count(),
    ).toBe(0);
    await person.page.getByRole('img', { name: 'Messages disappear after 1 hour' }).waitFor();
  }
  await look(page, 'disappearing-chat');
  // In a chat of two the other side sees it as well.
  await openDirect(ann, 'Bob');
  await openContact(ann, 'Bob');
  await ann.page.getByRole('button', { name: 'Disappearing messages' }).click();
  await ann.page.getByRole('radio', { name: 'After 30 days' }).check();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await openDirect(bob, 'Ann');
  await bob.page.getByText('Ann set new messages to disappear after 30 days').waitFor();
});

it('the only owner says who takes her place before she leaves', async () => {
  const { page } = ann;
  await ann.openChat('Climbing');
  await openInfo(ann, 'Climbing');
  const leave = page.getByRole('button', { name: 'Leave group' });
  await leave.click();
  const dialog = page.getByRole('alertdialog');
  const last = dialog.getByRole('button', { name: 'Make owner and leave' });
  expect(await last.isDisabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('radio', { name: 'Bob' }).check();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await leave.click();
  expect(await last.isDisabled()).toBe(true);
  await dialog.getByRole('radio', { name: 'Bob' }).check();
  await last.click();
  await bob.openChat('Climbing');
  await line(bob, 'Ann made you an owner').waitFor();
  await line(bob, 'Ann left').waitFor();
});

it('who waits to be let in is counted where an owner looks', async () => {
  await openInfo(bob, 'Climbing');
  await paste(ann, await makeLink(bob, { asked: true }));
  await askToJoin(ann);
  const waits = '1 person waits to be let in';
  await bob.chat('Climbing').getByRole('img', { name: waits }).waitFor();
  await backToChat(bob);
  await look(bob.page, 'group-requests');
  await bob.page.getByRole('link', { name: waits, exact: true }).click();
  await bob.page.getByRole('button', { name: 'Let in Ann' }).click();
  await bob.chat('Climbing').getByRole('img', { name: waits }).waitFor({ state: 'detached' });
  await ann.conversation('Climbing').waitFor();
});

/** Not a group in whose line they are named. */
async function openDirect(person: Person, name: string): Promise<void> {
  await person.page.getByRole('link', { name: new RegExp(`^${name} `) }).click();
  await person.conversation(name).waitFor();
}

async function openContact(person: Person, name: string): Promise<void> {
  await person.page.getByRole('link', { name: `Open info about ${name}` }).click();
  await person.page.getByRole('heading', { name: 'Contact info' }).waitFor();
}
