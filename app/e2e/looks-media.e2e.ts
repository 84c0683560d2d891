/** How media look, at phone and desktop width, light and dark. */
import { rm } from 'node:fs/promises';
import { beforeAll, it } from 'vitest';
import { declineInstall, look } from './world/looks.ts';
import { choose, drawPicture, jpeg, recordedFor, sendTray, sendings, shootFilm, tray } from './world/media.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld({ media: true });
const FLAGS = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann', { flags: FLAGS });
  bob = await world().arrive('Bob');
  await Promise.all([ann, bob].map(({ context }) => declineInstall(context)));
  await Promise.all([ann.onboard(), bob.onboard()]);
  await befriend(ann, bob);
});

it('the tray', async () => {
  const pictures = await Promise.all(
    [10, 90, 200, 280, 330].map(async (hue, i) =>
      jpeg(`landscape-${String(i)}.jpg`, await drawPicture(ann.page, { width: 1600, height: 1000 + i * 200, hue })),
    ),
  );
  await choose(ann, 'media', pictures);
  await tray(ann.page).getByText('in all').waitFor();
  await look(ann.page, 'media-tray');
  await sendTray(ann, 'From the walk on Sunday');
});

it('an album, a film and files in a conversation', async () => {
  await bob.message('From the walk on Sunday').waitFor();
  await choose(bob, 'media', [jpeg('one.jpg', await drawPicture(bob.page, { width: 1600, height: 1200, hue: 150 }))]);
  await sendTray(bob);
  const film = await shootFilm(bob.page, 3);
  await choose(bob, 'media', [{ name: 'square.webm', mimeType: 'video/webm', buffer: film }]);
  await sendTray(bob, 'It moves');
  await ann.message('It moves').waitFor();
  await choose(bob, 'file', [
    { name: 'Minutes of the meeting.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(240_000, 'pdf') },
    { name: 'accounts-2026.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.alloc(48_000, 'x') },
  ]);
  await sendTray(bob, 'As promised');
  await ann.message('As promised').waitFor();
  await look(ann.page, 'media-chat');
  await look(bob.page, 'media-chat-other');
});

it('the gallery', async () => {
  await ann.page
    .getByRole('button', { name: /^Open Photo/ })
    .first()
    .click();
  await ann.page.getByRole('button', { name: 'Next', exact: true }).waitFor();
  await look(ann.page, 'media-gallery');
  await ann.page.keyboard.press('Escape');
});

it('a voice message that is being recorded, one before it goes, and one that is there', async () => {
  await ann.page.getByRole('button', { name: 'Record a voice message' }).click();
  await recordedFor(ann.page, '0:02');
  await look(ann.page, 'media-recording');
  await ann.page.getByRole('button', { name: 'Stop', exact: true }).click();
  await ann.page.getByRole('button', { name: 'Play', exact: true }).first().waitFor();
  await look(ann.page, 'media-recorded');
  await ann.page.getByRole('button', { name: 'Send voice message' }).click();
  await bob.messages.getByRole('button', { name: 'Play: Voice message' }).waitFor();
  await bob.messages.getByRole('button', { name: 'Play: Voice message' }).click();
  await look(bob.page, 'media-voice');
});

it('all of a chat by its sort', async () => {
  await ann.send('The hut: https://example.org/huts/42?season=winter and https://maps.example/route');
  await bob.message('The hut').waitFor();
  const chat = new URL(ann.page.url()).pathname;
  await ann.goto(`${chat}/media`);
  await ann.page.getByRole('button', { name: /^Open Video/ }).waitFor();
  await look(ann.page, 'media-all-pictures');
  for (const [name, shot] of [
    ['Files', 'files'],
    ['Links', 'links'],
    ['Voice', 'voice'],
  ] as const) {
    await ann.page.getByRole('tab', { name, exact: true }).click();
    await ann.page
      .getByRole('link', { name: /^Show in chat/ })
      .first()
      .waitFor();
    await look(ann.page, `media-all-${shot}`);
  }
  await ann.goto(chat);
  await ann.box.waitFor();
});

it('what is on its way', async () => {
  await world().storage.kill();
  const picture = jpeg('late.jpg', await drawPicture(ann.page, { width: 900, height: 600, hue: 250 }));
  await choose(ann, 'media', [picture]);
  await sendTray(ann, 'Later');
  await choose(ann, 'file', [{ name: 'plan.zip', mimeType: 'application/zip', buffer: Buffer.alloc(3_000_000, 1) }]);
  await sendTray(ann);
  await sendings(ann).getByText('Waiting for a connection').last().waitFor();
  await sendings(ann)
    .getByRole('button', { name: /^Pause/ })
    .last()
    .click();
  await sendings(ann).getByText('Paused').waitFor();
  await look(ann.page, 'media-sending');
  await world().storage.start();
  await sendings(ann)
    .getByRole('button', { name: /^Go on/ })
    .click();
  await bob.message('Later').waitFor();
});

it('the storage screen', async () => {
  await ann.goto('/settings/storage');
  await ann.page.getByText('Bob').last().waitFor();
  await look(ann.page, 'media-storage');
});

it('what the storage server lost', async () => {
  const { storage } = world();
  await ann.goto('/');
  await ann.openChat('Bob');
  await choose(bob, 'file', [{ name: 'lost.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(150_000, 9) }]);
  await sendTray(bob, 'Lost');
  await ann.message('Lost').waitFor();
  await storage.kill();
  for (const file of await storage.files()) if (file.includes('content')) await rm(file);
  await storage.start();
  await bob.context.setOffline(true);
  const message = ann.message('Lost');
  await message.getByRole('button', { name: /^Download/ }).click();
  await message.getByRole('button', { name: /^Ask the sender’s devices/ }).waitFor();
  await look(ann.page, 'media-lost');
  await message.getByRole('button', { name: /^Ask the sender’s devices/ }).click();
  await message.getByText('Asking…').waitFor();
  await look(ann.page, 'media-asking');
  await bob.context.setOffline(false);
  await message.getByRole('button', { name: /^Save/ }).waitFor();
});
