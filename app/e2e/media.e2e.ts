/** "Photos, films and files between two people": what arrives is what was sent, and nothing of where it was taken. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { stripImage } from '../lib/media/image-type.ts';
import { withoutFilePicker } from './world/devices.ts';
import {
  choose,
  drawPicture,
  jpeg,
  recordedFor,
  sendTray,
  sendings,
  shootFilm,
  tray,
  withExif,
} from './world/media.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld({ media: true });
const CANARY = 'GPS-canary 48.8584 N 2.2945 E';
/** Megabytes take their time on a busy machine. */
const PATIENCE = 90_000;
const FLAGS = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann', { flags: FLAGS });
  bob = await world().arrive('Bob', { flags: FLAGS });
  for (const person of [ann, bob]) await withoutFilePicker(person);
  await Promise.all([ann.onboard(), bob.onboard()]);
  await befriend(ann, bob);
});

it('a photo of 5 MB arrives byte for byte as it was prepared, and where it was taken is nowhere', async () => {
  const taken = await drawPicture(ann.page, { width: 3000, height: 2200, hue: 200, noise: 220 });
  const photo = withExif(taken, CANARY);
  expect(photo.length).toBeGreaterThan(5_000_000);
  await choose(ann, 'media', [jpeg('holiday.jpg', photo)]);
  await tray(ann.page).getByText('Original').click();
  await sendTray(ann, 'The original');
  await open(bob, 'The original');
  const received = await save(bob, bob.page.getByRole('button', { name: 'Save', exact: true }));
  await bob.page.keyboard.press('Escape');
  expect(received.includes(CANARY)).toBe(false);
  expect(hashOf(received)).toBe(hashOf(stripImage(photo) ?? photo));
  const stored = await world().storage.disk();
  for (const bytes of [CANARY, 'holiday.jpg', 'The original']) expect(stored.includes(bytes), bytes).toBe(false);
});

it('in standard quality it is drawn anew, smaller, turned and without what was said about it', async () => {
  const photo = withExif(await drawPicture(ann.page, { width: 3000, height: 1500, hue: 90 }), CANARY);
  await choose(ann, 'media', [jpeg('holiday.jpg', photo)]);
  await sendTray(ann, 'Drawn anew');
  await open(bob, 'Drawn anew');
  const shown = bob.page.getByRole('dialog').getByRole('img', { name: 'Photo', exact: true });
  await expect
    .poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: PATIENCE })
    .toBe(2048);
  const received = await save(bob, bob.page.getByRole('button', { name: 'Save', exact: true }));
  await bob.page.keyboard.press('Escape');
  expect(received.subarray(8, 12).toString()).toBe('WEBP');
  expect(received.includes(CANARY)).toBe(false);
});

it('a document arrives as it is, under its name, and is saved rather than opened', async () => {
  const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(300_000, 7)]);
  await choose(ann, 'file', [{ name: 'minutes.pdf', mimeType: 'application/pdf', buffer: bytes }]);
  await sendTray(ann);
  await bob
    .message('minutes.pdf')
    .getByRole('button', { name: /^Download/ })
    .click();
  const button = bob.message('minutes.pdf').getByRole('button', { name: 'Save: minutes.pdf' });
  expect(hashOf(await save(bob, button))).toBe(hashOf(bytes));
});

it('a film plays without having been downloaded, from the service worker', async () => {
  await bob.canGoOffline();
  const film = await shootFilm(ann.page, 3);
  await choose(ann, 'media', [{ name: 'square.webm', mimeType: 'video/webm', buffer: film }]);
  await sendTray(ann, 'It moves');
  await bob
    .message('It moves')
    .getByRole('button', { name: /^Open Video/ })
    .click();
  const video = bob.page.getByRole('dialog').locator('video');
  await video.evaluate((element: HTMLVideoElement) => element.play());
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime), { timeout: PATIENCE })
    .toBeGreaterThan(0.5);
  expect(await video.evaluate((element: HTMLVideoElement) => new URL(element.src).pathname)).toMatch(/^\/_media\//);
  await bob.page.keyboard.press('Escape');
});

it('what is dropped on the chat or pasted into the box is looked at once more, in order', async () => {
  const picture = await drawPicture(ann.page, { width: 400, height: 300, hue: 20 });
  await drop(ann, [
    { name: 'first.jpg', type: 'image/jpeg', base64: picture.toString('base64') },
    { name: 'notes.txt', type: 'text/plain', base64: Buffer.from('remember').toString('base64') },
  ]);
  await tray(ann.page).waitFor();
  await tray(ann.page).getByRole('button', { name: 'Move back: first.jpg' }).click();
  await sendTray(ann, 'Dropped');
  await bob.message('Dropped').getByText('notes.txt').waitFor();
  await paste(ann, { name: 'shot.jpg', type: 'image/jpeg', base64: picture.toString('base64') });
  await sendTray(ann, 'Pasted');
  await open(bob, 'Pasted');
  await bob.page.keyboard.press('Escape');
});

it('a voice message is recorded, listened to, sent and played', async () => {
  await ann.page.getByRole('button', { name: 'Record a voice message' }).click();
  await recordedFor(ann.page, '0:02');
  await ann.page.getByRole('button', { name: 'Stop', exact: true }).click();
  await ann.page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await ann.page.getByRole('button', { name: 'Send voice message' }).click();
  await bob.messages.getByRole('button', { name: 'Play: Voice message' }).last().click();
  await bob.messages.getByRole('button', { name: 'Pause: Voice message' }).waitFor();
  await bob.messages.getByRole('button', { name: 'Speed: 1×' }).click();
  await bob.messages.getByRole('button', { name: 'Speed: 1.5×' }).waitFor();
});

