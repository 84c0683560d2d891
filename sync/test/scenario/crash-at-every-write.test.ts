/**
 * The client is killed at every single write of sending and of receiving, one run each, and opened again from what was
 * stored. Enumerated, not sampled: the loop ends when a run finishes without reaching its write.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Couple, couple, prepare, texts } from '../simulation/setup.ts';
import type { SimulatedDevice } from '../simulation/device.ts';

beforeAll(prepare);

const CALL = 'the-one-message-------';

/** Kills `victim` at its n-th write while Ann sends and Bob receives; false when the story ended before that write. */
async function runWithCrashAt(n: number, pick: (c: Couple) => SimulatedDevice): Promise<boolean> {
  const story = await couple();
  const { world, ann, bob, chatId } = story;
  const victim = pick(story);
  victim.crashAtWrite(n);
  await say(ann, chatId);
  await world.pass(60_000);
  const crashed = victim.isDown;
  victim.disarm();
  if (crashed) await victim.open();
  // The user who saw no answer sends again: the caller's id makes it the same message.
  await say(ann, chatId);
  await world.pass(10 * 60_000);
  expect(await texts(ann, chatId)).toEqual(['hello']);
  expect(await texts(bob, chatId)).toEqual(['hello']);
  const [message] = await ann.timeline(chatId);
  expect(message?.tick).toBe('delivered');
  // The chat still works both ways.
  await bob.client.call('sendMessage', { id: 'the-answer------------', chatId, text: 'welcome' });
  await world.pass(60_000);
  expect(await texts(ann, chatId)).toEqual(['hello', 'welcome']);
  expect(world.violations).toEqual([]);
  return crashed;
}

async function say(ann: SimulatedDevice, chatId: string): Promise<void> {
  await ann.client.call('sendMessage', { id: CALL, chatId, text: 'hello' }).catch(() => undefined);
}

async function enumerate(pick: (c: Couple) => SimulatedDevice): Promise<number> {
  let writes = 0;
  while (await runWithCrashAt(writes + 1, pick)) writes += 1;
  return writes;
}

describe('crash at every write', () => {
  it('S-CRASH-1 of sending: nothing lost, nothing doubled, no message key used twice', async () => {
    expect(await enumerate(({ ann }) => ann)).toBeGreaterThanOrEqual(5);
  }, 240_000);

  it('S-CRASH-2 of receiving: nothing lost, nothing doubled, no message key used twice', async () => {
    expect(await enumerate(({ bob }) => bob)).toBeGreaterThanOrEqual(4);
  }, 240_000);
});
