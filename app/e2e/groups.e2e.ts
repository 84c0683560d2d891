/** Three people in a group: coming in by a link, writing, roles, removal, and what somebody who was removed still sees. */
import { beforeAll, expect, it } from 'vitest';
import { askToJoin, backToChat, chooseFor, found, line, makeLink, member, openInfo, paste } from './world/groups.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

let ann: Person;
let bob: Person;
let cleo: Person;

/** Bob knows nobody, and has no account before the link leads him here. */
beforeAll(async () => {
  [ann, cleo] = await world().friends('Ann', 'Cleo');
  bob = await world().arrive('Bob');
});

it('Ann founds a group alone, and Bob and Cleo come in by its link', async () => {
  await found(ann, 'Climbing', []);
  await openInfo(ann, 'Climbing');
  const link = await makeLink(ann);
  await bob.onboard({ path: link });
  await bob.page.getByRole('heading', { name: 'Join “Climbing”?' }).waitFor();
  await askToJoin(bob);
  await bob.conversation('Climbing').waitFor();
  await paste(cleo, link);
  await cleo.page.getByText('The link was made by Ann.').waitFor();
  await askToJoin(cleo);
  await cleo.conversation('Climbing').waitFor();
  await ann.page.getByRole('list', { name: 'Open links' }).getByText('used 2 times').waitFor();
  await backToChat(ann);
  await line(ann, 'You added Cleo').waitFor();
  for (const person of [bob, cleo]) await line(person, 'Ann added you').waitFor();
});

it('all three write to each other and know who wrote what', async () => {
  await ann.send('Saturday at the wall?');
  await bob.sees('Saturday at the wall?');
  await bob.send('I bring the rope');
  await cleo.message('I bring the rope').getByText('Bob', { exact: true }).waitFor();
  await cleo.send('And I the tea');
  await bob.message('And I the tea').getByText('Cleo', { exact: true }).waitFor();
  await ann.chat('Climbing').getByText('Cleo:').waitFor();
  await ann.seesTick('Saturday at the wall?', 'Read');

  await bob.box.pressSequentially('And the');
  await ann.conversation('Climbing').getByText('Bob is typing…').waitFor();
  await ann.chat('Climbing').getByText('Bob is typing…').waitFor();
  await bob.box.fill('');
  await ann.conversation('Climbing').getByText('Bob is typing…').waitFor({ state: 'detached' });

  await ann.choose('Saturday at the wall?', 'Details');
  const details = ann.page.getByRole('dialog', { name: 'Message details' });
  await details.getByText('Delivered to 2, read by 2').waitFor();
  expect(await details.getByRole('region', { name: 'Read by' }).getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringContaining('Bob'),
    expect.stringContaining('Cleo'),
  ]);
  await ann.page.keyboard.press('Escape');
});

it('Ann makes Bob an admin, who removes Cleo; she sees that, cannot write, and gets nothing newer', async () => {
  await openInfo(ann, 'Climbing');
  await ann.page.getByText('Every message that anybody here wrote is on this device').waitFor();
  await chooseFor(ann, 'Bob', 'Make admin');
  await member(ann, 'Bob').getByText('Admin', { exact: true }).waitFor();
  await line(bob, 'Ann made you an admin').click();
  await bob.page.getByRole('dialog', { name: 'What happened' }).getByText('Signed act').waitFor();
  await bob.page.keyboard.press('Escape');

  await openInfo(bob, 'Climbing');
  await chooseFor(bob, 'Cleo', 'Why is Cleo here?');
  const steps = bob.page.getByRole('dialog', { name: 'Why is Cleo here?' }).getByRole('listitem');
  await steps.first().waitFor();
  expect(await steps.allInnerTexts()).toEqual([
    expect.stringContaining('Ann founded the group'),
    expect.stringContaining('Ann added Cleo'),
  ]);
  await bob.page.keyboard.press('Escape');
  await chooseFor(bob, 'Cleo', 'Remove…');
  await bob.page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await member(bob, 'Cleo').waitFor({ state: 'detached' });

  await line(cleo, 'Bob removed you').waitFor();
  await cleo.page.getByText('You are no longer in this group.').waitFor();
  expect(await cleo.box.count()).toBe(0);
  await cleo.sees('And I the tea');

  await backToChat(ann);
  await line(ann, 'Bob removed Cleo').waitFor();
  await ann.send('Only the two of us now');
  await backToChat(bob);
  await bob.sees('Only the two of us now');
  await bob.send('So be it');
  await ann.sees('So be it');
  // What is between Ann and Cleo alone still arrives, and by then so would the other have.
  await ann.openChat('Cleo');
  await ann.send('Sorry about that');
  await cleo.chat('Ann').getByText('Sorry about that').waitFor();
  expect(await cleo.page.getByText('Only the two of us now').count()).toBe(0);
});
