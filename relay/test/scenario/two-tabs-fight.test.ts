import { expect, it } from 'vitest';
import { bytesOf, World } from '../world.ts';

it('two tabs of one device fight for the connection: the newest has it, and no message falls between them', async () => {
  const world = new World();
  const [ann, bob] = [await world.join(), await world.join()];
  const fromAnn = await world.connect(ann);
  const tabs = [];
  for (let round = 0; round < 5; round++) {
    fromAnn.post([bob.mailbox], bytesOf(`before ${String(round)}`));
    const tab = await world.connect(bob);
    fromAnn.post([bob.mailbox], bytesOf(`after ${String(round)}`));
    tabs.push(tab);
  }
  await world.clock.advance(2000);
  expect(fromAnn.all('accepted').length).toBe(10);
  expect(tabs.map((tab) => tab.isClosed)).toEqual([true, true, true, true, false]);
  for (const old of tabs.slice(0, 4)) expect(old.received.at(-1)).toEqual({ type: 'error', code: 'ReplacedByNewer' });
  const expected = [0, 1, 2, 3, 4].flatMap((round) => [`before ${String(round)}`, `after ${String(round)}`]);
  expect(tabs.at(-1)?.delivered).toEqual(expected);
});
