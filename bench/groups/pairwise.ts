/**
 * One message to all members as it would go without sender keys: sealed for each device in the Double Ratchet session with
 * it and in an envelope of its own, all of them posted. Beside it, what sealing it once for the group takes.
 */
import {
  type ChatId,
  createGroupSecret,
  createSenderKey,
  groupHeaderKey,
  sealGroupEnvelope,
  systemRandom,
} from '@securechat/crypto';
import { type EnvelopeId, type MailboxId, encodeFrame } from '@securechat/relay-protocol';
import { NO_VIEW, PAYLOAD_AD } from '../../sync/src/outbox/courier.ts';
import { encodePayload } from '../../sync/src/payload/payload.ts';
import type { Traffic } from '../processes/counted-link.ts';
import { median } from '../table.ts';
import { cpuOf } from './cpu-of.ts';
import { Member } from './member.ts';
import type { World } from './world.ts';

export interface Pairwise {
  /** Milliseconds of CPU. */
  readonly sealing: number;
  readonly sealingOnce: number;
  readonly relayCpu: number;
  readonly up: number;
  readonly down: number;
}

const ROUNDS = 5;
const SEALS = 200;
/** Bytes of the change that a message of 100 characters makes. */
const CHANGE_BYTES = 320;

/** A payload as large as that of a message of 100 characters. */
export const MESSAGE_PAYLOAD = payloadOf(CHANGE_BYTES);

/** The bytes that a message takes on the wire, sealed once for all. */
export function groupFrameBytes(others: number): number {
  const data = sealerOnce()();
  const to = Array.from({ length: others }, () => new Uint8Array(16) as MailboxId);
  return encodeFrame({ type: 'post', id: new Uint8Array(16) as EnvelopeId, ephemeral: false, to, data }).length;
}

/** A device that writes to every member alone. */
export class PairwiseSender {
  readonly #world: World;
  readonly #member: Member;
  readonly #traffic: Traffic;
  readonly #met = new Set<Member>();

  private constructor(world: World, member: Member, traffic: Traffic) {
    this.#world = world;
    this.#member = member;
    this.#traffic = traffic;
  }

  static async create(world: World): Promise<PairwiseSender> {
    const traffic = { sent: 0, received: 0, posts: 0 };
    return new PairwiseSender(world, await Member.arrive(world.relay.url, traffic, 0), traffic);
  }

  leave(): void {
    this.#member.leave();
  }

  async measure(members: readonly Member[]): Promise<Pairwise> {
    for (const member of members) {
      if (!this.#met.has(member)) this.#member.meet(member);
      this.#met.add(member);
    }
    const [sealing, sealingOnce]: [number[], number[]] = [[], []];
    const sealOnce = sealerOnce();
    let envelopes: readonly Uint8Array[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const seal = (): void => {
        envelopes = members.map((member) => this.#member.seal(member, MESSAGE_PAYLOAD));
      };
      sealing.push(await cpuOf(seal));
      const repeat = (): void => {
        for (let i = 0; i < SEALS; i += 1) sealOnce();
      };
      sealingOnce.push((await cpuOf(repeat)) / SEALS);
    }
    return { sealing: median(sealing), sealingOnce: median(sealingOnce), ...(await this.#post(members, envelopes)) };
  }

  async #post(
    members: readonly Member[],
    envelopes: readonly Uint8Array[],
  ): Promise<Omit<Pairwise, 'sealing' | 'sealingOnce'>> {
    const before = this.#traffic.sent;
    const { relayCpu, down } = await this.#world.measureRelay(() =>
      Promise.all(envelopes.map((data, index) => this.#member.post(data, mailboxOf(members[index])))),
    );
    return { relayCpu, down, up: this.#traffic.sent - before };
  }
}

function mailboxOf(member: Member | undefined): readonly MailboxId[] {
  return member === undefined ? [] : [member.self.identity.mailbox];
}

/** Seals the payload for a group, as often as it is called. */
function sealerOnce(): () => Uint8Array {
  const headerKey = groupHeaderKey(createGroupSecret(systemRandom));
  let senderKey = createSenderKey({ random: systemRandom, now: Date.now() });
  return () => {
    const { next, envelope } = sealGroupEnvelope({
      ...{ senderKey, headerKey, plaintext: MESSAGE_PAYLOAD, ad: PAYLOAD_AD, random: systemRandom },
    });
    senderKey = next;
    return envelope;
  };
}

function payloadOf(changeBytes: number): Uint8Array {
  const changes = [{ segment: 0, generation: 0, bytes: new Uint8Array(changeBytes) }];
  return encodePayload({
    views: { mine: NO_VIEW, yours: NO_VIEW, yourProfile: 0 },
    parts: [{ type: 'changes', chatId: 'a'.repeat(22) as ChatId, of: 'push', changes }],
  });
}
