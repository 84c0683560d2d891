/** "After a day nothing of it is left": on any device, one that was off among them, and on no server. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { look, lookUntil } from './world/inside.ts';
import { MOVABLE, restartLater, serveLater } from './world/later.ts';
import { copiesOf } from './world/made-device.ts';
import { drawPicture, jpeg } from './world/media.ts';
import { type Opened, openUp } from '../../sync/test/real/opened.ts';
import { readFiles, readStorage } from './world/database.ts';
import type { Person } from './world/person.ts';
import { openStatuses, ring, shareFiles, shareWords, viewer, watch } from './world/statuses.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld({ media: true });
const WORDS = 'canary status words 5d1c';
const CAPTION = 'canary status caption 77f0';
const DAY = 24 * 3_600_000;
const LATER = DAY + 60_000;

let ann: Person;
let bob: Person;
/** Her device is off when the day is over. */
let cleo: Person;
let removeApp = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  [ann, bob, cleo] = [
    await world().arrive('Ann', MOVABLE),
    await world().arrive('Bob', MOVABLE),
    await world().arrive('Cleo', MOVABLE),
  ];
  for (const person of [ann, bob, cleo]) await person.onboard();
  for (const person of [bob, cleo]) await befriend(ann, person);
});

afterAll(() => removeApp());

it(
  'after 24 hours nothing of a status is left on any device or server, also where it was off meanwhile',
  { timeout: 600_000 },
  async () => {
    const before = await opened();
    await openStatuses(ann);
    await shareWords(ann, WORDS);
    const picture = jpeg('view.jpg', await drawPicture(ann.page, { width: 900, height: 900, hue: 20, noise: 90 }));
    await shareFiles(ann, [{ file: picture, caption: CAPTION }]);
    for (const person of [bob, cleo]) await see(person);
    const blob = await sealedFile();

    // Everything is where it is to be, and the search finds it there.
    const during = await opened();
    for (const [i, person] of [ann, bob, cleo].entries()) {
      expect(during[i]?.rows.includes(WORDS), person.name).toBe(true);
      expect(during[i]?.rows.includes(CAPTION), person.name).toBe(true);
      expect(added(before[i], during[i]).length, person.name).toBeGreaterThan(0);
      expect((await readFiles(person.browser.folder)).includes(blob), person.name).toBe(true);
    }

    // A day later. Cleo's device was off until now, and she sees nothing of it, at no moment.
    await cleo.browser.close();
    removeApp = await serveLater(world(), LATER);
    for (const person of [ann, bob]) {
      await restartLater(person, LATER);
      await person.goto('/');
    }
    await expect.poll(async () => (await world().storage.disk()).includes(blob), { timeout: 120_000 }).toBe(false);
    await restartLater(cleo, LATER);
    await noteCanaries(cleo);
    await cleo.goto('/status');
    await cleo.page.getByRole('heading', { name: 'No status yet' }).waitFor();
    expect(await cleo.page.evaluate(() => (globalThis as { shown?: boolean }).shown)).toBe(false);

    for (const person of [ann, bob, cleo]) await isOver(person);
    const after = await opened();
    for (const [i, person] of [ann, bob, cleo].entries()) {
      expect(after[i]?.rows.includes(WORDS), person.name).toBe(false);
      expect(after[i]?.rows.includes(CAPTION), person.name).toBe(false);
      const left = added(before[i], during[i]).filter((name) => after[i]?.documents.has(name));
      expect(left, person.name).toEqual([]);
      const page = await readStorage(person.page);
      await person.browser.close();
      const disk = await readFiles(person.browser.folder);
      expect(disk.includes(blob), person.name).toBe(false);
      for (const canary of [WORDS, CAPTION])
        for (const bytes of [page, disk]) expect(bytes.includes(canary), person.name).toBe(false);
    }
    for (const server of [world().relay, world().storage])
      for (const canary of [WORDS, CAPTION, blob]) expect((await server.disk()).includes(canary)).toBe(false);
  },
);

async function opened(): Promise<readonly Opened[]> {
  const copies = await copiesOf(ann, bob, cleo);
  return Promise.all(copies.map((copy) => openUp(copy)));
}

/** The documents that were not there before. */
function added(before: Opened | undefined, after: Opened | undefined): string[] {
  return [...(after?.documents ?? [])].filter((name) => before?.documents.has(name) === false);
}

async function see(person: Person): Promise<void> {
  await openStatuses(person);
  await ring(person, 'Ann')
    .and(person.page.getByRole('button', { name: /2 new of 2/ }))
    .waitFor();
  await watch(person, 'Ann');
  await viewer(person).getByText(WORDS).waitFor();
  await person.page.keyboard.press('ArrowRight');
  await viewer(person).getByText(CAPTION).waitFor();
  await viewer(person).getByRole('img', { name: 'Photo', exact: true }).waitFor();
  await person.page.keyboard.press('Escape');
}

/** A stretch of the sealed file as the storage server has it; devices keep the same bytes. */
async function sealedFile(): Promise<Buffer> {
  const files = (await world().storage.files()).filter((file) => !/\.(sqlite|db)/.test(file));
  const blobs = await Promise.all(files.map((file) => readFile(file)));
  const [largest] = blobs.sort((a, b) => b.length - a.length);
  return largest?.subarray(4096, 4096 + 64) ?? Buffer.alloc(0);
}

/** From now on it is noted whether anything of the status is ever on the page. */
async function noteCanaries({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    Object.assign(globalThis, { shown: false });
    new MutationObserver(() => {
      if (/canary|Recent|Viewed/.test(document.querySelector('body')?.textContent ?? ''))
        Object.assign(globalThis, { shown: true });
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
}

async function isOver({ page }: Person): Promise<void> {
  await lookUntil(page, 'statuses', null, ({ mine, others }) => mine.segments.length === 0 && others.length === 0);
  expect(await look(page, 'statusesOf', { accountId: '' })).toEqual([]);
}
