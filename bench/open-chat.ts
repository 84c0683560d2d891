/** How soon is a chat of 100,000 messages on the screen of a real browser, and does the UI thread ever hang? */
import type { Page } from 'playwright-core';
import { Person } from '../app/e2e/world/person.ts';
import { RelayProcess } from '../sync/test/real/relay-process.ts';
import { webApp } from '../app/e2e/world/web-app.ts';
import { RARE_WORD } from './chat-history.ts';
import { PASSPHRASE, type SeededDevice, seedDevice } from './seeded-device.ts';
import { moveDevice } from './open-chat/move.ts';
import { type Longest, longestTasks } from './open-chat/ui-thread.ts';
import { type BenchTable, median, short } from './table.ts';

const LENGTHS = [1000, 100_000] as const;
const ROUNDS = 5;
/** Turns of the wheel in one round of scrolling back: some 1,500 messages. */
const WHEELS = 100;
/** A task of the UI thread that takes longer is one too long, in milliseconds of CPU. */
const TASK_LIMIT = 50;
/** In its first second a new browser process starts pages of its own (the address bar's popup), with 300 ms of work. */
const BROWSER_STARTS = 1500;
/** Most that a browser takes to be done with a database that was moved in. */
const SETTLES = 180_000;
const TIMES = ['cold open', 'open from the list', 'search the oldest message'] as const;
const TASKS = ['cold open', 'open from the list', 'scroll back', 'search'] as const;

interface Results {
  readonly times: Record<(typeof TIMES)[number], number[]>;
  readonly tasks: Record<(typeof TASKS)[number], Longest[]>;
}

/** A new browser process each round; the two lengths take turns within one run. */
export async function run(): Promise<BenchTable> {
  const relay = await RelayProcess.create({ SECURECHAT_WEB_ROOT: await webApp() });
  const people: Person[] = [];
  try {
    const devices: Device[] = [];
    for (const length of LENGTHS) devices.push(await prepare(relay, length, people));
    for (let round = 0; round < ROUNDS; round += 1) for (const device of devices) await measure(device);
    return toTable(devices.map(({ results }) => results) as [Results, Results]);
  } finally {
    await Promise.all(people.map((person) => person.destroy()));
    await relay.destroy();
  }
}

interface Device {
  readonly person: Person;
  readonly seeded: SeededDevice;
  readonly results: Results;
}

/** A browser profile that holds a chat of this length, without a lock, and with the service worker in place. */
async function prepare(relay: RelayProcess, length: number, people: Person[]): Promise<Device> {
  await relay.kill();
  const seeded = await seedDevice(relay.url, length);
  await relay.start();
  const person = await Person.create('Ann', relay.url);
  people.push(person);
  await person.goto('/robots.txt');
  await moveDevice(seeded, person.page);
  await person.goto('/settings');
  await person.page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await person.page.keyboard.press('Enter');
  await person.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await person.page.getByRole('dialog').getByLabel('Current passphrase').fill(PASSPHRASE);
  await person.page.keyboard.press('Enter');
  // The database was just written, all of it: the browser may still be busy with that.
  await person.page.getByText('Passphrase removed').waitFor({ timeout: SETTLES });
  await person.canGoOffline();
  // The browser keeps compiled code from the second visit on: what is measured is everyday life.
  await person.restartBrowser(`/chat/${seeded.chatId}`);
  await person.sees(seeded.last);
  return { person, seeded, results: emptyResults() };
}

async function measure({ person, seeded, results: { times, tasks } }: Device): Promise<void> {
  await person.restartBrowser();
  const { page } = person;
  await page.waitForTimeout(BROWSER_STARTS);
  // tsx wraps named functions in a helper that the page does not know.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.addInitScript(watchPaint, seeded.last);
  const watched = async (name: (typeof TASKS)[number], work: () => Promise<void>): Promise<void> => {
    tasks[name].push(await longestTasks(page, work));
  };
  await watched('cold open', async () => {
    await person.goto(`/chat/${seeded.chatId}`);
    times['cold open'].push(await painted(page));
  });
  await watched('scroll back', () => scrollBack(page));
  await person.goto('/');
  await person.chat('Note to self').waitFor();
  await watched('open from the list', async () => {
    const start = await now(page);
    await person.chat('Note to self').click();
    times['open from the list'].push((await painted(page)) - start);
  });
  await watched('search', async () => {
    times['search the oldest message'].push(await search(person));
  });
}

