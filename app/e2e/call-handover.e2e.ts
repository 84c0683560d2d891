/** "Go on with it here": a call moves from one device of its user to the other, and the other side hardly notices. */
import { beforeAll, expect, it } from 'vitest';
import {
  answer,
  call,
  CALLING,
  callScreen,
  comesIn,
  emojiOf,
  hangUp,
  noteConnections,
  ringing,
  seesEnd,
  talk,
} from './world/calls.ts';
import { link } from './world/devices.ts';
import { tabTo } from './world/keyboard.ts';
import { declineInstall, look } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;
let bob: Person;
let laptop: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann', CALLING);
  bob = await world().arrive('Bob', CALLING);
  laptop = await world().arrive('Bob’s laptop', CALLING);
  for (const person of [ann, bob, laptop]) {
    await declineInstall(person.context);
    await noteConnections(person);
    await noteTracks(person);
  }
  for (const person of [ann, bob]) await person.onboard();
  await befriend(ann, bob);
  await link(bob, laptop, 'Laptop');
  for (const person of [bob, laptop]) await person.openChat('Ann');
});

type Noted = typeof globalThis & { tracks: MediaStreamTrack[] };

/** Notes every microphone and camera that a page opens. To be called before the app is opened. */
async function noteTracks({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const tracks: MediaStreamTrack[] = [];
    Object.assign(globalThis, { tracks });
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
}

function tracksOn({ page }: Person): Promise<readonly string[]> {
  return page.evaluate(() =>
    (globalThis as Noted).tracks.filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind),
  );
}

const bar = ({ page }: Person) => page.getByRole('region', { name: 'Call on another device' });

/** The call is on at both, with sound both ways. */
async function goesOn(one: Person, other: Person, names: readonly [string, string]): Promise<void> {
  for (const [person, name] of [
    [one, names[1]],
    [other, names[0]],
  ] as const) {
    await callScreen(person.page, name).getByText('Connected', { exact: true }).waitFor({ state: 'attached' });
    await comesIn(person.page, 'sounds');
  }
}

it('a video call moves to the laptop: pictures go both ways there, and the first device lets go of everything', async () => {
  await call(ann, 'Bob', 'Video');
  await answer(bob, 'Ann', 'video');
  await talk(ann, bob);
  const before = await emojiOf(ann);
  await bar(laptop)
    .getByText(/^In a call with Ann on /)
    .waitFor();
  const move = bar(laptop).getByRole('button', { name: 'Move it here' });
  await tabTo(laptop.page, move);
  await laptop.page.keyboard.press('Enter');
  await callScreen(bob.page, 'Ann').getByText('Moved to Laptop', { exact: true }).last().waitFor();
  expect(await tracksOn(bob)).toEqual([]);
  await goesOn(ann, laptop, ['Ann', 'Bob']);
  for (const person of [ann, laptop]) {
    await comesIn(person.page, 'frames');
    expect([...(await tracksOn(person))].sort()).toEqual(['audio', 'video']);
  }
  const after = await emojiOf(ann);
  expect(after).toEqual(await emojiOf(laptop));
  expect(after).not.toEqual(before);

  // What is over goes from the screen by itself.
  await callScreen(bob.page, 'Ann').waitFor({ state: 'detached' });
  await bar(bob).getByText('In a call with Ann on Laptop').waitFor();
  await look(bob.page, 'call-elsewhere');
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
  await seesEnd(laptop, 'Ann', 'Call ended');
  await bar(bob).waitFor({ state: 'detached' });
  for (const person of [ann, bob, laptop]) {
    const lines = person.messages.getByText(/Video call, \d:\d\d$/);
    await lines.first().waitFor();
    expect(await lines.count()).toBe(1);
  }
});

it('a voice call that Bob made moves to the laptop and back, muted as it was, and is one entry in all lists', async () => {
  await call(bob, 'Ann', 'Voice');
  await ringing(ann, 'Bob').waitFor();
  await answer(ann, 'Bob');
  await talk(ann, bob);
  await bob.page.getByRole('button', { name: 'Mute', exact: true }).click();
  await callScreen(ann.page, 'Bob').getByText('Bob is muted').waitFor();
  await bar(laptop).getByRole('button', { name: 'Move it here' }).click();
  await seesEnd(bob, 'Ann', 'Moved to Laptop');
  await goesOn(ann, laptop, ['Ann', 'Bob']);
  await laptop.page.getByRole('button', { name: 'Unmute', exact: true }).waitFor();
  await callScreen(ann.page, 'Bob').getByText('Bob is muted').waitFor();

  await bar(bob).getByRole('button', { name: 'Move it here' }).click();
  await callScreen(laptop.page, 'Ann')
    .getByText(/^Moved to /)
    .last()
    .waitFor();
  expect(await tracksOn(laptop)).toEqual([]);
  await goesOn(ann, bob, ['Ann', 'Bob']);
  await hangUp(bob);
  await seesEnd(bob, 'Ann', 'Call ended');
  await seesEnd(ann, 'Bob', 'Call ended');
  await callScreen(laptop.page, 'Ann').waitFor({ state: 'detached' });
  for (const person of [ann, bob, laptop]) {
    await person.page.getByRole('link', { name: 'Calls', exact: true }).click();
    const rows = person.page.getByRole('main').getByRole('link', { name: /voice call, \d:\d\d/ });
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
  }
});
