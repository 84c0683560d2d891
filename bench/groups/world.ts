/** A relay, a crowd of members' devices, and two devices with the whole engine, Ann's and Bob's, each a process of its own. */
import { toBase64Url } from '@securechat/crypto';
import { prepare } from '../../sync/test/simulation/setup.ts';
import { RelayProcess } from '../../sync/test/real/relay-process.ts';
import { ActingProcess } from '../processes/acting-process.ts';
import type { Traffic } from '../processes/counted-link.ts';
import { cpuTimeOf } from '../processes/cpu-time.ts';
import type { Acts } from './device.ts';
import { Member } from './member.ts';

/** What one thing that a device did took. CPU in milliseconds; bytes are those of frames. */
export interface Spent {
  readonly cpu: number;
  readonly posts: number;
  readonly up: number;
  readonly relayCpu: number;
  /** At all other devices together. */
  readonly down: number;
}

type Device = ActingProcess<Acts>;

/** Members on their way in at once. */
const AT_ONCE = 20;
/** Ann and Bob each write to a member alone before they write to all. */
const LETTERS = 2;

export class World {
  readonly relay: RelayProcess;
  readonly ann = startDevice();
  readonly bob = startDevice();
  readonly crowd: Member[] = [];
  bobsKey = '';
  readonly #traffic: Traffic = { sent: 0, received: 0, posts: 0 };

  private constructor(relay: RelayProcess) {
    this.relay = relay;
  }

  /** Everybody is on line; Ann and Bob are each other's contacts. */
  static async create(members: number): Promise<World> {
    await prepare();
    const world = new World(
      await RelayProcess.create({
        SECURECHAT_LOG_LEVEL: 'warn',
        SECURECHAT_CONNECTIONS_PER_ADDRESS: String(members * 4),
      }),
    );
    const { ann, bob, crowd, relay } = world;
    const [anns, bobs] = [await ann.ask('begin', relay.url, 'Ann'), await bob.ask('begin', relay.url, 'Bob')];
    await Promise.all([ann.ask('befriend', bobs.link), bob.ask('befriend', anns.link)]);
    world.bobsKey = bobs.key;
    while (crowd.length < members) {
      const wave = Array.from({ length: Math.min(AT_ONCE, members - crowd.length) });
      crowd.push(...(await Promise.all(wave.map(() => Member.arrive(relay.url, world.#traffic, LETTERS)))));
    }
    return world;
  }

  async destroy(): Promise<void> {
    for (const member of this.crowd) member.leave();
    await Promise.all([this.ann.end(), this.bob.end()]);
    await this.relay.destroy();
  }

  /** What `act`, done by this device, takes until it resolves. */
  async measure(device: Device, act: () => Promise<unknown>): Promise<Spent> {
    const other = device === this.ann ? this.bob : this.ann;
    await Promise.all([device.ask('usage'), other.ask('usage')]);
    const relay = await this.measureRelay(act);
    const [own, others] = await Promise.all([device.ask('usage'), other.ask('usage')]);
    return { cpu: own.cpu, posts: own.posts, up: own.sent, ...relay, down: relay.down + others.received };
  }

  /** The relay's CPU, and what the crowd receives. */
  async measureRelay(act: () => Promise<unknown>): Promise<Pick<Spent, 'relayCpu' | 'down'>> {
    Object.assign(this.#traffic, { sent: 0, received: 0, posts: 0 });
    const before = await cpuTimeOf(this.relay.pid);
    await act();
    const relayCpu = (await cpuTimeOf(this.relay.pid)) - before;
    return { relayCpu, down: this.#traffic.received };
  }
}

/** As acts name an account. */
export function keyOf({ self }: Member): string {
  return toBase64Url(self.identity.account.publicKey);
}

function startDevice(): Device {
  return new ActingProcess<Acts>(new URL('device.ts', import.meta.url));
}