/** `painted` resolves when the newest message is in the list and a frame with it was made. Runs in the page. */
function watchPaint(last: string): void {
  let resolve: (at: number) => void;
  Object.assign(globalThis, {
    painted: new Promise<number>((done) => {
      resolve = done;
    }),
  });
  const look = (): void => {
    const list = document.querySelector('[role="region"][aria-label="Messages"] ol');
    if (list?.lastElementChild?.textContent.includes(last) !== true) return void requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  };
  requestAnimationFrame(look);
}

/** Milliseconds from the start of the page's load. Past Playwright, whose own script in the page is a long task. */
async function painted(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  const { result } = await devtools.send('Runtime.evaluate', { expression: 'painted', awaitPromise: true });
  await devtools.detach();
  return Number(result.value);
}

/** Turns the wheel as fast as the page draws. */
async function scrollBack(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Messages' }).hover();
  for (let turn = 0; turn < WHEELS; turn += 1) {
    await page.mouse.wheel(0, -1200);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** Milliseconds from the first letter to the hit. */
async function search({ page, chatList }: Person): Promise<number> {
  const box = page.getByRole('searchbox', { name: 'Search messages and people' });
  await box.focus();
  const start = await now(page);
  await box.pressSequentially(RARE_WORD);
  await chatList.getByRole('button', { name: new RegExp(RARE_WORD) }).waitFor();
  return (await now(page)) - start;
}

function now(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

function emptyResults(): Results {
  const lists = (names: readonly string[]): unknown => Object.fromEntries(names.map((name) => [name, []]));
  return { times: lists(TIMES), tasks: lists(TASKS) } as Results;
}

function toTable([small, large]: [Results, Results]): BenchTable {
  const row = (name: string, a: number, b: number): BenchTable['rows'][number] => [
    name,
    short(a),
    short(b),
    short(b / a),
  ];
  const longest = ({ tasks }: Results, name: (typeof TASKS)[number], by: 'clock' | 'cpu'): number =>
    Math.max(...tasks[name].map((task) => task[by]));
  const taskRows = (by: 'clock' | 'cpu'): BenchTable['rows'] =>
    TASKS.map((name) => row(`longest UI task, ${by}: ${name}`, longest(small, name, by), longest(large, name, by)));
  return {
    title: 'A chat on the screen of Chromium',
    columns: ['milliseconds', 'at 1,000', 'at 100,000', 'ratio'],
    rows: [
      ...TIMES.map((name) => row(name, median(small.times[name]), median(large.times[name]))),
      ...taskRows('clock'),
      ...taskRows('cpu'),
    ],
    notes: [
      `times are medians of ${String(ROUNDS)} rounds, tasks the longest of all rounds; the lengths take turns`,
      'cold open: a new browser process that has settled, from the start of the load to the painted newest page, engine and all',
      'search: from the first of the letters to the hit in the oldest message; scroll back: 100 turns of the wheel',
      'clock: what a person feels, and on a busy machine the wait for a core, too; cpu: the work of the task itself',
      ...[small, large].flatMap(overLimit),
      'a note to self, made by the engine in Node and moved byte for byte into the profile; relay on this machine',
    ],
  };
}

/** Of every round whose longest task was too long, what that task did. */
function overLimit({ tasks }: Results, index: number): string[] {
  return TASKS.flatMap((name) =>
    tasks[name]
      .filter(({ cpu }) => cpu > TASK_LIMIT)
      .map(
        ({ cpu, work }) =>
          `over ${String(TASK_LIMIT)} ms of CPU at ${String(LENGTHS[index])}, ${name}: ${String(short(cpu))} (${work})`,
      ),
  );
}
