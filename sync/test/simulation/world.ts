/**
 * The world (DESIGN 10): devices running the real client, the real relay core, virtual time, and a relay and wire that do
 * wrong by the dice. One seed, one story. What the world watches by itself: every post's bytes (an envelope id never
 * carries two contents, a message key is never used twice) and what the relay was made to lie about.
 */
import {
  DEFAULT_CONFIG,
  type Relay,
  UNLIMITED,
  createRelay,
  memoryDirectory,
  memoryMailboxes,
  silentLog,
} from '@securechat/relay';
import { hash, openEnvelope, openGroupEnvelope, seededRandom, toBase64Url } from '@securechat/crypto';
import type { HttpAnswer, HttpRequest } from '../../src/ports/relay-link.ts';
import { OwnedClock, VirtualClock } from './clock.ts';
import { SimulatedDevice } from './device.ts';
import { Dice } from './dice.ts';
import type { Line } from './line.ts';
import { type ClaimBody, Mischief } from './mischief.ts';

export const RELAY_URL = 'http://relay.test';
/** What the relay tells its devices of. */
export const TURN_URLS = ['turn:turn.test:3478'];
const START = Date.UTC(2026, 0, 5);

/** A named alarm that some device must have raised by the end. */
export interface ExpectedAlarm {
  readonly device: string;
  readonly type: 'DeviceLogRolledBack' | 'PreKeysSubstituted';
}

export class World {
  readonly clock = new VirtualClock(START);
  readonly dice: Dice;
  readonly mischief: Mischief;
  readonly devices: SimulatedDevice[] = [];
  readonly expectedAlarms: ExpectedAlarm[] = [];
  /** What broke a promise, first come first. */
  readonly violations: string[] = [];
  /** A device that keeps everything it says from another. */
  withholding: { readonly by: SimulatedDevice; readonly from: SimulatedDevice } | undefined;
  relay: Relay;
  #relayClock: OwnedClock;
  #requests = 0;
  #keptBack: { readonly device: string; readonly frame: Uint8Array; readonly at: number }[] = [];
  readonly #seed: number;
  readonly #mailboxes = memoryMailboxes(DEFAULT_CONFIG.quota);
  readonly #directory = memoryDirectory();
  readonly #tokenSecret = new Uint8Array(32).fill(7);
  readonly #posts = new Map<string, string>();
  readonly #messageKeys = new Map<string, string>();

  constructor(seed: number, level: number) {
    this.#seed = seed;
    this.dice = new Dice(seed);
    this.mischief = new Mischief(this.dice, level);
    this.#relayClock = new OwnedClock(this.clock);
    this.relay = this.#startRelay();
  }

  /** A device that was never opened. */
  makeDevice(name: string): SimulatedDevice {
    const device = new SimulatedDevice(this, this.dice, name, this.#seed);
    this.devices.push(device);
    return device;
  }

  /** A person with an account on a new device. */
  async addDevice(name: string): Promise<SimulatedDevice> {
    const device = this.makeDevice(name);
    await device.open();
    const created = await device.client.call('createAccount', { name, relayUrl: RELAY_URL });
    if (!created.ok) throw new Error(`createAccount: ${created.error.type}`);
    return device;
  }

  /** Kills the relay process: what it held in memory is gone, its disk stays, and a new one starts. */
  crashRelay(): void {
    this.#relayClock.kill();
    this.#relayClock = new OwnedClock(this.clock);
    this.relay = this.#startRelay();
    for (const device of this.devices) device.line.hangUp();
  }

  /** Lets `ms` pass, everything that falls due included. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + Math.round(ms);
    // What a library does by a timer of its own gets its turn, too.
    await new Promise((resolve) => setImmediate(resolve));
    await this.settle();
    while (this.clock.step(end)) await this.settle();
  }

  /**
   * Lets all promises settle that need no time. A tick comes when no promise has anything more to do, and costs a tenth of a
   * turn of the event loop, of which a story would take a hundred thousand; only what waits for more than promises gets turns.
   */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    while (this.#isBusy()) await new Promise((resolve) => setImmediate(resolve));
  }

  #isBusy(): boolean {
    return this.#requests > 0 || this.devices.some(({ isOpen, engine }) => isOpen && (engine?.lane.waiting ?? 0) > 0);
  }

  async http(url: string, request: HttpRequest, address: string): Promise<HttpAnswer> {
    this.#requests += 1;
    try {
      const response = await this.relay.http(
        new Request(url + request.path, {
          method: request.method,
          headers: {
            'content-type': 'application/json',
            ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
          },
          ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        }),
        { address },
      );
      return { status: response.status, body: await response.json() };
    } finally {
      this.#requests -= 1;
    }
  }

