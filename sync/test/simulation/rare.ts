/**
 * What happens to a device now and then, beside crashes and cut lines: its user locks it, sets its clock, blocks somebody
 * or takes another name; its disk is full for a while. Everything is over when the story heals.
 */
import type { SimulatedDevice } from './device.ts';
import type { World } from './world.ts';

const DAY = 24 * 3600_000;
const PASSPHRASE = 'open sesame please';

interface Block {
  readonly by: SimulatedDevice;
  readonly accountId: string;
}

export class RareEvents {
  readonly #world: World;
  readonly #pairs: readonly (readonly [SimulatedDevice, SimulatedDevice])[];
  #blocks: Block[] = [];
  #names = 0;

  constructor(world: World, pairs: readonly (readonly [SimulatedDevice, SimulatedDevice])[]) {
    this.#world = world;
    this.#pairs = pairs;
  }

  /** Perhaps something happens; perhaps something that happened is over. */
  async roll(): Promise<void> {
    const { dice, devices } = this.#world;
    for (const device of devices) {
      if (device.isFull && dice.chance(0.3)) device.isFull = false;
      if (device.isLocked && dice.chance(0.5)) await device.unlock();
    }
    if (this.#blocks.length > 0 && dice.chance(0.2)) await this.#unblock();
    if (dice.chance(0.02)) dice.pick(devices).isFull = true;
    if (dice.chance(0.02)) await dice.pick(devices).lock(PASSPHRASE);
    if (dice.chance(0.015)) dice.pick(devices).setClock(Math.round(dice.between(-2 * DAY, 2 * DAY)));
    if (dice.chance(0.015)) await this.#block();
    if (dice.chance(0.02)) await this.#rename(dice.pick(devices));
  }

  /** Everything is as it should be again. */
  async heal(): Promise<void> {
    for (const device of this.#world.devices) {
      device.isFull = false;
      device.setClock(0);
      if (device.isLocked) await device.unlock();
    }
    while (this.#blocks.length > 0) await this.#unblock();
  }

  async #block(): Promise<void> {
    const { dice } = this.#world;
    const pair = dice.pick(this.#pairs);
    const [by, other] = dice.chance(0.5) ? pair : [pair[1], pair[0]];
    const accountId = other.engine?.self.identity.account.id;
    if (!by.isOpen || accountId === undefined) return;
    this.#blocks.push({ by, accountId });
    await attempt(() => by.client.call('setBlocked', { accountId, blocked: true }));
  }

  async #unblock(): Promise<void> {
    const [block] = this.#blocks;
    if (block?.by.isOpen !== true) return;
    this.#blocks = this.#blocks.slice(1);
    const { by, accountId } = block;
    const answer = await attempt(() => by.client.call('setBlocked', { accountId, blocked: false }));
    if (answer?.ok !== true) this.#blocks.push(block);
  }

  async #rename(device: SimulatedDevice): Promise<void> {
    if (!device.isOpen) return;
    this.#names += 1;
    const name = `${device.name} the ${String(this.#names)}th`;
    await attempt(() => device.client.call('setProfile', { name }));
  }
}

/** Undefined when the device crashed under the call. */
export async function attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch {
    return undefined;
  }
}
