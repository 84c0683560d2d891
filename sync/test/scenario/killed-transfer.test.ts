/** The history of a chat on its way to a newly linked device, while one side or the other is killed again and again. */
import { seededRandom, toBase64Url } from '@securechat/crypto';
import { beforeAll, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { type Couple, couple, look, prepare, send, texts } from '../simulation/setup.ts';
import { showCode } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;
/** Messages of the chat, each so long that the history takes several answers. */
const MESSAGES = 120;
const LENGTH = 8_000;

interface Transfer extends Couple {
  readonly tablet: SimulatedDevice;
  /** How often each change came in at the tablet. */
  readonly counts: Map<string, number>;
}

it('S-HISTORY-1 S-HISTORY-2 S-HISTORY-5 S-HISTORY-6 whichever side is killed, and however often, no change is sent twice', async () => {
  const { world, ann, bob, chatId, tablet, counts } = await startTransfer(MESSAGES);
  const sentBack = new Map<string, number>();
  let kills = 0;
  while ((await look(tablet.client, 'history', null)) !== null) {
    // Killed in turn, at every stage of a round of question and answer, once briefly and once for longer.
    await world.pass(15 * (1 + (kills % 24)));
    const victim = kills % 2 === 0 ? ann : tablet;
    victim.crash();
    await world.pass(kills % 3 === 0 ? 20_000 : 10);
    await victim.open();
    countChanges(victim, victim === tablet ? counts : sentBack);
    kills += 1;
  }
  expect(kills).toBeGreaterThanOrEqual(10);
  // Nor by what both say to each other when it is over.
  for (const device of [ann, bob, tablet]) await device.restart();
  countChanges(tablet, counts);
  countChanges(ann, sentBack);
  await world.pass(3 * MINUTE);
  expect(counts.size).toBe(MESSAGES);
  expect([...counts.values()].filter((count) => count > 1)).toEqual([]);
  expect(sentBack.size).toBe(0);
  expect(await texts(tablet, chatId)).toEqual(await texts(ann, chatId));
  expect(world.violations).toEqual([]);
}, 300_000);

it('S-HISTORY-3 an answer that is lost is asked for again', async () => {
  const { world, ann, chatId, tablet, counts } = await startTransfer(20);
  while (counts.size === 0) await world.pass(5);
  tablet.crash();
  // Longer than the relay keeps anything: what waits for the tablet there is gone.
  await world.pass(31 * 24 * 60 * MINUTE);
  await tablet.open();
  await world.pass(10 * MINUTE);
  expect(await look(tablet.client, 'history', null)).toBeNull();
  expect(await texts(tablet, chatId)).toEqual(await texts(ann, chatId));
}, 300_000);

/** A new device is linked to Ann's account, and the first of its history is about to come. */
async function startTransfer(length: number): Promise<Transfer> {
  const story = await couple();
  const { world, ann, bob, chatId } = story;
  const random = seededRandom(new Uint8Array(32).fill(9));
  for (let n = 1; n <= length; n += 1) await send(n % 2 === 0 ? ann : bob, chatId, textOf(n, random(2 * LENGTH)));
  await world.pass(MINUTE);
  const tablet = world.makeDevice('Tablet');
  await tablet.open();
  const { qr } = await showCode(tablet, world);
  const reading = ann.client.call('readLinkCode', { text: qr });
  await world.pass(3_000);
  await reading;
  // Its answer may come after the first kill: what counts is that the new device is open.
  ann.client.call('confirmLink', null).catch(() => undefined);
  while (tablet.engine === undefined) await world.pass(5);
  const counts = new Map<string, number>();
  countChanges(tablet, counts);
  while ((await look(tablet.client, 'history', null)) === null) await world.pass(5);
  return { ...story, tablet, counts };
}

/** Of signs that nothing makes much smaller. */
function textOf(n: number, noise: Uint8Array): string {
  const signs = new Uint16Array(noise.slice().buffer).map((sign) => 0x4e00 + (sign % 20_000));
  return (String(n) + String.fromCharCode(...signs)).slice(0, LENGTH);
}

/** To be called again when the device was opened again. */
function countChanges({ engine }: SimulatedDevice, counts: Map<string, number>): void {
  if (engine === undefined) throw new Error('not open');
  const { absorb } = engine;
  const apply = absorb.apply.bind(absorb);
  absorb.apply = (news, batch) => {
    for (const { bytes } of news.changes) {
      const key = toBase64Url(bytes);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return apply(news, batch);
  };
}
