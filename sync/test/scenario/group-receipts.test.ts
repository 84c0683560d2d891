/** How far a message in a group has come, as its author sees it. */
import { beforeAll, expect, it } from 'vitest';
import type { MemberReceipt } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, look, prepare, send } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

beforeAll(prepare);

const MINUTE = 60_000;

const accountOf = (device: SimulatedDevice): string => device.engine?.self.identity.account.id ?? '';

async function call(outcome: Promise<{ readonly ok: boolean }>): Promise<void> {
  expect(await outcome).toMatchObject({ ok: true });
}

async function statesOf(ann: SimulatedDevice, chatId: string, recordId: string): Promise<Record<string, string>> {
  const receipts: readonly MemberReceipt[] = (await look(ann.client, 'receipts', { chatId, recordId })) ?? [];
  return Object.fromEntries(receipts.map(({ name, state }) => [name, state]));
}

async function tickOf(ann: SimulatedDevice, chatId: string, recordId: string): Promise<string | undefined> {
  const { items } = await look(ann.client, 'timeline', { chatId, anchor: 'end', older: 50, newer: 0 });
  const item = items.find(({ id }) => id === recordId);
  return item?.type === 'message' ? item.tick : undefined;
}

it('S-VIEW-4 each member has it, has read it, or neither; who came later or sends no receipts takes no tick back', async () => {
  const world = new World(11, 0);
  const ann = await world.addDevice('Ann');
  const others = [await world.addDevice('Bob'), await world.addDevice('Cleo'), await world.addDevice('Dora')];
  await world.pass(1_000);
  for (const other of others) {
    await addContact(ann, other);
    await addContact(other, ann);
  }
  await world.pass(10_000);
  const [bob, cleo, dora] = others;
  if (bob === undefined || cleo === undefined || dora === undefined) throw new Error('somebody is missing');
  const founded = await ann.client.call('createGroup', { name: 'Tea', members: [bob, cleo].map(accountOf) });
  if (!founded.ok) throw new Error(founded.error.type);
  const { chatId } = founded.value;
  await world.pass(MINUTE);
  await call(cleo.client.call('setSettings', { sendReceipts: false }));

  const recordId = await send(ann, chatId, 'who reads this?');
  expect(await statesOf(ann, chatId, recordId)).toEqual({ Bob: 'sent', Cleo: 'sent' });
  await world.pass(MINUTE);
  expect(await statesOf(ann, chatId, recordId)).toEqual({ Bob: 'delivered', Cleo: 'delivered' });
  expect(await tickOf(ann, chatId, recordId)).toBe('delivered');

  for (const device of [bob, cleo]) await call(device.client.call('markRead', { chatId, upTo: recordId }));
  await world.pass(MINUTE);
  expect(await statesOf(ann, chatId, recordId)).toEqual({ Bob: 'read', Cleo: 'delivered' });
  expect(await tickOf(ann, chatId, recordId)).toBe('delivered');
  expect(await look(bob.client, 'receipts', { chatId, recordId })).toBeNull();

  await call(ann.client.call('addMembers', { chatId, members: [accountOf(dora)], history: false }));
  await call(ann.client.call('removeMember', { chatId, accountId: accountOf(cleo) }));
  await world.pass(MINUTE);
  expect(await statesOf(ann, chatId, recordId)).toEqual({ Bob: 'read' });
  expect(await tickOf(ann, chatId, recordId)).toBe('read');
});
