/**
 * The history of an account on its way to a new device, while the whole browser of one side or the other is killed at ten
 * points: it goes on by itself, and what was applied is not sent again. What goes over the wire is counted outside of both.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Carried, CountedLine } from './world/counted-line.ts';
import { headsOf } from './world/heads.ts';
import { ask, lookUntil } from './world/inside.ts';
import { type MadeAccount, RARE_WORD, makeAccount } from '../../sync/test/real/made-account.ts';
import { copiesOf, settle } from './world/made-device.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
const IN_EACH = 800;
/** Characters that nothing makes smaller, in each message: the transfer takes several rounds of answers. */
const FILLER = 5000;
const KILLS = 10;
/** Bytes for each kill: an envelope that was half sent, and what devices tell each other at every connection. */
const ALLOWANCE = 250_000;

let line: CountedLine;
let account: MadeAccount;
let laptop: Person;
let phone: Person;
/** What went over the wire for all of the history when nobody was killed. */
let undisturbed: Carried;

beforeAll(async () => {
  line = await CountedLine.open(world().relay.url);
  let at = Date.now();
  account = await makeAccount(line.url, IN_EACH, FILLER);
  say(`made in ${String(Date.now() - at)} ms`);
  at = Date.now();
  laptop = await world().arrive('Ann', {}, line.url);
  await settle(laptop, account.ann);
  say(`settled in ${String(Date.now() - at)} ms`);
}, 400_000);

afterAll(async () => {
  await line.close();
});

it('undisturbed, for comparison', async () => {
  const tablet = await world().arrive('Ann’s tablet', {}, line.url);
  const before = line.carried;
  const at = Date.now();
  await link(tablet, 'Tablet');
  await allThere(tablet);
  undisturbed = since(before);
  const { up, down } = undisturbed;
  say(`undisturbed: ${megabytes(up)} up, ${megabytes(down)} down, ${String(Date.now() - at)} ms`);
  // It must neither answer the next device nor be told anything more.
  await tablet.browser.close();
}, 400_000);

it('killed at ten points, one side and the other in turn, it goes on by itself and sends nothing again', async () => {
  phone = await world().arrive('Ann’s phone', {}, line.url);
  const before = line.carried;
  await link(phone, 'Phone');
  let have = 0;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    // Spread over what is left; while one side starts again the other goes on with what is at the relay.
    have = await progressBeyond(have + (3 * IN_EACH - have) / (3 * (KILLS - kill) + 4));
    const victim = kill % 2 === 0 ? phone : laptop;
    const at = Date.now();
    await victim.killBrowser('/');
    say(
      `${victim.name} killed at ${String(have)} messages, open again after ${String(Date.now() - at)} ms; ${megabytes(since(before).up)} up so far`,
    );
  }
  await allThere(phone);
  const disturbed = since(before);
  say(`killed ${String(KILLS)} times: ${megabytes(disturbed.up)} up, ${megabytes(disturbed.down)} down`);
  say(`ratio: ${(disturbed.up / undisturbed.up).toFixed(2)}`);
  // What the relay had not accepted yet goes out once more, under the same id; and each start says what is here.
  expect(disturbed.up).toBeLessThan(1.35 * undisturbed.up + KILLS * ALLOWANCE);
}, 400_000);

it('every message is there, once, and found; the documents have the same heads on both', async () => {
  await phone.chatList.waitFor();
  expect(await ask(phone.page, 'storageUse', null)).toMatchObject({ chats: 3, messages: 3 * IN_EACH });
  const { hits } = await lookUntil(phone.page, 'search', { text: RARE_WORD, limit: 10 }, ({ done }) => done);
  expect(hits.map(({ chatId }) => chatId).sort()).toEqual(account.chats.map(({ chatId }) => chatId).sort());
  const [here, there] = await copiesOf(laptop, phone);
  expect(await headsOf(there)).toEqual(await headsOf(here));
}, 400_000);

/** By the engines themselves: the screens of it have tests of their own. */
async function link(fresh: Person, deviceName: string): Promise<void> {
  await fresh.goto('/');
  await ask(fresh.page, 'startLinking', { relayUrl: line.url, deviceName });
  const shown = await lookUntil(fresh.page, 'linking', null, ({ type }) => type === 'Waiting');
  if (shown.type !== 'Waiting') throw new Error('no code');
  await ask(laptop.page, 'readLinkCode', { text: shown.qr });
  await ask(laptop.page, 'confirmLink', null);
  await lookUntil(fresh.page, 'history', null, (history) => history !== null);
}

/** Waits until more than so many messages are there, but not all; answers how many. */
async function progressBeyond(messages: number): Promise<number> {
  for (;;) {
    const have = await messagesOn(phone);
    if (have === 3 * IN_EACH) throw new Error('the transfer ended before it was killed so often');
    if (have > messages) return have;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function allThere(person: Person): Promise<void> {
  while ((await messagesOn(person)) < 3 * IN_EACH) await new Promise((resolve) => setTimeout(resolve, 50));
  await lookUntil(person.page, 'history', null, (history) => history === null);
}

/** Just started again the engine may not be open yet: then there are none. */
async function messagesOn({ page }: Person): Promise<number> {
  return ask(page, 'storageUse', null).then(
    (use) => use.messages,
    () => 0,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function since(before: Carried): Carried {
  const { up, down } = line.carried;
  return { up: up - before.up, down: down - before.down };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
