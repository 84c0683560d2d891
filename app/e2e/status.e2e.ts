/** "For a day, and only for those": statuses of an author with two devices, an audience of two, and a contact outside of it. */
import { beforeAll, expect, it } from 'vitest';
import type { Locator } from 'playwright-core';
import { link } from './world/devices.ts';
import { look, lookUntil } from './world/inside.ts';
import { gainsFocus } from './world/keyboard.ts';
import { drawPicture, jpeg, shootFilm } from './world/media.ts';
import type { Person } from './world/person.ts';
import {
  openHeld,
  openStatuses,
  ring,
  shareFiles,
  shareOnlyWith,
  shareWords,
  viewer,
  viewersOf,
  watch,
  watchMine,
} from './world/statuses.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld({ media: true });
const WORDS = 'Only for the two of you';
const CAPTION = 'The view from up here';

let ann: Person;
/** Ann's second device. */
let phone: Person;
let bob: Person;
let cleo: Person;
/** A contact of Ann's for whom nothing of it is. */
let dan: Person;

/** The status that this message answers. */
function quoteIn(person: Person, message: string): Locator {
  return person.message(message).getByRole('button', { name: /^(Answer|Reaction) to a status/ });
}

/** In the page: resolves when so much was heard. */
function playsAloud(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.addEventListener('timeupdate', () => {
      if (!video.paused && !video.muted && video.currentTime > 0.3) resolve();
    });
  });
}

beforeAll(async () => {
  [ann, bob, cleo, dan] = await world().residents('Ann', 'Bob', 'Cleo', 'Dan');
  for (const person of [bob, cleo, dan]) await befriend(ann, person);
  phone = await world().arrive('Ann’s phone');
  await link(ann, phone, 'Pocket phone');
});

it('words, a photo and a film reach an audience of two, and both devices of the author; a third contact gets nothing', async () => {
  await openStatuses(ann);
  await shareOnlyWith(ann, ['Bob', 'Cleo']);
  await shareWords(ann, WORDS);
  const picture = jpeg('view.jpg', await drawPicture(ann.page, { width: 900, height: 1200, hue: 200 }));
  const film = { name: 'square.webm', mimeType: 'video/webm', buffer: await shootFilm(ann.page, 2) };
  await shareFiles(ann, [
    { file: picture, caption: CAPTION },
    { file: film, caption: 'It moves' },
  ]);
  for (const person of [bob, cleo]) {
    await person.page.getByRole('link', { name: 'Status, 1 new' }).waitFor();
    await openStatuses(person);
    await person.page.getByRole('button', { name: /^Ann, 3 new of 3 updates/ }).waitFor();
  }
  await openStatuses(phone);
  await phone.page.getByRole('button', { name: /^My status 3 updates/ }).waitFor();

  // What Ann writes to Dan afterwards has come, and still no status has.
  await ann.goto('/');
  await ann.openChat('Dan');
  await ann.send('Are you there?');
  await dan.sees('Are you there?');
  expect(await look(dan.page, 'statuses', null)).toMatchObject({ others: [], muted: [] });
  await openStatuses(dan);
  await dan.page.getByRole('heading', { name: 'No status yet' }).waitFor();
});