  /** A claim's answer on its way to a device. */
  twist(line: Line, body: ClaimBody): void {
    this.mischief.saw(body.accountKey, body.deviceLog);
    const device = this.devices.find((d) => d.line === line);
    const known =
      device?.engine && [...device.engine.peers.all()].find((peer) => toBase64Url(peer.publicKey) === body.accountKey);
    const served = body.deviceLog;
    const done = this.mischief.twistClaim(body);
    if (device === undefined || done === undefined) return;
    if (done === 'substituted') this.expectedAlarms.push({ device: device.name, type: 'PreKeysSubstituted' });
    // Only who had seen the longer log can know that this one is old.
    const knewMore = known?.log !== undefined && known.log.entries.length > 1 && served !== body.deviceLog;
    if (done === 'rolledBack' && knewMore)
      this.expectedAlarms.push({ device: device.name, type: 'DeviceLogRolledBack' });
  }

  /** Hands a frame meant for `line` to another device, or an old one of its own back to it. */
  giveToAnother(line: Line, frame: Uint8Array): void {
    const others = this.devices.filter((device) => device.line !== line);
    if (others.length === 0 || this.dice.chance(0.3))
      line.inject(line.past[this.dice.below(line.past.length)] ?? frame);
    else this.dice.pick(others).line.inject(frame);
  }

  /** A frame that the relay brings much later, on whatever connection its device has by then. */
  keepBack(device: string, frame: Uint8Array, delay: number): void {
    this.#keptBack.push({ device, frame, at: this.clock.now() + delay });
  }

  /** Brings what was kept back and is due. */
  releaseKeptBack(): void {
    const due = this.#keptBack.filter(({ at }) => at <= this.clock.now());
    this.#keptBack = this.#keptBack.filter(({ at }) => at > this.clock.now());
    for (const { device, frame } of due) this.devices.find(({ name }) => name === device)?.line.inject(frame);
  }

  /** Whether nothing of what this device posts goes to this mailbox. */
  isWithheld(device: string, mailbox: Uint8Array): boolean {
    const victim = this.withholding?.from.engine?.self.identity.mailbox;
    if (this.withholding?.by.name !== device || victim === undefined) return false;
    return toBase64Url(victim) === toBase64Url(mailbox);
  }

  /** Watches every post: one id one content, one message key one message. */
  sawPost(id: Uint8Array, to: readonly Uint8Array[], data: Uint8Array): void {
    const key = toBase64Url(id);
    const digest = toBase64Url(hash('simulation', data));
    const before = this.#posts.get(key);
    if (before !== undefined && before !== digest) this.violations.push(`envelope ${key} was sent with two contents`);
    this.#posts.set(key, digest);
    if (before === undefined) {
      this.#checkMessageKey(to, data, digest);
      this.#checkGroupKey(data, digest);
    }
  }

  /** The same for a group's envelope: its sender key and its place in the chain name one message key. */
  #checkGroupKey(data: Uint8Array, digest: string): void {
    const groups = new Map(
      this.devices.flatMap(({ engine }) => [...(engine?.groupBook.all() ?? [])]).map((one) => [one.groupId, one]),
    );
    for (const { headerKey } of groups.values()) {
      const opened = openGroupEnvelope(data, headerKey);
      if (opened.ok) this.#useKey(`${opened.value.keyId} ${toBase64Url(opened.value.message.slice(0, 4))}`, digest);
    }
  }

  #useKey(name: string, digest: string): void {
    const before = this.#messageKeys.get(name);
    if (before !== undefined && before !== digest) this.violations.push(`message key ${name} was used twice`);
    this.#messageKeys.set(name, digest);
  }

  /** The header names the message key: the same header under different bytes is a key, and so a nonce, used twice. */
  #checkMessageKey(to: readonly Uint8Array[], data: Uint8Array, digest: string): void {
    for (const device of this.devices) {
      const identity = device.engine?.self.identity;
      if (identity === undefined || !to.some((mailbox) => toBase64Url(mailbox) === toBase64Url(identity.mailbox)))
        continue;
      const opened = openEnvelope(identity.device, data);
      if (!opened.ok) continue;
      this.#useKey(`${toBase64Url(opened.value.deviceKey)} ${messageKeyName(opened.value.message)}`, digest);
    }
  }

  #startRelay(): Relay {
    const random = seededRandom(new Uint8Array(32).fill(this.#seed % 251));
    return createRelay({
      store: this.#mailboxes,
      directory: this.#directory,
      clock: this.#relayClock,
      random,
      config: {
        ...DEFAULT_CONFIG,
        rates: mapValues(DEFAULT_CONFIG.rates, () => UNLIMITED),
        turn: { urls: TURN_URLS, secret: new Uint8Array(32).fill(8) },
      },
      log: silentLog,
      tokenSecret: this.#tokenSecret,
    });
  }
}

/** Bytes of a session message before its ratchet message, by kind (crypto/SPEC, session message layout). */
const INITIAL_PREFIX = 1130;
const ONGOING_PREFIX = 10;

/** The ratchet key and the index in its chain: together they name one message key. */
function messageKeyName(message: Uint8Array): string {
  const at = message[1] === 1 ? INITIAL_PREFIX : ONGOING_PREFIX;
  return `${toBase64Url(message.slice(at, at + 32))}.${toBase64Url(message.slice(at + 36, at + 40))}`;
}

function mapValues<T extends object, V>(object: T, map: (value: T[keyof T]) => V): { [K in keyof T]: V } {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value as T[keyof T])])) as {
    [K in keyof T]: V;
  };
}
