/** The screens of groups look right and read right, in every look, and need no mouse. */
import { beforeAll, expect, it } from 'vitest';
import { backToChat, found, line, member, openInfo } from './world/groups.ts';
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

it('a new group needs a contact first; then they are chosen', async () => {
  await ann.goto('/new/group');
  await ann.page.getByRole('heading', { name: 'Add a contact first' }).waitFor();
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
  await look(ann.page, 'group-info');
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
