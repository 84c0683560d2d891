/** Linking devices in a simulated world: the whole ceremony, as two users do it. */
import type { Linking } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look } from '../simulation/setup.ts';
import { RELAY_URL, type World } from '../simulation/world.ts';

/** A device without an account that shows a code; answers what its user sees. */
export async function showCode(guest: SimulatedDevice, world: World): Promise<Extract<Linking, { type: 'Waiting' }>> {
  const started = await guest.client.call('startLinking', { relayUrl: RELAY_URL, deviceName: guest.name });
  if (!started.ok) throw new Error(`startLinking: ${started.error.type}`);
  await world.pass(2_000);
  const shown = await look(guest.client, 'linking', null);
  if (shown.type !== 'Waiting') throw new Error(`no code but ${shown.type}`);
  return shown;
}

/** Links a new device to the account of `host`, whose user confirms; both are settled when it resolves. */
export async function link(host: SimulatedDevice, guest: SimulatedDevice, world: World): Promise<void> {
  if (guest.isDown || !hasClient(guest)) await guest.open();
  const { qr } = await showCode(guest, world);
  const reading = host.client.call('readLinkCode', { text: qr });
  await world.pass(5_000);
  const read = await reading;
  if (!read.ok) throw new Error(`readLinkCode: ${read.error.type}`);
  const confirming = host.client.call('confirmLink', null);
  await world.pass(5_000);
  const confirmed = await confirming;
  if (!confirmed.ok) throw new Error(`confirmLink: ${confirmed.error.type}`);
  if (!guest.isOpen) throw new Error(`${guest.name} is not open after linking`);
}

/** A second device of `host`'s person, linked. */
export async function addOwnDevice(host: SimulatedDevice, name: string, world: World): Promise<SimulatedDevice> {
  const guest = world.makeDevice(name);
  await guest.open();
  await link(host, guest, world);
  return guest;
}

function hasClient(device: SimulatedDevice): boolean {
  try {
    return device.client !== undefined;
  } catch {
    return false;
  }
}
