/** "All of us at once": three people in a call of their group; who comes, who goes, who is thrown out. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  awake,
  CALLING,
  looksAway,
  noteAwake,
  noteConnections,
  notifications,
  serversAsked,
  wantsNotifications,
} from './world/calls.ts';
import {
  allGet,
  banner,
  callGroup,
  countIn,
  groupRinging,
  groupScreen,
  heardBy,
  leaveCall,
  noteKeys,
  sealedWith,
  seesNothing,
  tile,
  withholdKeys,
} from './world/group-calls.ts';
import { backToChat, chooseFor, found, openInfo } from './world/groups.ts';
import { Outside } from './world/outside.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const GROUP = 'Climbing';
const world = useWorld();
let outside: Outside;
let ann: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  outside = await Outside.open();
  const options = { flags: [...CALLING.flags, ...outside.flags] };
  const arrive = async (name: string): Promise<Person> => {
    const person = await world().arrive(name, options);
    await noteConnections(person);
    await noteKeys(person);
    await noteAwake(person);
    await person.onboard();
    return person;
  };
  ann = await arrive('Ann');
  bob = await arrive('Bob');
  cleo = await arrive('Cleo');
  await befriend(ann, bob);
  await befriend(ann, cleo);
  await found(ann, GROUP, ['Bob', 'Cleo']);
  for (const person of [bob, cleo]) await person.openChat(GROUP);
});

afterAll(() => outside.close());

it('a call of a group rings for all; who joins hears the others, and who ignores it finds it in the chat', async () => {
  await callGroup(ann, GROUP, 'voice');
  await groupRinging(bob, GROUP).getByRole('button', { name: 'Join', exact: true }).click();
  await groupScreen(bob, GROUP).waitFor();
  await allGet([ann, bob], 'energy');
  await groupRinging(cleo, GROUP).getByRole('button', { name: 'Ignore' }).click();
  await groupRinging(cleo, GROUP).waitFor({ state: 'detached' });
  await banner(cleo, GROUP).getByText('2 in the call').waitFor();
  await cleo.chatList.getByRole('img', { name: 'A call is on: 2 in it' }).waitFor();
});

it('who joins late sees and is seen; with a picture the screens stay awake', async () => {
  expect(await awake(ann)).toBe(0);
  await banner(cleo, GROUP).getByRole('button', { name: 'Join with video' }).click();
  for (const person of [ann, bob, cleo]) await countIn(person, GROUP, 3);
  await tile(ann, GROUP, 'Cleo').getByLabel('Picture of Cleo').waitFor();
  for (const person of [ann, bob]) await person.page.getByRole('button', { name: 'Turn camera on' }).click();
  await allGet([ann, bob, cleo], 'frames');
  await allGet([ann, bob, cleo], 'energy');
  for (const person of [ann, bob, cleo]) await expect.poll(() => awake(person)).toBe(1);
  for (const name of ['Bob', 'Cleo'])
    await tile(ann, GROUP, name)
      .getByRole('img', { name: /connection$/ })
      .waitFor();
});

it('who leaves is gone for the others at once, and may come again', async () => {
  await leaveCall(bob, GROUP);
  for (const person of [ann, cleo]) await countIn(person, GROUP, 2);
  await allGet([ann, cleo], 'frames');
  expect(await heardBy(bob.page)).toEqual([]);
  await expect.poll(() => awake(bob)).toBe(0);
  await banner(bob, GROUP).getByRole('button', { name: 'Join with video' }).click();
  for (const person of [ann, bob, cleo]) await countIn(person, GROUP, 3);
  await allGet([ann, bob, cleo], 'energy');
});

it('with everybody who comes or goes all have new keys, and who is not told them sees nothing', async () => {
  await allGet([ann, bob, cleo], 'frames');
  const before = await sealedWith(ann.page);
  await withholdKeys(cleo.page, true);
  await leaveCall(bob, GROUP);
  for (const person of [ann, cleo]) await countIn(person, GROUP, 2);
  await expect.poll(() => sealedWith(ann.page), { timeout: 20_000 }).toHaveLength(before.length + 1);
  await seesNothing(cleo.page);
  await withholdKeys(cleo.page, false);
  await banner(bob, GROUP).getByRole('button', { name: 'Join', exact: true }).click();
  for (const person of [ann, bob, cleo]) await countIn(person, GROUP, 3);
  await bob.page.getByRole('button', { name: 'Turn camera on' }).click();
  await allGet([ann, bob, cleo], 'frames');
});

it('hands are raised in order, and a screen is shown large', async () => {
  await cleo.page.keyboard.press('Alt+h');
  await ann.page.getByText('Raised hands: Cleo').waitFor();
  await bob.page.getByRole('button', { name: 'Raise hand' }).click();
  await ann.page.getByText('Raised hands: Cleo, Bob').waitFor();
  await cleo.page.getByRole('button', { name: 'Lower hand' }).click();
  await ann.page.getByText('Raised hands: Bob').waitFor();
  await bob.page.getByRole('button', { name: 'Lower hand' }).click();
  await bob.page.getByRole('button', { name: 'Share screen' }).click();
  await groupScreen(ann, GROUP).getByRole('list', { name: 'Shares a screen' }).getByLabel('Screen of Bob').waitFor();
  await bob.page.getByRole('button', { name: 'Stop sharing' }).click();
  await groupScreen(ann, GROUP).getByRole('list', { name: 'Shares a screen' }).waitFor({ state: 'detached' });
});

it('who got no processor time for a while comes back by itself', async () => {
  const busy = cleo.page.evaluate(() => {
    const end = Date.now() + 16_000;
    while (Date.now() < end);
  });
  await countIn(ann, GROUP, 2);
  await busy;
  await countIn(ann, GROUP, 3);
  await allGet([ann, bob, cleo], 'energy');
});

it('a link to the call asks a member whether to join', async () => {
  await leaveCall(bob, GROUP);
  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ann.page.getByRole('button', { name: 'More', exact: true }).click();
  await ann.page.getByRole('menuitem', { name: 'Copy link to the call' }).click();
  await ann.page.getByText('Link copied.').waitFor();
  const link = await ann.page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).search).toBe('?call');
  await bob.goto(link);
  const question = bob.page.getByRole('dialog', { name: `Join the call in ${GROUP}?` });
  // A page that was just opened knows of them in the order in which they are heard.
  await question.getByText(/^In the call: (Ann, Cleo|Cleo, Ann)$/).waitFor();
  await question.getByRole('button', { name: 'Join', exact: true }).click();
  for (const person of [ann, bob, cleo]) await countIn(person, GROUP, 3);
  await allGet([ann, bob, cleo], 'energy');
});

it('who is removed from the group falls out of the call, and the others go on', async () => {
  await ann.page.keyboard.press('Escape');
  await openInfo(ann, GROUP);
  await chooseFor(ann, 'Bob', 'Remove…');
  await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await groupScreen(bob, GROUP).waitFor({ state: 'detached' });
  await bob.page.getByText('You are no longer in the call.').waitFor();
  expect(await heardBy(bob.page)).toEqual([]);
  await backToChat(ann);
  await ann.page.getByRole('button', { name: 'Show the call' }).click();
  for (const person of [ann, cleo]) await countIn(person, GROUP, 2);
  await allGet([ann, cleo], 'energy');
  await leaveCall(ann, GROUP);
  await leaveCall(cleo, GROUP);
  await ann.messages.getByText(/Voice call, \d+:\d\d$/).waitFor();
});

it('the list of calls has it under the name of the group, and calls back', async () => {
  const { page } = cleo;
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const entry = new RegExp(`^${GROUP}, Incoming voice call, [:\\d]+, from Ann`);
  await page.getByRole('main').getByRole('link', { name: entry }).waitFor();
  await page
    .getByRole('main')
    .getByRole('button', { name: `Voice call to ${GROUP}` })
    .click();
  await groupScreen(cleo, GROUP).waitFor();
  await groupRinging(ann, GROUP).getByRole('button', { name: 'Ignore' }).click();
  await leaveCall(cleo, GROUP);
  await page
    .getByRole('main')
    .getByRole('link', { name: new RegExp(`^${GROUP}, Voice call, no answer`) })
    .waitFor();
  await cleo.openChat(GROUP);
});

it('where only admins may write, only they start a call; everybody may join', async () => {
  await openInfo(ann, GROUP);
  const writers = ann.page.getByRole('group', { name: 'Write messages' });
  await writers.getByText('Admins').click();
  await cleo.page.getByText('Only admins can write here.').waitFor();
  await cleo.page
    .getByRole('button', { name: /^Start a .* call/ })
    .first()
    .waitFor({ state: 'detached' });
  await backToChat(ann);
  await callGroup(ann, GROUP, 'voice');
  await groupRinging(cleo, GROUP).getByRole('button', { name: 'Join', exact: true }).click();
  for (const person of [ann, cleo]) await countIn(person, GROUP, 2);
  await allGet([ann, cleo], 'energy');
  for (const person of [cleo, ann]) await leaveCall(person, GROUP);
  await cleo.goto(`${new URL(cleo.page.url()).pathname}?call`);
  await cleo.page.getByText('Nobody is in a call there now, and only admins may start one.').waitFor();
  await cleo.page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
});

it('a call of a group that rings while nobody looks is notified, until it is over', async () => {
  await wantsNotifications(cleo);
  await looksAway(cleo);
  await callGroup(ann, GROUP, 'video');
  const words = `${GROUP}: Incoming video call`;
  await expect.poll(() => notifications(cleo)).toContain(words);
  await leaveCall(ann, GROUP);
  await expect.poll(() => notifications(cleo)).not.toContain(words);
});

it('in all of it no server but the relay was asked for anything', async () => {
  for (const { page } of [ann, bob, cleo]) expect(await serversAsked(page)).toEqual([]);
  expect(outside.requests).toEqual([]);
});
