/**
 * The linking ceremony on the device that has the account: meets the new device at the code's rendezvous, shows its user
 * who it is and the comparison, and only when they confirm adds the device to the account's log and gives it the account.
 */
import {
  type Random,
  DEVICE_LOG_LIMITS,
  type DeviceId,
  answerOffer,
  deviceIdOf,
  linkRendezvous,
  readReveal,
  sealGrant,
} from '@securechat/crypto';
import type { ClientError, LinkRequest } from '../api.ts';
import { inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { type Membership, clientError } from '../devices/membership.ts';
import type { OwnLog } from '../devices/own-log.ts';
import type { Directory } from '../directory/directory.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Lane } from '../lane.ts';
import type { Peers } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { type Hello, decodeHello, encodeGrant, readLinkText } from './grant.ts';
import { type MeetError, Rendezvous, SLOTS } from './rendezvous.ts';

/** How long a code is good. */
export const LINK_LIFETIME = 10 * 60_000;
const OFFER_PATIENCE = 3_000;
const REVEAL_PATIENCE = 30_000;

export interface HostOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, 'ask'>;
  readonly peers: Peers;
  readonly ownLog: OwnLog;
  readonly membership: Membership;
  readonly personal: PersonalDocuments;
  /** What will come over. */
  readonly content: () => Promise<{ readonly chats: number; readonly messages: number }>;
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ClientError };
type State = Extract<ReturnType<typeof readReveal>, { ok: true }>['value']['state'];

interface Guest {
  readonly meeting: Rendezvous;
  readonly state: State;
  readonly hello: Hello;
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
    const { self, directory, clock, random, ownLog, content } = this.#options;
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
    const reveal = await meeting.take(SLOTS.reveal, REVEAL_PATIENCE);
    if (!reveal.ok) return refused(meetError(reveal.error));
    const opened = readReveal(answered.value.state, reveal.value);
    const hello = opened.ok ? decodeHello(opened.value.hello) : undefined;
    if (!opened.ok || hello === undefined) return refused({ type: 'LinkTampered' });
    const { state, comparison } = opened.value;
    this.#guest = { meeting, state, hello };
    return { ok: true, value: { deviceName: hello.name, comparison, ...(await content()) } };
  }

  /** The user confirmed: adds the device and gives it the account. */
  async confirm(): Promise<Answer<{ readonly deviceId: DeviceId }>> {
    const guest = this.#guest;
    if (guest === undefined) return refused({ type: 'LinkCodeExpired' });
    const { self, membership, random } = this.#options;
    const { deviceKey, mailbox } = guest.hello;
    const added = await membership.add(deviceKey, mailbox);
    if (!added.ok) return added;
    const deviceId = deviceIdOf(deviceKey);
    await this.#remember(deviceId, guest.hello);
    const grant = encodeGrant({
      account: self.identity.account,
      log: self.identity.log,
      relayUrl: self.identity.relayUrl,
      addresses: this.#addresses(deviceId),
      generations: new Map(Object.entries(this.#options.personal.generations())),
    });
    const given = await guest.meeting.put(SLOTS.grant, sealGrant(guest.state, grant, random));
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

  async #remember(deviceId: DeviceId, { name, mailbox }: Hello): Promise<void> {
    const { self, store, lane, peers, ownLog, personal, clock } = this.#options;
    const { relayUrl } = self.identity;
    await lane.run(() =>
      inBatch(store, (batch) => {
        const peer = peers.get(ownLog.me, batch);
        if (peer === undefined) return;
        peers.put(batch, { ...peer, addresses: { ...peer.addresses, [deviceId]: { relayUrl, mailbox } } });
      }),
    );
    await personal.devices.set(deviceId, { name, addedAt: clock.now() });
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
