/**
 * The linking ceremony on the device that has the account: meets the new device at the code's rendezvous, shows its user
 * who it is and the comparison, and only when they confirm adds the device to the account's log and gives it the account.
 */
import {
  type Random,
  DEVICE_LOG_LIMITS,
  type DeviceId,
  type DeviceLog,
  type PreKeyBundle,
  answerOffer,
  deviceIdOf,
  linkRendezvous,
  openPreKeyBundle,
  readReveal,
  sealGrant,
  startSession,
} from '@securechat/crypto';
import type { ClientError, LinkRequest } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { type Membership, clientError } from '../devices/membership.ts';
import type { ReadyPages } from '../devices/exchange.ts';
import type { OwnLog } from '../devices/own-log.ts';
import type { Directory } from '../directory/directory.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Peers } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { SessionBook } from '../sessions/session-book.ts';
import { type Hello, decodeHello, encodeGrant, readLinkText } from './grant.ts';
import { type MeetError, Rendezvous, SLOTS } from './rendezvous.ts';

/** How long a code is good. */
export const LINK_LIFETIME = 10 * 60_000;
const OFFER_PATIENCE = 3_000;
const REVEAL_PATIENCE = 30_000;

export interface HostOptions {
  readonly self: Self;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, 'ask'>;
  readonly peers: Peers;
  readonly ownLog: OwnLog;
  readonly membership: Membership;
  readonly personal: PersonalDocuments;
  readonly sessions: SessionBook;
  /** Part of the job that adds the device: tells it what it would ask for first. */
  readonly welcome: (deviceId: DeviceId, batch: Batch, ready: ReadyPages) => Promise<void>;
  /** A device may be added soon: gets ready what it will be told. */
  readonly prepareWelcome: () => ReadyPages;
  /** What will come over. */
  readonly content: () => Promise<{ readonly chats: number; readonly messages: number }>;
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ClientError };
type State = Extract<ReturnType<typeof readReveal>, { ok: true }>['value']['state'];

interface Guest {
  readonly meeting: Rendezvous;
  readonly state: State;
  readonly hello: Hello;
  readonly preKey: PreKeyBundle;
  readonly ready: ReadyPages;
}

export class LinkHost {
  readonly #options: HostOptions;
  #guest: Guest | undefined;
  #meeting: Rendezvous | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Meets the device that shows this code. Takes some seconds; a second call ends the first. */
  async read(text: string): Promise<Answer<LinkRequest>> {
    this.stop();
    const { self, directory, clock, random, ownLog, content, prepareWelcome } = this.#options;
    const read = readLinkText(text);
    if (read === undefined) return refused({ type: 'LinkCodeInvalid' });
    if (ownLog.siblings.length + 1 >= DEVICE_LOG_LIMITS.devices)
      return refused({ type: 'TooManyDevices', limit: DEVICE_LOG_LIMITS.devices });
    const { code, relayUrl = self.identity.relayUrl } = read;
    const meeting = new Rendezvous({ directory, clock, relayUrl, id: linkRendezvous(code) });
    this.#meeting = meeting;
    const offer = await meeting.take(SLOTS.offer, OFFER_PATIENCE);
    if (!offer.ok) return refused(meetError(offer.error));
    const answered = answerOffer({ code, offer: offer.value, random });
    if (!answered.ok) return refused({ type: 'LinkTampered' });
    if (Math.abs(clock.now() - answered.value.time) > LINK_LIFETIME) return refused({ type: 'LinkCodeExpired' });
    const replied = await meeting.put(SLOTS.reply, answered.value.reply);
    if (!replied.ok) return refused(meetError(replied.error));
    const ready = prepareWelcome();
    const reveal = await meeting.take(SLOTS.reveal, REVEAL_PATIENCE);
    if (!reveal.ok) return refused(meetError(reveal.error));
    const opened = readReveal(answered.value.state, reveal.value);
    const hello = opened.ok ? decodeHello(opened.value.hello) : undefined;
    const preKey = hello && openPreKeyBundle(hello.deviceKey, hello.preKey);
    if (!opened.ok || hello === undefined || preKey?.ok !== true) return refused({ type: 'LinkTampered' });
    const { state, comparison } = opened.value;
    this.#guest = { meeting, state, hello, preKey: preKey.value, ready };
    return { ok: true, value: { deviceName: hello.name, comparison, ...(await content()) } };
  }

