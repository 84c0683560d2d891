/**
 * What the relay and the wire do wrong, decided by dice: a relay that drops, repeats, reorders, delays by up to a week,
 * gives one device's envelopes to another, replays old ones, serves old device logs and puts its own pre-keys in place of
 * a device's. `level` 0 is an honest relay on a good line.
 */
import {
  createDevice,
  createPreKeys,
  fromBase64Url,
  publishPreKeys,
  seededRandom,
  toBase64Url,
} from '@securechat/crypto';
import type { Dice } from './dice.ts';

const WEEK = 7 * 24 * 3600_000;

export interface Fate {
  /** Delays at which copies arrive; empty: dropped. */
  readonly copies: readonly number[];
  /** Goes to some other device instead. */
  readonly swapped: boolean;
}

export interface ClaimBody {
  accountKey: string;
  deviceLog: string;
  devices: { deviceKey: string; mailbox: string; signed: string; oneTime?: { id: number; bytes: string } }[];
}

export class Mischief {
  level: number;
  readonly #dice: Dice;
  /** First device log seen of each account, to roll back to. */
  readonly #oldLogs = new Map<string, string>();

  constructor(dice: Dice, level: number) {
    this.#dice = dice;
    this.level = level;
  }

  /** What becomes of one `deliver` frame. */
  fateOfDelivery(): Fate {
    const dice = this.#dice;
    const usual = dice.between(1, 40);
    if (!dice.chance(0.35 * this.level)) return { copies: [usual], swapped: false };
    switch (dice.below(5)) {
      case 0:
        return { copies: [], swapped: false };
      case 1:
        return { copies: [usual, usual + dice.between(0, 5_000)], swapped: false };
      case 2:
        return { copies: [dice.between(100, 30_000)], swapped: false };
      case 3:
        return { copies: [dice.between(3600_000, WEEK)], swapped: false };
      default:
        return { copies: [usual], swapped: true };
    }
  }

  /** Says `accepted` for a post and throws it away. */
  swallowsPost(): boolean {
    return this.#dice.chance(0.08 * this.level);
  }

  /** Remembers the log as published, so that an old one can be served later. */
  saw(accountKey: string, deviceLog: string): void {
    if (!this.#oldLogs.has(accountKey)) this.#oldLogs.set(accountKey, deviceLog);
  }

  /** Changes a claim's answer in place; says what was done. */
  twistClaim(body: ClaimBody): 'rolledBack' | 'substituted' | undefined {
    const dice = this.#dice;
    if (dice.chance(0.25 * this.level)) {
      const old = this.#oldLogs.get(body.accountKey);
      if (old !== undefined && old !== body.deviceLog) {
        body.deviceLog = old;
        return 'rolledBack';
      }
    }
    const [device] = body.devices;
    if (device === undefined || !dice.chance(0.25 * this.level)) return undefined;
    const random = seededRandom(new Uint8Array(32).fill(dice.below(256)));
    const own = createDevice(random);
    const preKeys = createPreKeys(own, random, { now: 0, oneTime: 1, firstId: 1 });
    const published = publishPreKeys(preKeys, own, fromBase64Url(device.mailbox) ?? new Uint8Array(16));
    device.signed = toBase64Url(published.signed);
    const [oneTime] = published.oneTime;
    if (oneTime !== undefined) device.oneTime = { id: oneTime.id, bytes: toBase64Url(oneTime.bytes) };
    return 'substituted';
  }
}
