/** Groups as their members live them: on an honest relay, with somebody away now and then. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { GroupDetail } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, look, prepare, send, texts } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

beforeAll(prepare);

const MINUTE = 60_000;

interface Circle {
  readonly world: World;
  readonly ann: SimulatedDevice;
  readonly bob: SimulatedDevice;
  readonly cleo: SimulatedDevice;
}

/** Ann knows Bob and Cleo, who do not know each other. */
async function circle(): Promise<Circle> {
  const world = new World(7, 0);
  const [ann, bob, cleo] = [await world.addDevice('Ann'), await world.addDevice('Bob'), await world.addDevice('Cleo')];
  await world.pass(1_000);
  for (const other of [bob, cleo]) {
    await addContact(ann, other);
    await addContact(other, ann);
  }
  await world.pass(10_000);
  return { world, ann, bob, cleo };
}

function accountOf(device: SimulatedDevice): string {
  return device.engine?.self.identity.account.id ?? '';
}

async function found(ann: SimulatedDevice, ...members: readonly SimulatedDevice[]): Promise<string> {
  const founded = await ann.client.call('createGroup', { name: 'Climbing', members: members.map(accountOf) });
  if (!founded.ok) throw new Error(founded.error.type);
  return founded.value.chatId;
}

async function group(device: SimulatedDevice, chatId: string): Promise<GroupDetail> {
  const detail = await look(device.client, 'group', { chatId });
  if (detail === null) throw new Error(`${device.name} has no such group`);
  return detail;
}

describe('groups', () => {
  it('G-LIFE-1 contacts are added, and all hear each other, also those who do not know each other', async () => {
    const { world, ann, bob, cleo } = await circle();
    const chatId = await found(ann, bob, cleo);
    await send(ann, chatId, 'hello all');
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo]) {
      expect((await group(device, chatId)).members, device.name).toHaveLength(3);
      expect(await texts(device, chatId), device.name).toEqual(['hello all']);
    }
    await send(bob, chatId, 'hello from Bob');
    await send(cleo, chatId, 'hello from Cleo');
    await world.pass(MINUTE);
    for (const device of [ann, bob, cleo])
      expect([...(await texts(device, chatId))].sort(), device.name).toEqual([
        'hello all',
        'hello from Bob',
        'hello from Cleo',
      ]);
    expect(world.violations).toEqual([]);
  });
});
