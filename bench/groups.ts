/**
 * What does a group of a thousand devices cost? Messages, a join and a removal in groups of 10, 100 and 1,000 devices, by the
 * engine over the real relay; beside them in the same run pairwise encryption to all, and libsignal's sender keys.
 */
import { groupTable } from './groups/group-table.ts';
import { type Member } from './groups/member.ts';
import { MESSAGE_PAYLOAD, type Pairwise, PairwiseSender, groupFrameBytes } from './groups/pairwise.ts';
import { type SenderKeyTimes, compareSenderKeys } from './groups/sender-keys.ts';
import { type Spent, World, keyOf } from './groups/world.ts';
import type { BenchTable } from './table.ts';

const SIZES = [10, 100, 1000] as const;
const WARM_UP = 10;
const MESSAGES = 20;
/** Bytes by which a message on the wire may differ from the one that is sealed pairwise: acks, the clock's digits. */
const SAME_BYTES = 64;

/** A group of one size. Spent by the device that acts, and by another member with its next message. */
export interface Measured {
  readonly size: number;
  readonly founding: Spent;
  /** Of one of many. */
  readonly message: Spent;
  readonly joining: Change;
  readonly removal: Change;
  readonly pairwise: Pairwise;
  readonly senderKeys: { readonly ours: SenderKeyTimes; readonly libsignals: SenderKeyTimes };
}

/** Of who is a member. */
export interface Change {
  readonly act: Spent;
  /** The next message of another member, and of the one who acted. */
  readonly others: Spent;
  readonly next: Spent;
}

export async function run(): Promise<BenchTable> {
  const progress = startProgress();
  const most = Math.max(...SIZES);
  // One of them joins and is removed again; Ann and Bob are the two others.
  const world = await World.create(most - 1);
  const pairwise = await PairwiseSender.create(world);
  try {
    progress(`${String(most + 1)} accounts are registered and on line`);
    const measured: Measured[] = [];
    for (const size of SIZES) measured.push(await measure(world, pairwise, { size, progress }));
    return groupTable(measured);
  } finally {
    pairwise.leave();
    await world.destroy();
  }
}

type Progress = (what: string) => void;

function startProgress(): Progress {
  const start = performance.now();
  return (what) => {
    console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${what}`);
  };
}

async function measure(
  world: World,
  pairwise: PairwiseSender,
  { size, progress }: { size: number; progress: Progress },
): Promise<Measured> {
  const say = (what: string): void => {
    progress(`${String(size).padStart(4)} devices: ${what}`);
  };
  const members = world.crowd.slice(0, size - 2);
  const joiner = world.crowd[size - 2];
  if (joiner === undefined) throw new Error('nobody is left to join');
  const group = new GroupOfWorld(world, size);
  const founding = await group.found(members);
  say('founded');
  await group.warmUp();
  say('everybody has written to everybody');
  const message = await group.message();
  say(`${String(MESSAGES)} messages`);
  const joining = await group.change((chatId) => world.ann.ask('add', chatId, keyOf(joiner)), size + 1);
  const { id } = joiner.self.identity.account;
  const removal = await group.change((chatId) => world.ann.ask('remove', chatId, id), size);
  say('one came and was removed');
  const sealedPairwise = await pairwise.measure([...members, joiner]);
  const senderKeys = await compareSenderKeys(MESSAGE_PAYLOAD);
  say('pairwise, and libsignal');
  return { size, founding, message, joining, removal, pairwise: sealedPairwise, senderKeys };
}

/** A group of Ann, Bob and members of the crowd. Ann does what is measured; Bob is any other member. */
class GroupOfWorld {
  readonly #world: World;
  readonly #size: number;
  #chatId = '';

  constructor(world: World, size: number) {
    this.#world = world;
    this.#size = size;
  }

  async found(members: readonly Member[]): Promise<Spent> {
    const { ann, bobsKey } = this.#world;
    return this.#world.measure(ann, async () => {
      this.#chatId = await ann.ask('found', [bobsKey, ...members.map(keyOf)]);
      await this.#settle(this.#size);
    });
  }

  /** Sessions with all devices go both ways, and what is said only at first has been said. */
  async warmUp(): Promise<void> {
    const { ann, bob } = this.#world;
    await this.#say('ann', WARM_UP);
    await this.#say('bob', WARM_UP);
    await Promise.all([ann.ask('known', this.#chatId), bob.ask('known', this.#chatId)]);
    await this.#say('ann', WARM_UP);
    await this.#settle(this.#size);
  }

  async message(): Promise<Spent> {
    const { cpu, posts, up, relayCpu, down } = await this.#world.measure(this.#world.ann, () =>
      this.#say('ann', MESSAGES),
    );
    if (Math.abs(up / MESSAGES - groupFrameBytes(this.#size - 1)) > SAME_BYTES)
      throw new Error(`a message has ${String(up / MESSAGES)} bytes, not as many as the one that is sealed pairwise`);
    const each = (sum: number): number => sum / MESSAGES;
    return { cpu: each(cpu), posts: each(posts), up: each(up), relayCpu: each(relayCpu), down: each(down) };
  }

  /** Ann changes who is a member; then Bob and Ann say something. */
  async change(act: (chatId: string) => Promise<unknown>, size: number): Promise<Change> {
    const { ann, bob } = this.#world;
    const acted = await this.#world.measure(ann, async () => {
      await act(this.#chatId);
      await this.#settle(size);
    });
    const others = await this.#world.measure(bob, () => this.#say('bob', 1));
    await this.#settle(size);
    const next = await this.#world.measure(ann, () => this.#say('ann', 1));
    return { act: acted, others, next };
  }

  /** The other of the two hears it, and everything is sent. */
  async #say(who: 'ann' | 'bob', count: number): Promise<void> {
    const { ann, bob } = this.#world;
    const [from, to] = who === 'ann' ? [ann, bob] : [bob, ann];
    await to.ask('hears', this.#chatId, await from.ask('say', this.#chatId, count));
    await from.ask('quiet');
  }

  async #settle(size: number): Promise<void> {
    const { ann, bob } = this.#world;
    await Promise.all([ann.ask('settled', this.#chatId, size), bob.ask('settled', this.#chatId, size)]);
  }
}
