/**
 * What does it cost when either side of a history's way to a new device is killed at ten points? Whole browsers are killed
 * (SIGKILL) and opened again; bytes are counted on the line, outside of both; beside it in the same run, nobody killed.
 */
import { isDeepStrictEqual } from 'node:util';
import { type MadeAccount, RARE_WORD, makeAccount } from '../sync/test/real/made-account.ts';
import { type Carried, CountedLine } from '../app/e2e/world/counted-line.ts';
import { headsOf } from '../app/e2e/world/heads.ts';
import { ask, lookUntil } from '../app/e2e/world/inside.ts';
import { copiesOf, settle } from '../app/e2e/world/made-device.ts';
import { Person } from '../app/e2e/world/person.ts';
import { RelayProcess } from '../sync/test/real/relay-process.ts';
import { webApp } from '../app/e2e/world/web-app.ts';
import { type BenchTable, short } from './table.ts';

const IN_EACH = 600;
const ALL = 3 * IN_EACH;
/** Characters that nothing makes smaller, in each message: the transfer takes several rounds of answers. */
const FILLER = 7000;
const KILLS = 10;
const MB = 1e6;

export async function run(): Promise<BenchTable> {
  const relay = await RelayProcess.create({ SECURECHAT_WEB_ROOT: await webApp() });
  const line = await CountedLine.open(relay.url);
  const people: Person[] = [];
  const arrive = async (name: string): Promise<Person> => {
    const person = await Person.create(name, line.url);
    people.push(person);
    return person;
  };
  try {
    const account = await makeAccount(line.url, IN_EACH, FILLER);
    const laptop = await arrive('Laptop');
    await settle(laptop, account.ann);
    const still = await undisturbed(laptop, await arrive('Tablet'), line);
    const phone = await arrive('Phone');
    const { carried, points } = await killed(laptop, phone, line);
    await check(laptop, phone, account);
    const row = (name: string, of: (carried: Carried) => number): BenchTable['rows'][number] => [
      name,
      short(of(still) / MB),
      short(of(carried) / MB),
      short(of(carried) / of(still)),
    ];
    return {
      title: `${ALL.toLocaleString('en')} messages to a new device, either side killed ${String(KILLS)} times`,
      columns: ['MB on the wire', 'nobody killed', 'killed', 'ratio'],
      rows: [row('sent by both devices', ({ up }) => up), row('received by both devices', ({ down }) => down)],
      notes: [
        `killed in turn, old device first, when the new one had ${points.join(', ')} messages`,
        'sent again after a kill: what the relay had not accepted, under the same id; delivered again: what was not acked',
        'afterwards every message was there once, found by search, and the documents had the same heads',
      ],
    };
  } finally {
    await Promise.all(people.map((person) => person.destroy()));
    await line.close();
    await relay.destroy();
  }
}

async function undisturbed(laptop: Person, tablet: Person, line: CountedLine): Promise<Carried> {
  const before = line.carried;
  await link(laptop, tablet, line.url);
  await allThere(tablet);
  const carried = since(line, before);
  // It must neither answer the next device nor be told anything more.
  await tablet.browser.close();
  return carried;
}

async function killed(
  laptop: Person,
  phone: Person,
  line: CountedLine,
): Promise<{ readonly carried: Carried; readonly points: readonly number[] }> {
  const before = line.carried;
  await link(laptop, phone, line.url);
  const points: number[] = [0];
  while (points.length <= KILLS) {
    // As soon as it goes on: while one side starts again the other goes on with what is at the relay, some 100 messages.
    const have = await progressBeyond(phone, points.at(-1) ?? 0);
    await (points.length % 2 === 0 ? phone : laptop).killBrowser('/');
    points.push(have);
  }
  await allThere(phone);
  return { carried: since(line, before), points: points.slice(1) };
}

async function check(laptop: Person, phone: Person, account: MadeAccount): Promise<void> {
  await phone.chatList.waitFor();
  const { hits } = await lookUntil(phone.page, 'search', { text: RARE_WORD, limit: 10 }, ({ done }) => done);
  if (hits.length !== account.chats.length) throw new Error(`${String(hits.length)} hits`);
  const [here, there] = await copiesOf(laptop, phone);
  if (!isDeepStrictEqual(await headsOf(there), await headsOf(here))) throw new Error('other heads');
}

/** By the engines themselves: the screens of it have tests of their own. */
async function link(laptop: Person, fresh: Person, relayUrl: string): Promise<void> {
  await fresh.goto('/');
  await ask(fresh.page, 'startLinking', { relayUrl, deviceName: fresh.name });
  const shown = await lookUntil(fresh.page, 'linking', null, ({ type }) => type === 'Waiting');
  if (shown.type !== 'Waiting') throw new Error('no code');
  await ask(laptop.page, 'readLinkCode', { text: shown.qr });
  await ask(laptop.page, 'confirmLink', null);
  await lookUntil(fresh.page, 'history', null, (history) => history !== null);
}

/** Waits until more than so many messages are there, but not all; answers how many. */
async function progressBeyond(phone: Person, messages: number): Promise<number> {
  for (;;) {
    const have = await messagesOn(phone);
    if (have === ALL) throw new Error('the transfer ended before it was killed so often');
    if (have > messages) return have;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function allThere(person: Person): Promise<void> {
  while ((await messagesOn(person)) < ALL) await new Promise((resolve) => setTimeout(resolve, 50));
  await lookUntil(person.page, 'history', null, (history) => history === null);
}

/** Just started again the engine may not be open yet: then there are none. */
async function messagesOn({ page }: Person): Promise<number> {
  return ask(page, 'storageUse', null).then(
    (use) => use.messages,
    () => 0,
  );
}

function since(line: CountedLine, before: Carried): Carried {
  const { up, down } = line.carried;
  return { up: up - before.up, down: down - before.down };
}