  /** The user confirmed: adds the device and gives it the account, and all that it needs first. */
  async confirm(): Promise<Answer<{ readonly deviceId: DeviceId }>> {
    const guest = this.#guest;
    if (guest === undefined) return refused({ type: 'LinkCodeExpired' });
    const { self, membership, personal, clock } = this.#options;
    const { deviceKey, mailbox, name } = guest.hello;
    const deviceId = deviceIdOf(deviceKey);
    let giving: ReturnType<Rendezvous['put']> | undefined;
    const added = await membership.add({
      ...{ deviceKey, mailbox },
      // The new device has a second's work with it, in which this one gets the rest ready.
      registered: (log) => {
        giving = this.#give(guest, log);
      },
      adopted: (batch) => this.#welcome(guest, batch),
    });
    if (!added.ok) return added;
    await personal.devices.set(deviceId, { name, addedAt: clock.now() });
    const given = await (giving ?? this.#give(guest, self.identity.log));
    if (!given.ok) return refused(meetError(given.error));
    this.#guest = undefined;
    return { ok: true, value: { deviceId } };
  }

  /** The user declined: the new device hears of it. */
  async decline(): Promise<void> {
    const guest = this.#guest;
    this.#guest = undefined;
    if (guest === undefined) return;
    await guest.meeting.put(SLOTS.grant, sealGrant(guest.state, encodeGrant(undefined), this.#options.random));
  }

  /** Ends what is under way. */
  stop(): void {
    this.#meeting?.stop();
    this.#meeting = undefined;
    this.#guest = undefined;
  }

  #give({ meeting, state, hello }: Guest, log: DeviceLog): ReturnType<Rendezvous['put']> {
    const { self, personal, random } = this.#options;
    const { account, relayUrl } = self.identity;
    const grant = encodeGrant({
      ...{ account, log, relayUrl, addresses: this.#addresses(deviceIdOf(hello.deviceKey)) },
      generations: new Map(Object.entries(personal.generations())),
    });
    return meeting.put(SLOTS.grant, sealGrant(state, grant, random));
  }

  /** It can be written to from now on, and is, although it is not on line yet. */
  async #welcome({ hello, preKey, ready }: Guest, batch: Batch): Promise<void> {
    const { self, peers, sessions, ownLog, random, clock, welcome } = this.#options;
    const deviceId = deviceIdOf(hello.deviceKey);
    const { device, relayUrl } = self.identity;
    const peer = peers.get(ownLog.me, batch);
    if (peer === undefined) return;
    const address = { relayUrl, mailbox: hello.mailbox };
    peers.put(batch, { ...peer, addresses: { ...peer.addresses, [deviceId]: address } });
    const current = await sessions.get(deviceId, batch);
    const started = startSession(current, { self: device, peer: preKey, random, now: clock.now() });
    if (!started.ok) return;
    sessions.set(deviceId, started.value, batch);
    sessions.writeInto(batch);
    await welcome(deviceId, batch, ready);
  }

  /** Where the other own devices receive, this one included. */
  #addresses(guest: DeviceId): ReadonlyMap<DeviceId, { relayUrl: string; mailbox: Hello['mailbox'] }> {
    const { self, peers, ownLog } = this.#options;
    const { device, relayUrl, mailbox } = self.identity;
    const known = peers.get(ownLog.me)?.addresses ?? {};
    const addresses = new Map([[device.id, { relayUrl, mailbox }]]);
    for (const { id } of ownLog.siblings) {
      const address = known[id];
      if (id !== guest && address !== undefined) addresses.set(id, address);
    }
    return addresses;
  }
}

function refused(error: ClientError): { readonly ok: false; readonly error: ClientError } {
  return { ok: false, error };
}

function meetError(error: MeetError): ClientError {
  switch (error.type) {
    case 'TimedOut':
    case 'Stopped':
    case 'NotFound':
      return { type: 'LinkCodeUnknown' };
    case 'Expired':
      return { type: 'LinkCodeExpired' };
    case 'Taken':
      return { type: 'LinkCodeUsed' };
    default:
      return clientError(error);
  }
}
