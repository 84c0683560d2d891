/**
 * The linking ceremony on the new device: shows a code, meets the device that read it, shows the comparison, and gets the
 * account. Everything is in memory: a ceremony that is cut short starts over with a new code.
 */
import {
  type Device,
  type LinkCode,
  type PreKeys,
  type Random,
  activeDevices,
  createLinkCode,
  formatLinkCode,
  linkRendezvous,
  offerLink,
  openGrant,
  publishPreKeys,
  revealLink,
} from '@securechat/crypto';
import type { MailboxId } from '@securechat/relay-protocol';
import type { LinkFailure, Linking } from '../api.ts';
import type { Directory } from '../directory/directory.ts';
import type { Clock } from '../ports/clock.ts';
import { type Grant, decodeGrant, encodeHello, linkQr } from './grant.ts';
import { LINK_LIFETIME } from './host.ts';
import { type MeetError, Rendezvous, SLOTS } from './rendezvous.ts';

export interface GuestOptions {
  readonly directory: Pick<Directory, 'ask'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly relayUrl: string;
  readonly device: Device;
  readonly mailbox: MailboxId;
  readonly preKeys: PreKeys;
  readonly deviceName: string;
  readonly show: (state: Linking) => void;
  /** Takes the account into this device; rejects when it cannot be stored. */
  readonly accept: (grant: Grant) => Promise<void>;
}

export class LinkGuest {
  readonly #options: GuestOptions;
  readonly #code: LinkCode;
  readonly #meeting: Rendezvous;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.#code = createLinkCode(options.random);
    const { directory, clock, relayUrl } = options;
    this.#meeting = new Rendezvous({ directory, clock, relayUrl, id: linkRendezvous(this.#code) });
  }

  /** Runs the ceremony to its end; every state is shown. Rejects only when the account cannot be stored. */
  async run(): Promise<void> {
    const failure = await this.#meet();
    if (failure !== undefined && !this.#meeting.isStopped) this.#options.show({ type: 'Failed', reason: failure });
  }

  stop(): void {
    this.#meeting.stop();
  }

  async #meet(): Promise<LinkFailure | undefined> {
    const { clock, random, relayUrl, device, show, accept } = this.#options;
    const code = this.#code;
    const time = clock.now();
    const { state, offer } = offerLink({ code, time, hello: this.#hello(), random });
    const offered = await this.#meeting.put(SLOTS.offer, offer);
    if (!offered.ok) return failureOf(offered.error);
    const expiresAt = time + LINK_LIFETIME;
    show({ type: 'Waiting', code: formatLinkCode(code), qr: linkQr(code, relayUrl), expiresAt });
    const reply = await this.#meeting.take(SLOTS.reply, LINK_LIFETIME);
    if (!reply.ok) return failureOf(reply.error);
    const revealed = revealLink(state, reply.value);
    if (!revealed.ok) return 'Tampered';
    const put = await this.#meeting.put(SLOTS.reveal, revealed.value.reveal);
    if (!put.ok) return failureOf(put.error);
    show({ type: 'Compare', comparison: revealed.value.comparison });
    const sealed = await this.#meeting.take(SLOTS.grant, LINK_LIFETIME);
    if (!sealed.ok) return failureOf(sealed.error);
    const opened = openGrant(revealed.value.state, sealed.value);
    const grant = opened.ok ? decodeGrant(opened.value) : undefined;
    if (grant === 'Declined') return 'Declined';
    // An account whose log does not have this device would be of no use, and is no honest device's doing.
    if (grant === undefined || !activeDevices(grant.log).some(({ id }) => id === device.id)) return 'Tampered';
    show({ type: 'Receiving' });
    await accept(grant);
    return undefined;
  }

  /** Without one-time pre-keys: the relay gives each of them out once. Where this device receives the grant decides. */
  #hello(): Uint8Array {
    const { device, mailbox, preKeys, deviceName } = this.#options;
    const { signed } = publishPreKeys({ ...preKeys, oneTime: [] }, device, new Uint8Array(0));
    return encodeHello({ deviceKey: device.publicKey, mailbox, name: deviceName, preKey: signed });
  }
}

function failureOf(error: MeetError): LinkFailure {
  switch (error.type) {
    case 'TimedOut':
    case 'Expired':
      return 'Expired';
    case 'Taken':
      return 'Tampered';
    case 'Offline':
    case 'Unintelligible':
      return 'Offline';
    default:
      return 'RelayRefused';
  }
}