it('one after the other is looked at, by hand, by key and by itself; the author’s devices learn who saw which', async () => {
  await watch(bob, 'Ann');
  await viewer(bob).getByText(WORDS).waitFor();
  const box = (await viewer(bob).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await bob.page.mouse.click(box.x + box.width * 0.8, box.y + box.height / 2);
  await viewer(bob).getByText(CAPTION).waitFor();
  await viewer(bob).getByRole('img', { name: 'Photo', exact: true }).waitFor();
  await bob.page.keyboard.press('ArrowLeft');
  await viewer(bob).getByText(WORDS).waitFor();
  await bob.page.keyboard.press('ArrowRight');
  await viewer(bob).getByText(CAPTION).waitFor();
  // Held until now. The film follows by itself, and after it there is nobody else.
  await bob.page.keyboard.press('Space');
  await viewer(bob).getByText('It moves').waitFor();
  await viewer(bob).waitFor({ state: 'detached' });
  await bob.page.getByRole('button', { name: /^Ann, 3 updates, seen/ }).waitFor();

  await watch(cleo, 'Ann');
  await viewer(cleo).getByText(WORDS).waitFor();
  await cleo.page.keyboard.press('Escape');
  await cleo.page.getByRole('button', { name: /^Ann, 2 new of 3 updates/ }).waitFor();

  await openStatuses(ann);
  for (const device of [ann, phone]) {
    await watchMine(device);
    expect(await viewersOf(device, 2)).toEqual(['Bob', 'Cleo']);
    await device.page.keyboard.press('ArrowRight');
    expect(await viewersOf(device, 1)).toEqual(['Bob']);
    await device.page.getByRole('button', { name: 'Seen by 1', exact: true }).click();
    await device.page.getByText('1 person got it and told nothing').waitFor();
    await device.page.keyboard.press('Escape');
    await device.page.keyboard.press('Escape');
    await viewer(device).waitFor({ state: 'detached' });
  }
});

it('an answer and a reaction come in the chat with the author, with the status that they answer', async () => {
  await watch(bob, 'Ann');
  await viewer(bob).getByText(WORDS).waitFor();
  await viewer(bob).getByLabel('Reply to Ann').fill('Where is that?');
  await bob.page.keyboard.press('Enter');
  await bob.page.getByText('Sent to Ann').waitFor();
  await bob.page.keyboard.press('ArrowRight');
  await viewer(bob).getByText(CAPTION).waitFor();
  await viewer(bob).getByRole('button', { name: 'React with ❤️' }).click();
  await bob.page.keyboard.press('Escape');
  await ann.goto('/');
  await ann.openChat('Bob');
  await ann
    .message('Where is that?')
    .getByRole('button', { name: `Answer to a status: Your status ${WORDS}` })
    .waitFor();
  await ann
    .message('❤️')
    .getByRole('button', { name: `Reaction to a status: Your status ${CAPTION}` })
    .waitFor();
});

it('what was answered opens from the chat, by hand and by the menu, and the message has the focus afterwards', async () => {
  await openHeld(ann, quoteIn(ann, '❤️'));
  await viewer(ann).getByText(CAPTION).waitFor();
  await viewer(ann).getByRole('heading', { name: 'My status' }).waitFor();
  await ann.page.keyboard.press('Escape');
  await viewer(ann).waitFor({ state: 'detached' });
  await gainsFocus(ann.message('❤️'));
  await ann.page.keyboard.press('Enter');
  await openHeld(ann, ann.page.getByRole('menuitem', { name: 'Show the status' }));
  await viewer(ann).getByText(CAPTION).waitFor();
  await ann.page.keyboard.press('Escape');

  await bob.goto('/');
  await bob.openChat('Ann');
  await openHeld(bob, quoteIn(bob, '❤️'));
  await viewer(bob).getByText(CAPTION).waitFor();
  await viewer(bob).getByRole('heading', { name: 'Ann' }).waitFor();
  await bob.page.keyboard.press('Escape');
  await bob.goto('/');
  await openStatuses(bob);
});

it('a film is silent until somebody wants to hear it, by button or key', async () => {
  const isMuted = () =>
    viewer(bob)
      .locator('video')
      .evaluate((video: HTMLVideoElement) => video.muted);
  await watch(bob, 'Ann');
  await viewer(bob).getByText(WORDS).waitFor();
  expect(await viewer(bob).getByRole('button', { name: 'Sound on', exact: true }).count()).toBe(0);
  await bob.page.keyboard.press('ArrowRight');
  await viewer(bob).getByText(CAPTION).waitFor();
  await bob.page.keyboard.press('ArrowRight');
  await viewer(bob).getByRole('button', { name: 'Sound on', exact: true }).waitFor();
  expect(await isMuted()).toBe(true);
  await bob.page.keyboard.press('m');
  await viewer(bob).getByRole('button', { name: 'Sound off', exact: true }).waitFor();
  expect(await isMuted()).toBe(false);
  // What follows is heard too; and it plays aloud, or the browser would have taken the sound away.
  await bob.page.keyboard.press('ArrowLeft');
  await viewer(bob).getByText(CAPTION).waitFor();
  await bob.page.keyboard.press('ArrowRight');
  await viewer(bob).getByRole('button', { name: 'Sound off', exact: true }).waitFor();
  await viewer(bob).getByLabel('Reply to Ann').pressSequentially('mmm');
  await viewer(bob).getByRole('button', { name: 'Sound off', exact: true }).waitFor();
  await viewer(bob).getByLabel('Reply to Ann').clear();
  const played = viewer(bob).locator('video').evaluate(playsAloud);
  await bob.page.getByRole('button', { name: 'Go on', exact: true }).click();
  await played;
  await viewer(bob).waitFor({ state: 'detached' });
});

it('who is muted goes below the others, on all own devices, until that is taken back', async () => {
  await bob.page.getByRole('button', { name: 'Mute Ann', exact: true }).click();
  await bob.page.getByRole('heading', { name: 'Muted' }).waitFor();
  await bob.page.getByRole('button', { name: 'Unmute Ann', exact: true }).click();
  await bob.page.getByRole('heading', { name: 'Viewed' }).waitFor();
});

it('what is deleted early is gone where it was, also from under whoever looks at it', async () => {
  await openStatuses(phone);
  await watch(cleo, 'Ann');
  await watchMine(phone);
  await phone.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await phone.page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await phone.page.getByText('Status deleted').waitFor();
  await cleo.page.keyboard.press('Escape');
  for (const person of [bob, cleo])
    await lookUntil(person.page, 'statuses', null, ({ others: [of] }) => of?.segments.length === 2);
  await quoteIn(ann, 'Where is that?').click();
  await ann.page.getByText('This status is over. It was shared').waitFor();
  expect(await viewer(ann).count()).toBe(0);
  await phone.page.keyboard.press('Escape');
});

it('what is shared off line says so, and goes out later', async () => {
  await openStatuses(ann);
  await world().relay.kill();
  await ann.page.getByText('You’re offline.').first().waitFor();
  await ann.page.getByRole('link', { name: 'Add a status' }).click();
  await ann.page.getByText('It goes out when you’re back').waitFor();
  await ann.page.getByLabel('Your text').fill('From the tunnel');
  await ann.page.getByRole('button', { name: 'Share', exact: true }).click();
  await ann.page.getByText('Saved. It goes out when you are back on line.').waitFor();
  await world().relay.start();
  await ring(bob, 'Ann')
    .and(bob.page.getByRole('button', { name: /1 new of 3 updates/ }))
    .waitFor({ timeout: 120_000 });
});
