/** Somebody's first act in a group is the removal of a member who knows them only from there. */
import { beforeAll, expect, it } from 'vitest';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, look, prepare } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

beforeAll(prepare);

const MINUTE = 60_000;

const accountOf = (device: SimulatedDevice): string => device.engine?.self.identity.account.id ?? '';

it('G-LIFE-5 who was removed by an admin who had never acted before sees it', async () => {
  const world = new World(13, 0);
  const ann = await world.addDevice('Ann');
  const [bob, cleo] = [await world.addDevice('Bob'), await world.addDevice('Cleo')];
  await world.pass(1_000);
  for (const other of [bob, cleo]) {
    await addContact(ann, other);
    await addContact(other, ann);
  }
  await world.pass(10_000);
  const founded = await ann.client.call('createGroup', { name: 'Tea', members: [bob, cleo].map(accountOf) });
  if (!founded.ok) throw new Error(founded.error.type);
  const { chatId } = founded.value;
  await world.pass(MINUTE);
  await ann.client.call('setMemberRole', { chatId, accountId: accountOf(bob), role: 'admin' });
  await world.pass(MINUTE);
  expect(await bob.client.call('removeMember', { chatId, accountId: accountOf(cleo) })).toMatchObject({ ok: true });
  await world.pass(MINUTE);
  const detail = await look(cleo.client, 'group', { chatId });
  expect(detail?.role).toBeUndefined();
  expect(detail?.members.map(({ name }) => name)).toEqual(['Ann', 'Bob']);
  expect(world.violations).toEqual([]);
});
