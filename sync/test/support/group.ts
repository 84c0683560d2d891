/** Groups in the world of the simulation: a small circle of people, and what they do to their group. */
import type { GroupDetail, GroupRole } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { addContact, look } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

export interface Circle {
  readonly world: World;
  readonly ann: SimulatedDevice;
  readonly bob: SimulatedDevice;
  readonly cleo: SimulatedDevice;
}

/** Ann knows Bob and Cleo, who do not know each other. */
export async function circle(): Promise<Circle> {
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

export function accountOf(device: SimulatedDevice): string {
  return device.engine?.self.identity.account.id ?? '';
}

export async function found(ann: SimulatedDevice, ...members: readonly SimulatedDevice[]): Promise<string> {
  const founded = await ann.client.call('createGroup', { name: 'Climbing', members: members.map(accountOf) });
  if (!founded.ok) throw new Error(founded.error.type);
  return founded.value.chatId;
}

export async function group(device: SimulatedDevice, chatId: string): Promise<GroupDetail> {
  const detail = await look(device.client, 'group', { chatId });
  if (detail === null) throw new Error(`${device.name} has no such group`);
  return detail;
}

/** Takes a device off the relay, or puts it back. */
export function cut(device: SimulatedDevice, isCut: boolean): void {
  device.line.cut = isCut;
  if (isCut) device.line.hangUp();
}

export async function removeFrom(by: SimulatedDevice, chatId: string, whom: SimulatedDevice): Promise<void> {
  const removed = await by.client.call('removeMember', { chatId, accountId: accountOf(whom) });
  if (!removed.ok) throw new Error(removed.error.type);
}

export async function giveRole(
  by: SimulatedDevice,
  chatId: string,
  whom: SimulatedDevice,
  role: GroupRole,
): Promise<void> {
  const given = await by.client.call('setMemberRole', { chatId, accountId: accountOf(whom), role });
  if (!given.ok) throw new Error(given.error.type);
}

export async function roster(device: SimulatedDevice, chatId: string): Promise<readonly string[]> {
  return (await group(device, chatId)).members.map(({ accountId, role }) => `${accountId} ${role}`).sort();
}
