/** "We can talk": voice and video between two people, one of whom has two devices, and every way in which a call ends. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  answer,
  call,
  CALLING,
  callScreen,
  comesIn,
  emojiOf,
  hangUp,
  incoming,
  noteConnections,
  ringing,
  seesEnd,
  serversAsked,
  talk,
} from './world/calls.ts';
import { link } from './world/devices.ts';
import { Outside } from './world/outside.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let outside: Outside;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  outside = await Outside.open();
  const options = { flags: [...CALLING.flags, ...outside.flags] };
  ann = await world().arrive('Ann', options);
  bob = await world().arrive('Bob', options);
  for (const person of [ann, bob]) {
    await noteConnections(person);
    await person.onboard();
  }
  await befriend(ann, bob);
});

afterAll(() => outside.close());

it('a voice call: it rings, both hear each other, both see the same four emoji, and the chat tells how long it was', async () => {
  await call(ann, 'Bob', 'Voice');
  await callScreen(ann.page, 'Bob').getByText('Ringing…').first().waitFor();
  await answer(bob, 'Ann');
  await talk(ann, bob);
  const emoji = await emojiOf(ann);
  expect([emoji.length, await emojiOf(bob)]).toEqual([4, emoji]);
  // Nobody showed anything.
  for (const person of [ann, bob]) expect((await incoming(person.page)).frames).toBe(0);
  await hangUp(bob);
  await seesEnd(ann, 'Bob', 'Call ended');
  await seesEnd(bob, 'Ann', 'Call ended');
  for (const person of [ann, bob]) await person.messages.getByText(/Voice call, 0:\d\d$/).waitFor();
});

it('a video call: pictures come both ways, also of a screen, and none while it is on hold', async () => {
  await call(ann, 'Bob', 'Video');
  await answer(bob, 'Ann', 'video');
  await talk(ann, bob);
  for (const person of [ann, bob]) await comesIn(person.page, 'frames');
  await callScreen(bob.page, 'Ann').getByLabel('Picture of Ann').waitFor();

  await ann.page.getByRole('button', { name: 'Share screen' }).click();
  await callScreen(ann.page, 'Bob').getByLabel('What you share').waitFor();
  await callScreen(bob.page, 'Ann').getByLabel('Screen of Ann').waitFor();
  await comesIn(bob.page, 'frames');
  await ann.page.getByRole('button', { name: 'Stop sharing' }).click();
  await callScreen(bob.page, 'Ann').getByLabel('Picture of Ann').waitFor();

  await ann.page.getByRole('button', { name: 'More', exact: true }).click();
  await ann.page.getByRole('menuitem', { name: 'Picture in picture' }).click();
  await ann.page.waitForFunction(() => document.pictureInPictureElement?.ariaLabel === 'Picture of Bob');
  await ann.page.evaluate(() => document.exitPictureInPicture());

  await bob.page.getByRole('button', { name: 'More', exact: true }).click();
  await bob.page.getByRole('menuitem', { name: 'Hold' }).click();
  await callScreen(ann.page, 'Bob').getByText('Bob put the call on hold').first().waitFor();
  expect(await callScreen(ann.page, 'Bob').getByLabel('Picture of Bob').count()).toBe(0);
  await bob.page.getByRole('button', { name: 'More', exact: true }).click();
  await bob.page.getByRole('menuitem', { name: 'Resume' }).click();
  await callScreen(ann.page, 'Bob').getByLabel('Picture of Bob').waitFor();
});

it('the call goes on while its user looks at other screens, and says there who is muted', async () => {
  // What nobody sees under a call is not read.
  await bob.page.keyboard.press('Escape');
  await bob.send('Written during the call');
  await bob.seesTick('Written during the call', 'Delivered');
  await comesIn(ann.page, 'sounds');
  await bob.seesTick('Written during the call', 'Delivered');
  await ann.page.keyboard.press('Escape');
  await bob.seesTick('Written during the call', 'Read');
  await bob.page.getByRole('button', { name: 'Show the call' }).click();
  const bar = ann.page.getByRole('region', { name: 'Call with Bob' });
  await bar.waitFor();
  await ann.page.keyboard.press('Alt+c');
  await ann.page.getByRole('heading', { name: 'Calls', exact: true }).waitFor();
  await ann.page.keyboard.press('Alt+m');
  await bar.getByRole('button', { name: 'Unmute' }).waitFor();
  await callScreen(bob.page, 'Ann').getByText('Ann is muted').waitFor();
  await comesIn(ann.page, 'sounds');
  await bar.getByRole('button', { name: 'Show the call' }).click();
  await callScreen(ann.page, 'Bob').getByLabel('Picture of Bob').waitFor();
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
  await seesEnd(bob, 'Ann', 'Call ended');
  await ann.page
    .getByRole('main')
    .getByRole('link', { name: /^Bob, Outgoing video call, 0:\d\d/ })
    .click();
  await ann.messages.getByText(/Video call, 0:\d\d$/).waitFor();
});

it('a video call that is answered without video shows who called, and the camera goes on later', async () => {
  await call(bob, 'Ann', 'Video');
  await ringing(ann, 'Bob', 'video').getByRole('button', { name: 'Answer without video' }).click();
  await talk(ann, bob);
  await comesIn(ann.page, 'frames');
  expect((await incoming(bob.page)).frames).toBe(0);
  await ann.page.getByRole('button', { name: 'Turn camera on' }).click();
  await callScreen(bob.page, 'Ann').getByLabel('Picture of Ann').waitFor();
  await comesIn(bob.page, 'frames');
  await hangUp(bob);
  for (const [person, other] of [
    [ann, 'Bob'],
    [bob, 'Ann'],
  ] as const)
    await seesEnd(person, other, 'Call ended');
});

it('a call that is declined, and one that is cancelled, say so on both sides', async () => {
  await call(ann, 'Bob', 'Voice');
  await ringing(bob, 'Ann').getByRole('button', { name: 'Decline' }).click();
  await seesEnd(ann, 'Bob', 'Bob declined');
  await ringing(bob, 'Ann').waitFor({ state: 'detached' });
  for (const person of [ann, bob]) await person.messages.getByText('Voice call, declined').waitFor();

  await call(ann, 'Bob', 'Video');
  await ringing(bob, 'Ann', 'video').waitFor();
  await ann.page.getByRole('button', { name: 'Cancel call' }).click();
  await seesEnd(ann, 'Bob', 'Call cancelled');
  await ringing(bob, 'Ann', 'video').waitFor({ state: 'detached' });
  await ann.messages.getByText('Video call, cancelled').waitFor();
  await bob.messages.getByText('Missed video call').waitFor();
});

it('two who call each other at the same time are in one call', async () => {
  await Promise.all([call(ann, 'Bob', 'Voice'), call(bob, 'Ann', 'Voice')]);
  await talk(ann, bob);
  expect(await emojiOf(ann)).toEqual(await emojiOf(bob));
  await hangUp(ann);
  for (const [person, other] of [
    [ann, 'Bob'],
    [bob, 'Ann'],
  ] as const)
    await seesEnd(person, other, 'Call ended');
});

it('rings on all devices and in all tabs; who answers first has it, and the others say where it is', async () => {
  const phone = await world().arrive('Bob’s phone', CALLING);
  await noteConnections(phone);
  await link(bob, phone, 'Pocket phone');
  await bob.openChat('Ann');
  const tab = await bob.newTab();
  await call(ann, 'Bob', 'Voice');
  for (const page of [bob.page, tab, phone.page]) await ringing({ page }, 'Ann').waitFor();
  await answer(phone, 'Ann');
  for (const page of [bob.page, tab]) await ringing({ page }, 'Ann').waitFor({ state: 'detached' });
  await callScreen(phone.page, 'Ann').getByText('Connected', { exact: true }).waitFor({ state: 'attached' });
  expect(await callScreen(bob.page, 'Ann').count()).toBe(0);
  await comesIn(phone.page, 'sounds');
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
  await seesEnd(phone, 'Ann', 'Call ended');
  await phone.openChat('Ann');
  for (const person of [bob, phone])
    await person.messages
      .getByText(/Voice call, 0:\d\d$/)
      .last()
      .waitFor();

  // Between the tabs of one device.
  await call(ann, 'Bob', 'Voice');
  await ringing({ page: tab }, 'Ann').getByRole('button', { name: 'Answer', exact: true }).click();
  await bob.page.getByText('In a call with Ann in another tab').waitFor();
  await bob.page.getByRole('region', { name: 'Call with Ann' }).getByRole('button', { name: 'Hang up' }).click();
  await seesEnd(ann, 'Bob', 'Call ended');
  await tab.close();
});

it('nobody answers: both learn it, and the list of calls has it', async () => {
  await call(bob, 'Ann', 'Voice');
  await ringing(ann, 'Bob').waitFor();
  // As long as it rings.
  await seesEnd(bob, 'Ann', 'Ann did not answer');
  await ringing(ann, 'Bob').waitFor({ state: 'detached' });
  await ann.page.getByRole('link', { name: 'Calls', exact: true }).click();
  await ann.page.getByText('Missed', { exact: true }).click();
  const row = ann.page.getByRole('main').getByRole('link', { name: /^Bob, Missed voice call/ });
  await row.waitFor();
  await ann.page.getByRole('main').getByRole('button', { name: 'Voice call to Bob' }).click();
  await ringing(bob, 'Ann').getByRole('button', { name: 'Decline' }).click();
  await seesEnd(ann, 'Bob', 'Bob declined');
});

it('in all of it no server but the relay was asked for anything', async () => {
  for (const { page } of [ann, bob]) expect(await serversAsked(page)).toEqual([]);
  expect(outside.requests).toEqual([]);
});
