/** Linking devices in a simulated world: the whole ceremony, as two users do it. */
import type { Linking } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { type Couple, couple, look } from '../simulation/setup.ts';
import { RELAY_URL, type World } from '../simulation/world.ts';

/** Longer than any call waits for a relay. */
const PATIENCE_S = 90;

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
  const read = await during(world, host.client.call('readLinkCode', { text: qr }));
  if (read?.ok !== true) throw new Error(`readLinkCode: ${read?.error.type ?? 'no answer'}`);
  const confirmed = await during(world, host.client.call('confirmLink', null));
  if (confirmed?.ok !== true) throw new Error(`confirmLink: ${confirmed?.error.type ?? 'no answer'}`);
  await world.pass(5_000);
  if (!guest.isOpen) throw new Error(`${guest.name} is not open after linking`);
}

/** What a call that needs time answers, time passing meanwhile; undefined when its device died under it. */
export async function during<T>(world: World, call: Promise<T>): Promise<T | undefined> {
  let outcome: { readonly value?: T } | undefined;
  call.then(
    (value) => {
      outcome = { value };
    },
    () => {
      outcome = {};
    },
  );
  for (let seconds = 0; seconds < PATIENCE_S && outcome === undefined; seconds += 1) await world.pass(1_000);
  return outcome?.value;
}

/** A second device of `host`'s person, linked. */
export async function addOwnDevice(host: SimulatedDevice, name: string, world: World): Promise<SimulatedDevice> {
  const guest = world.makeDevice(name);
  await guest.open();
  await link(host, guest, world);
  return guest;
}

export interface BobTwice extends Couple {
  /** Bob's second device. */
  readonly tablet: SimulatedDevice;
}

/** Ann, and Bob with a second device. */
export async function bobTwice(): Promise<BobTwice> {
  const people = await couple(3);
  const tablet = await addOwnDevice(people.bob, 'Tablet', people.world);
  await people.world.pass(60_000);
  return { ...people, tablet };
}

function hasClient(device: SimulatedDevice): boolean {
  try {
    return device.client !== undefined;
  } catch {
    return false;
  }
}
