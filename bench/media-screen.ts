/** Does the UI thread of a real browser ever hang while files are sent and fetched? */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { befriend } from '../app/e2e/world/befriend.ts';
import { choose, drawPicture, sendTray } from '../app/e2e/world/media.ts';
import { Person } from '../app/e2e/world/person.ts';
import { webApp } from '../app/e2e/world/web-app.ts';
import { RelayProcess } from '../sync/test/real/relay-process.ts';
import { StorageProcess } from '../sync/test/real/storage-process.ts';
import { type Longest, longestTasks } from './open-chat/ui-thread.ts';
import { type BenchTable, short } from './table.ts';

const MB = 1_000_000;
const FILE_MB = 50;
/** Of the camera of a telephone: some 5 MB of JPEG. */
const PHOTO = { width: 4000, height: 3000, hue: 200, noise: 90 };
const PATIENCE = 300_000;
/** A task of the UI thread that takes longer is one too long, in milliseconds. */
const TASK_LIMIT = 50;

interface Step {
  readonly name: string;
  readonly longest: Longest;
}

/** Two people in a browser each: one sends a file and a photo from the camera, the other fetches both. */
export async function run(): Promise<BenchTable> {
  const storage = await StorageProcess.create();
  const relay = await RelayProcess.create({ SECURECHAT_WEB_ROOT: await webApp(), ...storage.forRelay });
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-bench-'));
  const people: Person[] = [];
  try {
    for (const name of ['Ann', 'Bob']) people.push(await Person.create(name, relay.url));
    const [ann, bob] = people as [Person, Person];
    for (const person of people) await person.onboard();
    await befriend(ann, bob);
    return toTable(await measure(ann, bob, folder));
  } finally {
    await Promise.all(people.map((person) => person.destroy()));
    await relay.destroy();
    await storage.destroy();
    await rm(folder, { recursive: true });
  }
}

async function measure(ann: Person, bob: Person, folder: string): Promise<readonly Step[]> {
  const [file, photo] = [path.join(folder, 'concert.bin'), path.join(folder, 'camera.jpg')];
  await writeFile(file, randomBytes(FILE_MB * MB));
  // From the disk: bytes that a test hands over itself are taken in by the UI thread.
  await writeFile(photo, await drawPicture(ann.page, PHOTO));
  const steps: Step[] = [];
  const watched = async (name: string, person: Person, work: () => Promise<void>): Promise<void> => {
    steps.push({ name, longest: await longestTasks(person.page, work) });
  };
  await watched('sending a photo, from choosing it on', ann, async () => {
    await choose(ann, 'media', photo);
    await sendTray(ann, 'The photo');
    await bob
      .message('The photo')
      .getByRole('button', { name: /^Open Photo/ })
      .waitFor({ timeout: PATIENCE });
  });
  await watched(`sending ${String(FILE_MB)} MB`, ann, async () => {
    await choose(ann, 'file', file);
    await sendTray(ann, 'The concert');
    await bob.message('The concert').waitFor({ timeout: PATIENCE });
  });
  await watched(`fetching ${String(FILE_MB)} MB`, bob, async () => {
    await bob
      .message('The concert')
      .getByRole('button', { name: /^Download/ })
      .click();
    await bob.message('The concert').getByRole('button', { name: /^Save/ }).waitFor({ timeout: PATIENCE });
  });
  return steps;
}

function toTable(steps: readonly Step[]): BenchTable {
  return {
    title: 'The UI thread of Chromium while files go over',
    columns: ['longest task, milliseconds', 'clock', 'cpu', `cpu of ${String(TASK_LIMIT)}`],
    rows: steps.map(({ name, longest: { clock, cpu } }) => [name, short(clock), short(cpu), short(cpu / TASK_LIMIT)]),
    notes: [
      'clock: what a person feels, and on a busy machine the wait for a core, too; cpu: the work of the task itself',
      ...steps
        .filter(({ longest: { cpu } }) => cpu > TASK_LIMIT)
        .map(({ name, longest }) => `over ${String(TASK_LIMIT)} ms of CPU, ${name}: ${longest.work}`),
      'two browsers, relay and storage server on this machine',
    ],
  };
}
