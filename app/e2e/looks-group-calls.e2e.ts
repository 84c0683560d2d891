/** The screens of calls of groups look right and read right, in every look, and need no mouse. */
import { beforeAll, expect, it } from 'vitest';
import { CALLING, noteConnections } from './world/calls.ts';
import { allGet, banner, callGroup, countIn, groupRinging, groupScreen, leaveCall, tile } from './world/group-calls.ts';
import { found } from './world/groups.ts';
import { gainsFocus, tabTo } from './world/keyboard.ts';
import { declineInstall, look } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const GROUP = 'Climbing on Sundays';
const world = useWorld();
let ann: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  const arrive = async (name: string): Promise<Person> => {
    const person = await world().arrive(name, CALLING);
    await declineInstall(person.context);
    await noteConnections(person);
    await person.onboard();
    return person;
  };
  ann = await arrive('Ann');
  bob = await arrive('Bob Okafor');
  cleo = await arrive('Cleo');
  await befriend(ann, bob);
  await befriend(ann, cleo);
  await found(ann, GROUP, ['Bob Okafor', 'Cleo']);
  for (const person of [bob, cleo]) await person.openChat(GROUP);
});

it('the way to call a group, what rings, and the chat of a call that is on', async () => {
  await look(ann.page, 'group-call-start');
  await callGroup(bob, GROUP, 'video');
  await groupRinging(ann, GROUP, 'video').waitFor();
  await look(ann.page, 'group-call-ringing');
  await ann.page.keyboard.press('Escape');
  await groupRinging(ann, GROUP, 'video').waitFor({ state: 'detached' });
  await banner(ann, GROUP).waitFor();
  await look(ann.page, 'group-call-banner');
});

it('everybody in a grid, who speaks large, who is in it, and a screen', async () => {
  const { page } = ann;
  await banner(ann, GROUP).getByRole('button', { name: 'Join', exact: true }).click();
  const ringing = groupRinging(cleo, GROUP, 'video');
  await ringing.or(banner(cleo, GROUP)).first().waitFor();
  if (await ringing.isVisible()) await cleo.page.keyboard.press('Alt+a');
  else await banner(cleo, GROUP).getByRole('button', { name: 'Join with video' }).click();
  for (const person of [ann, bob, cleo]) await countIn(person, GROUP, 3);
  await allGet([ann, bob, cleo], 'energy');
  await tile(ann, GROUP, 'Cleo').getByLabel('Picture of Cleo').waitFor();
  await cleo.page.keyboard.press('Alt+h');
  await page.getByText('Raised hands: Cleo').waitFor();
  await bob.page.keyboard.press('Alt+h');
  await bob.page.keyboard.press('Alt+m');
  await page.getByText('Raised hands: Cleo, Bob Okafor').waitFor();
  await look(page, 'group-call-grid');
  await page.getByRole('button', { name: 'Show who speaks' }).click();
  await groupScreen(ann, GROUP).getByRole('list', { name: 'Speaking' }).waitFor();
  await look(page, 'group-call-speaker');
  await page.keyboard.press('Alt+g');
  await page.getByRole('button', { name: 'Who is in the call' }).click();
  await page.getByText('Hand raised, number 1').first().waitFor();
  await look(page, 'group-call-members');
  await page.keyboard.press('Escape');
  await bob.page.getByRole('button', { name: 'Share screen' }).click();
  await groupScreen(ann, GROUP).getByLabel('Screen of Bob Okafor').waitFor();
  await look(page, 'group-call-screen');
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: `Call in ${GROUP}` }).waitFor();
  await look(page, 'group-call-bar');
  await page.getByRole('button', { name: 'Show the call' }).click();
  for (const person of [ann, cleo]) await leaveCall(person, GROUP);
});

it('the question where a link to the call leads', async () => {
  const { page } = ann;
  await ann.goto(`${new URL(page.url()).pathname}?call`);
  await page.getByText('In the call: Bob Okafor').waitFor();
  await look(page, 'group-call-question');
  // The call is young enough to ring for who has just come on line.
  expect(await groupRinging(ann, GROUP, 'video').count()).toBe(0);
  await page.getByRole('button', { name: 'Not now' }).click();
  await banner(ann, GROUP).waitFor();
  expect(new URL(page.url()).search).toBe('');
  await leaveCall(bob, GROUP);
  await banner(ann, GROUP).waitFor({ state: 'detached' });
});

it('the list of calls, with one of the group, and the chat where only admins start one', async () => {
  const { page } = ann;
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await page
    .getByRole('main')
    .getByRole('link', { name: new RegExp(`^${GROUP}, Incoming video call`) })
    .waitFor();
  await look(page, 'group-calls-list');
  await ann.openChat(GROUP);
});

it('calls, joins, raises a hand, looks elsewhere and leaves without a mouse', async () => {
  const { page } = bob;
  await tabTo(page, page.getByRole('button', { name: 'Start a voice call with the group' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await groupScreen(bob, GROUP).waitFor();
  const ringing = groupRinging(cleo, GROUP);
  await gainsFocus(ringing);
  await tabTo(cleo.page, ringing.getByRole('button', { name: 'Join', exact: true }));
  await cleo.page.keyboard.press('Enter');
  for (const person of [bob, cleo]) await countIn(person, GROUP, 2);
  await tabTo(page, page.getByRole('button', { name: 'Raise hand' }));
  await page.keyboard.press('Space');
  await cleo.page.getByText('Raised hands: Bob Okafor').waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Show who speaks' }));
  await page.keyboard.press('Enter');
  await groupScreen(bob, GROUP).getByRole('list', { name: 'Speaking' }).waitFor();
  await tabTo(page, page.getByRole('button', { name: 'Who is in the call' }));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Who is in the call' }).waitFor();
  await page.keyboard.press('Escape');
  await gainsFocus(page.getByRole('button', { name: 'Who is in the call' }));
  await page.keyboard.press('Escape');
  await tabTo(page, page.getByRole('button', { name: 'Show the call' }));
  await page.keyboard.press('Enter');
  await groupScreen(bob, GROUP).waitFor();
  await page.keyboard.press('Alt+x');
  await groupScreen(bob, GROUP).waitFor({ state: 'detached' });
  await cleo.page.keyboard.press('Alt+x');
  await groupScreen(cleo, GROUP).waitFor({ state: 'detached' });
});