it('what is sent to be viewed once is gone when it was viewed', async () => {
  await choose(ann, 'media', [jpeg('once.jpg', await drawPicture(ann.page, { width: 600, height: 400, hue: 300 }))]);
  await tray(ann.page).getByRole('switch', { name: 'View once' }).click();
  await sendTray(ann);
  await bob.messages.getByRole('button', { name: /Tap to view once/ }).click();
  await bob.page.getByRole('dialog').getByRole('img', { name: 'Photo', exact: true }).waitFor();
  await bob.page.keyboard.press('Escape');
  await bob.messages.getByText('Opened').waitFor();
});

it('a photo is forwarded to a note to self, marked as such', async () => {
  await bob.choose('The original', 'Forward');
  await bob.page.getByRole('checkbox', { name: 'Note to self' }).check();
  await bob.page.getByRole('button', { name: 'Forward to 1 chat' }).click();
  await bob.page.getByRole('button', { name: 'Show', exact: true }).click();
  await bob.message('The original').getByText('Forwarded').waitFor();
  await bob.openChat('Ann');
});

it('what cannot be a message is refused in words before it is sent', async () => {
  await choose(ann, 'media', [{ name: 'raw.heic', mimeType: 'image/heic', buffer: Buffer.alloc(5000, 3) }]);
  await tray(ann.page).getByText('This browser cannot read this picture').waitFor();
  expect(await tray(ann.page).getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
  await ann.page.keyboard.press('Escape');
});

it('what media take is seen by chat, and freed without losing a message', async () => {
  await bob.goto('/settings/storage');
  await bob.page.getByRole('button', { name: 'Free what Ann takes' }).click();
  await bob.page.getByRole('alertdialog').getByRole('button', { name: 'Free', exact: true }).click();
  await bob.page.getByText(/ freed$/).waitFor();
  await bob.goto('/');
  await bob.openChat('Ann');
  await bob
    .message('The original')
    .getByRole('button', { name: /^Download/ })
    .click();
  await open(bob, 'The original');
  await bob.page.keyboard.press('Escape');
  expect(await sendings(ann).count()).toBe(0);
});

it('all of a chat is found by its sort, and leads back to the message', async () => {
  await bob.send('The route is at https://example.org/route?day=2');
  await bob.page.getByRole('link', { name: 'Ann', exact: false }).and(bob.page.locator('.who')).click();
  await bob.page.getByRole('link', { name: /^Media, files and links/ }).click();
  const tab = (name: string): Locator => bob.page.getByRole('tab', { name, exact: true });
  const grid = bob.page.getByRole('tabpanel', { name: 'Photos & videos', exact: true });
  await grid.getByRole('button', { name: /^Open Video/ }).waitFor();
  await grid
    .getByRole('button', { name: /^Open Photo/ })
    .first()
    .focus();
  await bob.page.keyboard.press('End');
  await bob.page.keyboard.press('ArrowLeft');
  expect(await bob.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(/^Open Photo/);
  await tab('Photos & videos').press('ArrowRight');
  await bob.page.getByRole('tabpanel', { name: 'Files', exact: true }).getByText('minutes.pdf').waitFor();
  await tab('Voice').click();
  await bob.page.getByRole('button', { name: /: Voice message$/ }).waitFor();
  await tab('Links').click();
  const links = bob.page.getByRole('tabpanel', { name: 'Links', exact: true });
  expect(await links.getByRole('link', { name: /example\.org/ }).getAttribute('href')).toBe(
    'https://example.org/route?day=2',
  );
  await links.getByRole('link', { name: /^Show in chat/ }).click();
  await bob.message('The route is at').waitFor();
});

it('what the storage server lost comes from whoever still has it', async () => {
  await choose(ann, 'file', [{ name: 'lost.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(150_000, 9) }]);
  await sendTray(ann);
  await bob.message('lost.pdf').waitFor();
  const { storage } = world();
  await storage.kill();
  for (const file of await storage.files()) if (file.includes('content')) await rm(file);
  await storage.start();
  const message = bob.message('lost.pdf');
  await message.getByRole('button', { name: /^Download/ }).click();
  await message.getByText('The storage server does not have it any more.').waitFor();
  await message.getByRole('button', { name: /^Ask the sender’s devices/ }).click();
  const saved = await save(bob, message.getByRole('button', { name: 'Save: lost.pdf', exact: true }));
  expect(hashOf(saved)).toBe(hashOf(Buffer.alloc(150_000, 9)));
});

/** Opens the picture of a message, when it is drawn. */
async function open(person: Person, caption: string): Promise<void> {
  const message = person.message(caption);
  await message.locator('img.whole.drawn').waitFor({ timeout: PATIENCE });
  await message.getByRole('button', { name: /^Open Photo/ }).click();
  await person.page.getByRole('dialog').locator('img.whole').waitFor({ timeout: PATIENCE });
}

async function save({ page }: Person, button: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: PATIENCE }), button.click()]);
  return readFile(await download.path());
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

interface Held {
  readonly name: string;
  readonly type: string;
  readonly base64: string;
}

/** A hand full of files, as a drag or a clipboard holds them. */
function hold(page: Page, files: readonly Held[]) {
  return page.evaluateHandle((held) => {
    const transfer = new DataTransfer();
    for (const { name, type, base64 } of held) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    return transfer;
  }, files);
}

async function drop(person: Person, files: readonly Held[]): Promise<void> {
  const dataTransfer = await hold(person.page, files);
  await person.messages.dispatchEvent('dragenter', { dataTransfer });
  await person.page.getByText('Drop to send').waitFor();
  await person.messages.dispatchEvent('drop', { dataTransfer });
}

async function paste(person: Person, file: Held): Promise<void> {
  const transfer = await hold(person.page, [file]);
  await person.box.evaluate((box, clipboardData) => {
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, transfer);
}
