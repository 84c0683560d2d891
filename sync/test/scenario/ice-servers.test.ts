/** The servers that help a call to connect, from a real relay to the app. */
import { beforeAll, expect, it } from 'vitest';
import { couple, drive, prepare } from '../simulation/setup.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { TURN_URLS, type World } from '../simulation/world.ts';

beforeAll(prepare);

async function ask(world: World, device: SimulatedDevice) {
  const answer = await drive(world, device.client.call('iceServers', null));
  if (!answer.ok) throw new Error(answer.error.type);
  return answer.value;
}

it('S-ICE-1 the app gets them from the home relay, and the same ones again; another account gets others', async () => {
  const { world, ann, bob } = await couple();
  const first = await ask(world, ann);
  expect(first.servers).toMatchObject([{ urls: TURN_URLS }]);
  // Devices' clocks in this world are up to a minute off.
  expect(first.expiresAt - world.clock.now()).toBeGreaterThan(55 * 60_000);
  expect(await ask(world, ann)).toEqual(first);
  const [other] = (await ask(world, bob)).servers;
  expect(other?.username).not.toBe(first.servers[0]?.username);
  expect(other?.credential).not.toBe(first.servers[0]?.credential);
});

it('S-ICE-2 off line it gets none, and is not left waiting; on line it gets them', async () => {
  const { world, ann } = await couple();
  ann.line.cut = true;
  ann.line.hangUp();
  expect((await ask(world, ann)).servers).toEqual([]);
  ann.line.cut = false;
  expect((await ask(world, ann)).servers).toMatchObject([{ urls: TURN_URLS }]);
});
