/** "Hands on media": what fingers and a dragging mouse do with voice messages, pictures and the tray. */
import type { Locator } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { withoutFilePicker } from './world/devices.ts';
import { Fingers, middleOf } from './world/fingers.ts';
import { SIZES } from './world/looks.ts';
import { choose, drawPicture, jpeg, recordedFor, sendTray, tray } from './world/media.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld({ media: true });
const FLAGS = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

let ann: Person;
let fingers: Fingers;

beforeAll(async () => {
  ann = await world().arrive('Ann', { flags: FLAGS, viewport: SIZES.phone, hasTouch: true });
  await withoutFilePicker(ann);
  await ann.onboard();
  await ann.openChat('Note to self');
  fingers = await Fingers.on(ann.page);
});

it('a finger records for as long as it is there; slid aside nothing is sent, slid up it goes on by itself', async () => {
  const { page } = ann;
  const button = page.getByRole('button', { name: 'Record a voice message', exact: true });
  const notes = ann.messages.getByRole('button', { name: 'Play: Voice message', exact: true });
  const hold = async (): Promise<{ readonly x: number; readonly y: number }> => {
    const at = await middleOf(button);
    await fingers.down(at);
    await page.getByText('Slide to cancel, up to lock').waitFor();
    await recordedFor(page, '0:01');
    return at;
  };
  const aside = await hold();
  await fingers.slide({ x: aside.x - 150, y: aside.y });
  await fingers.up();
  await ann.box.waitFor();

  await hold();
  await fingers.up();
  await notes.waitFor();
  expect(await notes.count()).toBe(1);

  const locked = await hold();
  await fingers.slide({ x: locked.x, y: locked.y - 120 });
  await fingers.up();
  await page.getByRole('img', { name: 'Locked: keeps recording' }).waitFor();
  await recordedFor(page, '0:03');
  await page.getByRole('button', { name: 'Send voice message', exact: true }).click();
  await expect.poll(() => notes.count(), { timeout: 60_000 }).toBe(2);
});

it('what is in the tray is put in order by dragging', async () => {
  const { page } = ann;
  const picture = (hue: number): Promise<Buffer> => drawPicture(page, { width: 600, height: 400, hue });
  await page.setViewportSize(SIZES.desktop);
  await choose(ann, 'media', [
    jpeg('one.jpg', await picture(10)),
    jpeg('two.jpg', await picture(120)),
    jpeg('three.jpg', await picture(230)),
  ]);
  await tray(page).getByText('in all').waitFor();
  const item = (place: number, name: string): Locator =>
    tray(page).getByRole('group', { name: `${String(place)} of 3: ${name}`, exact: true });
  await item(3, 'three.jpg').dragTo(item(1, 'one.jpg'));
  await item(1, 'three.jpg').waitFor();
  await item(2, 'one.jpg').waitFor();
  await page.setViewportSize(SIZES.phone);
  await sendTray(ann, 'In order');
});

it('two fingers look closer at a picture, one moves and leafs', async () => {
  const { page } = ann;
  const message = ann.message('In order');
  await message.getByRole('button', { name: /^Open Photo.*1 of 3/ }).click();
  const dialog = page.getByRole('dialog');
  const picture = dialog.locator('.picture');
  await dialog.locator('img.whole').waitFor();
  const at = await middleOf(dialog.locator('.stage'));
  const scale = (): Promise<number> =>
    picture.evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
  const beside = (by: number) =>
    [
      { x: at.x - by, y: at.y },
      { x: at.x + by, y: at.y },
    ] as const;
  expect(await scale()).toBe(1);
  await fingers.down(...beside(30));
  await fingers.slide(...beside(90));
  await fingers.up();
  expect(await scale()).toBeGreaterThan(2);
  // Zoomed, a finger moves the picture and does not leaf.
  await fingers.down(at);
  await fingers.slide({ x: at.x - 120, y: at.y });
  await fingers.up();
  await dialog.getByText(/^1 of 3/).waitFor();
  await fingers.down(...beside(120));
  await fingers.slide(...beside(20));
  await fingers.up();
  expect(await scale()).toBe(1);
  await fingers.down(at);
  await fingers.slide({ x: at.x - 140, y: at.y });
  await fingers.up();
  await dialog.getByText(/^2 of 3/).waitFor();
  await fingers.down({ x: at.x, y: at.y - 100 });
  await fingers.slide({ x: at.x, y: at.y + 160 });
  await fingers.up();
  await dialog.waitFor({ state: 'detached' });
});
