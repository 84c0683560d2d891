/**
 * A member's device with only what is needed on the far side: an identity, a mailbox that is signed in at the relay, and
 * answers, so that the session of who wrote first is one that goes both ways. Group messages are taken and acked unopened.
 */
import {
  type DeviceId,
  type Sessions,
  decodeDeviceLog,
  deviceIdOf,
  emptySessions,
  logView,
  openEnvelope,
  openMessage,
  openPreKeyBundle,
  publishPreKeys,
  sealEnvelope,
  sealMessage,
  startSession,
  systemRandom,
} from '@securechat/crypto';
import { type EnvelopeId, type MailboxId, toMailboxId } from '@securechat/relay-protocol';
import { createMemoryStore } from '../../sync/src/adapters/memory-store.ts';
import { Home, type Self, addressNote } from '../../sync/src/connection/home.ts';
import { type Envelope, RelayConnection } from '../../sync/src/connection/relay-connection.ts';
import { Directory } from '../../sync/src/directory/directory.ts';
import { createIdentity } from '../../sync/src/identity/identity.ts';
import { Lane } from '../../sync/src/lane.ts';
import { PAYLOAD_AD } from '../../sync/src/outbox/courier.ts';
import { type Views, decodePayload, encodePayload } from '../../sync/src/payload/payload.ts';
import { systemClock } from '../../sync/src/ports/clock.ts';
import { nodeLink } from '../../sync/test/real/made-account.ts';
import { type Traffic, countedLink } from '../processes/counted-link.ts';

/** One for each who asks the relay for one. */
const ONE_TIME_PREKEYS = 2;

export class Member {
  readonly self: Self;
  readonly #connection: RelayConnection;
  readonly #sessions = new Map<DeviceId, Sessions>();
  /** Devices that are still to be answered: what comes after that is not opened. */
  #letters: number;

  /** `letters`: how many devices will write to this one alone. */
  private constructor(relayUrl: string, traffic: Traffic, letters: number, drained: () => void) {
    this.#letters = letters;
    this.self = createIdentity({
      ...{ relayUrl, now: Date.now(), random: systemRandom, oneTimePreKeys: ONE_TIME_PREKEYS },
    });
    const link = countedLink(nodeLink(), traffic);
    const home = new Home({
      ...{ self: this.self, store: createMemoryStore(), lane: new Lane(), clock: systemClock, random: systemRandom },
      ...{ directory: new Directory(link), oneTimePreKeys: ONE_TIME_PREKEYS },
      mailboxOf: () => undefined,
      catchUp: () => Promise.resolve(undefined),
      isUnlinked: () => false,
    });
    this.#connection = new RelayConnection({
      ...{ relayUrl, link, clock: systemClock, random: systemRandom, signIn: home.signIn },
      events: {
        onState: () => undefined,
        onDeliver: (envelope) => {
          this.#take(envelope);
        },
        onDrained: drained,
      },
    });
  }

  /** Registers, signs in and drains. */
  static arrive(relayUrl: string, traffic: Traffic, letters: number): Promise<Member> {
    return new Promise((resolve) => {
      const member = new Member(relayUrl, traffic, letters, () => {
        resolve(member);
      });
      member.#connection.start();
    });
  }

  leave(): void {
    this.#connection.stop();
  }

  /** Rejects unless every mailbox has it. */
  async post(data: Uint8Array, to: readonly MailboxId[]): Promise<void> {
    const id = systemRandom(16) as EnvelopeId;
    const outcome = await this.#connection.post({ id, data, to, ephemeral: false });
    if (outcome.type !== 'accepted') throw new Error(`a post was ${outcome.type}`);
  }

  /** A session with `other` that has gone both ways, as both would have it after a first exchange. */
  meet(other: Member): void {
    const { device, preKeys, ...rest } = { ...other.self.identity, preKeys: other.self.preKeys };
    const { signed, oneTime } = publishPreKeys(preKeys, device, addressNote({ ...rest, device }));
    const bundle = openPreKeyBundle(device.publicKey, signed, oneTime[0]);
    if (!bundle.ok) throw new Error(bundle.error.type);
    const { device: self } = this.self.identity;
    const input = { self, peer: bundle.value, random: systemRandom, now: Date.now() };
    const started = startSession(emptySessions(), input);
    if (!started.ok) throw new Error(started.error.type);
    this.#sessions.set(device.id, started.value);
    other.#open(this.seal(other, new Uint8Array(0)));
    this.#open(other.seal(this, new Uint8Array(0)));
  }

  /** As the courier seals for one device. */
  seal(to: Member, plaintext: Uint8Array): Uint8Array {
    const { device } = to.self.identity;
    return this.#sealFor(device.id, device.publicKey, plaintext);
  }

  #take({ id, data }: Envelope): void {
    this.#connection.ack([id]);
    if (this.#letters === 0) return;
    const opened = this.#open(data);
    const payload = opened && decodePayload(opened.plaintext);
    const card = payload?.ok === true ? payload.value.parts.find(({ type }) => type === 'card') : undefined;
    if (opened === undefined || card?.type !== 'card') return;
    this.#letters -= 1;
    const log = decodeDeviceLog(card.deviceLog, opened.accountKey);
    const mailbox = toMailboxId(card.mailbox);
    if (!log.ok || mailbox === undefined) throw new Error('not a card');
    const mine = logView(this.self.identity.log);
    const views: Views = { mine, yours: logView(log.value), yourProfile: card.profile?.updated ?? 0 };
    const answer = encodePayload({ views, parts: [] });
    void this.post(this.#sealFor(deviceIdOf(opened.deviceKey), opened.deviceKey, answer), [mailbox]);
  }

  /** Undefined: it is no letter, or one from somebody who was answered. */
  #open(data: Uint8Array) {
    const { device } = this.self.identity;
    const envelope = openEnvelope(device, data);
    if (!envelope.ok) return undefined;
    const { deviceKey, accountKey, message } = envelope.value;
    const deviceId = deviceIdOf(deviceKey);
    const sessions = this.#sessions.get(deviceId) ?? emptySessions();
    const { preKeys } = this.self;
    const opened = openMessage(sessions, {
      ...{ self: device, preKeys, peerDeviceKey: deviceKey, message, ad: PAYLOAD_AD, now: Date.now() },
    });
    if (!opened.ok) return undefined;
    this.#sessions.set(deviceId, opened.value.next);
    return { plaintext: opened.value.plaintext, deviceKey, accountKey };
  }

  #sealFor(deviceId: DeviceId, to: Parameters<typeof deviceIdOf>[0], plaintext: Uint8Array): Uint8Array {
    const sessions = this.#sessions.get(deviceId) ?? emptySessions();
    const sealed = sealMessage(sessions, { plaintext, ad: PAYLOAD_AD, random: systemRandom });
    if (!sealed.ok) throw new Error(sealed.error.type);
    this.#sessions.set(deviceId, sealed.value.next);
    const { account, device } = this.self.identity;
    const from = { accountKey: account.publicKey, device };
    return sealEnvelope({ from, to, message: sealed.value.message, random: systemRandom });
  }
}
