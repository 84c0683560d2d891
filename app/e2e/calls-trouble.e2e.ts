/** Calls when something is in the way: a microphone that is not given, a connection that breaks, a tab that is closed. */
import { beforeAll, expect, it } from 'vitest';
import {
  answer,
  call,
  CALLING,
  callScreen,
  comesIn,
  emojiOf,
  hangUp,
  looksAway,
  noteConnections,
  notifications,
  ringing,
  seesEnd,
  talk,
  wantsNotifications,
} from './world/calls.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann', CALLING);
  bob = await world().arrive('Bob', CALLING);
  for (const person of [ann, bob]) {
    await noteConnections(person);
    await person.onboard();
  }
  await befriend(ann, bob);
});

it('a connection that broke comes back by itself, and is the same call', async () => {
  await call(ann, 'Bob', 'Video');
  await answer(bob, 'Ann', 'video');
  await talk(ann, bob);
  const emoji = await emojiOf(ann);
  for (const breaking of [bob, ann]) {
    await breaking.page.evaluate(() => {
      const { connections } = globalThis as typeof globalThis & { connections: RTCPeerConnection[] };
      connections.findLast(({ localDescription }) => localDescription !== null)?.close();
    });
    const other = breaking === ann ? bob : ann;
    await callScreen(other.page, breaking.name).getByText('Reconnecting…').first().waitFor({ state: 'attached' });
    await talk(ann, bob);
    for (const person of [ann, bob]) await comesIn(person.page, 'frames');
  }
  expect([await emojiOf(ann), await emojiOf(bob)]).toEqual([emoji, emoji]);
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
  await seesEnd(bob, 'Ann', 'Call ended');
});

it('without the relay the call goes on, and ends on both sides when it is back', async () => {
  await call(ann, 'Bob', 'Voice');
  await answer(bob, 'Ann');
  await talk(ann, bob);
  await world().relay.kill();
  await ann.page.getByText(/^You’re offline/).waitFor({ state: 'attached' });
  for (const person of [ann, bob]) await comesIn(person.page, 'sounds');
  await world().relay.start();
  await ann.page.getByText(/^You’re offline/).waitFor({ state: 'detached' });
  await bob.page.getByText(/^You’re offline/).waitFor({ state: 'detached' });
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
  await callScreen(bob.page, 'Ann').getByText('Call ended', { exact: true }).last().waitFor();
  await callScreen(bob.page, 'Ann').waitFor({ state: 'detached' });
});

it('a call ends on both sides when the tab that holds it is closed', async () => {
  const tab = await bob.newTab();
  await call(ann, 'Bob', 'Voice');
  await ringing({ page: tab }, 'Ann').getByRole('button', { name: 'Answer', exact: true }).click();
  await callScreen(tab, 'Ann').getByText('Connected', { exact: true }).waitFor({ state: 'attached' });
  await tab.close();
  await callScreen(ann.page, 'Bob')
    .getByText(/^Call ended$/)
    .last()
    .waitFor();
  await callScreen(ann.page, 'Bob').waitFor({ state: 'detached' });
  await bob.page.getByText('In a call with Ann in another tab').waitFor({ state: 'detached' });
});

it('a call that was missed is unread until its line was seen', async () => {
  await bob.openChat('Note to self');
  await call(ann, 'Bob', 'Voice');
  await ringing(bob, 'Ann').waitFor();
  await ann.page.getByRole('button', { name: 'Cancel call' }).click();
  await seesEnd(ann, 'Bob', 'Call cancelled');
  const unread = bob.chat('Ann').getByRole('img', { name: '1 unread' });
  await unread.waitFor();
  await bob.chat('Ann').getByText('Missed voice call').waitFor();
  await bob.openChat('Ann');
  await unread.waitFor({ state: 'detached' });
});

it('a call that rings when nobody looks any more is notified, until it is over', async () => {
  await wantsNotifications(bob);
  await call(ann, 'Bob', 'Video');
  await ringing(bob, 'Ann', 'video').waitFor();
  expect(await notifications(bob)).toEqual([]);
  await looksAway(bob);
  await expect.poll(() => notifications(bob)).toContain('Ann: Incoming video call');
  await ann.page.getByRole('button', { name: 'Cancel call' }).click();
  await expect.poll(() => notifications(bob)).not.toContain('Ann: Incoming video call');
  await seesEnd(ann, 'Bob', 'Call cancelled');
});

it('who calls somebody in a call is told so, and both have it as what it was', async () => {
  const dora = await world().arrive('Dora', CALLING);
  await dora.onboard();
  await bob.goto('/');
  await befriend(bob, dora);
  await ann.openChat('Bob');
  await call(ann, 'Bob', 'Voice');
  await answer(bob, 'Ann');
  await talk(ann, bob);
  await call(dora, 'Bob', 'Voice');
  await seesEnd(dora, 'Bob', 'Bob is in another call');
  await dora.messages.getByText('Voice call, they were in another call').waitFor();
  await dora.page.getByRole('link', { name: 'Calls', exact: true }).click();
  await dora.page
    .getByRole('main')
    .getByRole('link', { name: /^Bob, Voice call, they were in another call/ })
    .waitFor();
  // The call that was on goes on.
  for (const person of [ann, bob]) await comesIn(person.page, 'sounds');
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
  await seesEnd(bob, 'Ann', 'Call ended');
  await bob.chat('Dora').getByText('Missed voice call').waitFor();
  await bob.openChat('Dora');
  await bob.messages.getByText('Missed voice call').waitFor();
});

it('who does not give the microphone is told what to do, and nobody is called', async () => {
  const cleo = await world().arrive('Cleo', { flags: ['--use-fake-device-for-media-stream'] });
  await cleo.onboard();
  await befriend(cleo, ann);
  await cleo.page.getByRole('button', { name: 'Voice call to Ann' }).click();
  const trouble = cleo.page.getByRole('dialog', { name: 'The microphone cannot be used' });
  await trouble.getByText('allow it there, and try again').waitFor();
  await trouble.getByRole('button', { name: 'Try again' }).click();
  await trouble.getByText('allow it there, and try again').waitFor();
  await trouble.getByRole('button', { name: 'Close' }).last().click();
  await trouble.waitFor({ state: 'detached' });
  expect(await ringing(ann, 'Cleo').count()).toBe(0);
  expect(await cleo.messages.getByText(/call/i).count()).toBe(0);
});
