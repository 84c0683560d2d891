/** The screens of groups look right and read right, in every look, and need no mouse. */
import { beforeAll, expect, it } from 'vitest';
import { askToJoin, backToChat, chooseFor, found, line, makeLink, member, openInfo } from './world/groups.ts';
import { gainsFocus, tabTo } from './world/keyboard.ts';
import { declineInstall, look, violations } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann');
  await declineInstall(ann.context);
  [bob, cleo] = await world().residents('Bob Okafor', 'Cleo');
  await ann.onboard();
});

it('a new group can be made by somebody who knows nobody; else contacts are chosen', async () => {
  await ann.goto('/new/group');
  await ann.page.getByText('You have no contacts yet.').waitFor();
  expect(await violations(ann.page)).toEqual([]);
  await befriend(ann, bob);
  await befriend(ann, cleo);
  await ann.page.getByRole('link', { name: 'New group' }).click();
  await ann.page.getByLabel('Group name').fill('Climbing on Sundays');
  await ann.page.getByRole('checkbox', { name: 'Bob Okafor' }).check();
  await look(ann.page, 'new-group');
});

it('its chat, what an act was, and how far a message has come', async () => {
  await found(ann, 'Climbing on Sundays', ['Bob Okafor', 'Cleo']);
  for (const person of [bob, cleo]) await person.openChat('Climbing on Sundays');
  await ann.send('Saturday at ten, the usual wall?');
  await bob.sees('Saturday at ten');
  await bob.send('Yes! I bring the rope and two harnesses, so nobody has to rent any.');
  await bob.send('🎉');
  await cleo.sees('I bring the rope');
  await cleo.send('I come an hour later');
  await ann.sees('I come an hour later');
  await ann.send('Then you bring the tea');
  await ann.seesTick('Then you bring the tea', 'Read');
  await look(ann.page, 'group-chat');

  await line(ann, 'You added Cleo').click();
  await ann.page.getByRole('dialog', { name: 'What happened' }).waitFor();
  expect(await violations(ann.page)).toEqual([]);
  await ann.page.keyboard.press('Escape');
  await ann.choose('Then you bring the tea', 'Details');
  await ann.page.getByText('Delivered to 2, read by 2').waitFor();
  await look(ann.page, 'group-message');
  await ann.page.keyboard.press('Escape');
});

it('the page about it, and the chat of a group that one has left', async () => {
  await openInfo(ann, 'Climbing on Sundays');
  await ann.page.getByRole('button', { name: 'Leave group' }).click();
  await ann.page.getByText('You are the only owner.').waitFor();
  expect(await violations(ann.page)).toEqual([]);
  await ann.page.getByRole('button', { name: 'Cancel' }).click();

  await openInfo(cleo, 'Climbing on Sundays');
  await cleo.page.getByRole('button', { name: 'Leave group' }).click();
  await cleo.page.getByRole('alertdialog').getByRole('button', { name: 'Leave', exact: true }).click();
  await backToChat(cleo);
  await cleo.page.getByText('You are no longer in this group.').waitFor();
  expect(await violations(cleo.page)).toEqual([]);
});

it('a link to it, coming in by it, and why somebody is in it', async () => {
  const { page } = ann;
  await page.getByRole('button', { name: 'Make a link' }).click();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  const link = await makeLink(ann, { asked: true });
  const open = page.getByRole('list', { name: 'Open links' });
  await open.getByRole('button', { name: 'Show link' }).click();
  await page.getByRole('img', { name: 'QR code of the link to the group' }).waitFor();
  await look(page, 'group-link');
  await page.keyboard.press('Escape');
  await gainsFocus(open.getByRole('button', { name: 'Show link' }));

  await cleo.goto(link);
  await look(cleo.page, 'group-join');
  await askToJoin(cleo);
  await cleo.page.getByText('An admin has to let you in').waitFor();
  expect(await violations(cleo.page)).toEqual([]);
  await page.getByRole('region', { name: 'Wants to join' }).getByText('Cleo').waitFor();
  await page.getByLabel('At the end of').fill(new Date().toLocaleDateString('sv'));
  await page.getByRole('list', { name: /^Members on / }).waitFor();
  await page.getByRole('region', { name: 'Wants to join' }).scrollIntoViewIfNeeded();
  await look(page, 'group-info');
  await page.getByRole('button', { name: 'Let in Cleo' }).click();
  await cleo.box.waitFor();
  await gainsFocus(page.getByRole('list', { name: 'Members' }));

  await chooseFor(ann, 'Bob Okafor', 'Why is Bob Okafor here?');
  await page.getByText('You added Bob Okafor').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await open.getByRole('button', { name: 'End link' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End link' }).click();
  await open.waitFor({ state: 'detached' });
  await gainsFocus(page.getByRole('button', { name: 'Make a link' }));
});

it('a group is made, and a member promoted, by keyboard alone', async () => {
  const { page } = ann;
  const { keyboard } = page;
  await ann.goto('/');
  await tabTo(page, page.getByRole('link', { name: 'New group' }));
  await keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Group name'));
  await keyboard.type('By keys');
  await tabTo(page, page.getByRole('searchbox', { name: 'Search your contacts' }));
  await keyboard.type('okaf');
  await keyboard.press('Enter');
  await page.getByRole('button', { name: 'Take out Bob Okafor' }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await keyboard.press('Space');
  await page.getByRole('button', { name: 'Take out Cleo' }).waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Create group' }));
  await keyboard.press('Enter');
  await gainsFocus(ann.box);

  await keyboard.press('Shift+Tab');
  const newest = ann.messages.getByRole('button', { name: /^You added / }).last();
  await gainsFocus(newest);
  await keyboard.press('ArrowUp');
  await keyboard.press('ArrowDown');
  await gainsFocus(newest);
  await keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'What happened' }).waitFor();
  await keyboard.press('Escape');
  await gainsFocus(newest);
  await tabTo(page, page.getByRole('link', { name: 'Open info about By keys' }), 'Shift+Tab');
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Actions for Bob Okafor' }));
  await keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Message privately' }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await member(ann, 'Bob Okafor').getByText('Admin', { exact: true }).waitFor();
  expect(await member(ann, 'Cleo').getByText('Admin', { exact: true }).count()).toBe(0);
});
