/** How long from "Answer" to the first picture, and what does it cost to seal each frame once more? */
import { befriend } from '../app/e2e/world/befriend.ts';
import { callingWith } from '../app/e2e/world/calls.ts';
import { Person } from '../app/e2e/world/person.ts';
import { webApp } from '../app/e2e/world/web-app.ts';
import { RelayProcess } from '../sync/test/real/relay-process.ts';
import { type Answered, measureAnswer, watchCalls } from './calls/first-picture.ts';
import { type Cost, costOfCall } from './calls/sealing.ts';
import { type BenchTable, median, short } from './table.ts';

const CALLS = 7;
const PAIRS = 3;
/** Pictures a second of the made-up cameras: as many as they give by themselves. */
const FPS = 20;

/** Two people in a browser each call each other some times; then a page alone, in turn without and with sealed frames. */
export async function run(): Promise<BenchTable> {
  const relay = await RelayProcess.create({ SECURECHAT_WEB_ROOT: await webApp() });
  try {
    const answered = await answerCalls(relay.url);
    const costs: (readonly [plain: Cost, sealed: Cost])[] = [];
    for (let i = 0; i < PAIRS; i++) costs.push([await costOfCall(relay.url, false), await costOfCall(relay.url, true)]);
    return toTable(answered, costs);
  } finally {
    await relay.destroy();
  }
}

async function answerCalls(origin: string): Promise<readonly Answered[]> {
  const people: Person[] = [];
  try {
    for (const name of ['Ann', 'Bob']) people.push(await Person.create(name, origin, callingWith(FPS)));
    const [ann, bob] = people as [Person, Person];
    for (const person of people) {
      await watchCalls(person);
      await person.onboard();
    }
    await befriend(ann, bob);
    const answered: Answered[] = [];
    // In turn: of one account no more than five calls a minute ring.
    for (let i = 0; i < CALLS; i++)
      answered.push(await (i % 2 === 0 ? measureAnswer(ann, bob) : measureAnswer(bob, ann)));
    return answered;
  } finally {
    await Promise.all(people.map((person) => person.destroy()));
  }
}

function toTable(answered: readonly Answered[], costs: readonly (readonly [Cost, Cost])[]): BenchTable {
  const row = (name: string, values: readonly number[]): (string | number)[] => [
    name,
    short(median(values)),
    short(Math.min(...values)),
    short(Math.max(...values)),
  ];
  const [plain, sealed] = [costs.map(([one]) => one), costs.map(([, other]) => other)];
  return {
    title: `Calls: ${String(CALLS)} that are answered, and ${String(PAIRS)} pairs without and with sealed frames`,
    columns: ['', 'median', 'least', 'most'],
    rows: [
      row(
        'ms from Answer: connected',
        answered.map(({ connected }) => connected),
      ),
      row(
        'ms from Answer: first picture decoded, who answered',
        answered.map(({ atCallee }) => atCallee),
      ),
      row(
        'ms from Answer: first picture decoded, who called',
        answered.map(({ atCaller }) => atCaller),
      ),
      row(
        'ms of CPU per second and stream, frames not sealed',
        plain.map(({ cpu }) => cpu),
      ),
      row(
        'ms of CPU per second and stream, frames sealed and opened',
        sealed.map(({ cpu }) => cpu),
      ),
      row(
        'sealed : not sealed, CPU per picture',
        costs.map(([one, other]) => other.cpu / other.pictures / (one.cpu / one.pictures)),
      ),
    ],
    notes: [
      'answered: two browsers with devices that are made up, and a relay, on this machine; the microphone and camera of who answers are asked for in that time',
      `CPU: the whole browser with both ends of a call of two, four streams, 640 x 360; pictures per second ${plain
        .map(({ pictures }, i) => `${pictures.toFixed(1)} : ${(sealed[i]?.pictures ?? 0).toFixed(1)}`)
        .join(', ')}`,
    ],
  };
}
