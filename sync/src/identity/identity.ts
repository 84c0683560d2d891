/**
 * Who this device is: the account, the device, its mailbox, its device log and its pre-keys. One sealed row for the
 * identity and one for the pre-keys. Registration and sign-in at the relay belong to `connection/home.ts`.
 */
import {
  type Account,
  type Device,
  type DeviceLog,
  type PreKeys,
  type Random,
  createAccount,
  createDevice,
  createPreKeys,
  decodeAccount,
  decodeDevice,
  decodeDeviceLog,
  decodePreKeys,
  encodeAccount,
  encodeDevice,
  encodeDeviceLog,
  encodePreKeys,
  logView,
  startDeviceLog,
} from '@securechat/crypto';
import { type MailboxId, toMailboxId } from '@securechat/relay-protocol';
import type { Batch } from '../batch.ts';
import type { Grant } from '../linking/grant.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

const KEY = 'identity';
const PREKEYS_KEY = 'own';
const MAILBOX_BYTES = 16;

/** One-time pre-keys kept at the relay; replenished when fewer than half are left. */
export const ONE_TIME_PREKEYS = 100;

export interface Identity {
  readonly account: Account;
  readonly device: Device;
  readonly mailbox: MailboxId;
  readonly log: DeviceLog;
  readonly relayUrl: string;
  /** Device-log length that the relay has; 0: not registered there. */
  readonly registered: number;
  /** Id of the signed pre-key that the relay has; 0: none. */
  readonly published: number;
}

interface Row {
  readonly account: Uint8Array;
  readonly device: Uint8Array;
  readonly mailbox: Uint8Array;
  readonly log: Uint8Array;
  readonly relayUrl: string;
  readonly registered: number;
  readonly published: number;
}

export interface NewIdentity {
  readonly relayUrl: string;
  readonly now: number;
  readonly random: Random;
  /** Fewer in tests. Default {@link ONE_TIME_PREKEYS}. */
  readonly oneTimePreKeys?: number | undefined;
}

/** What makes a device, whatever account it is to belong to. Nothing is stored yet. */
export interface DeviceKeys {
  readonly device: Device;
  readonly mailbox: MailboxId;
  readonly preKeys: PreKeys;
}

/** A new device, its mailbox and its pre-keys. */
export function createDeviceKeys({
  now,
  random,
  oneTimePreKeys = ONE_TIME_PREKEYS,
}: Omit<NewIdentity, 'relayUrl'>): DeviceKeys {
  const device = createDevice(random);
  const mailbox = random(MAILBOX_BYTES) as MailboxId;
  const preKeys = createPreKeys(device, random, { now, oneTime: oneTimePreKeys, firstId: 1 });
  return { device, mailbox, preKeys };
}

/** A fresh account with this as its first device, and its pre-keys. Nothing is stored yet. */
export function createIdentity(input: NewIdentity): { readonly identity: Identity; readonly preKeys: PreKeys } {
  const account = createAccount(input.random);
  const { device, mailbox, preKeys } = createDeviceKeys(input);
  const log = startDeviceLog(account, device, input.now);
  const { relayUrl } = input;
  return { identity: { account, device, mailbox, log, relayUrl, registered: 0, published: 0 }, preKeys };
}

/** This device as a member of an account that another own device gave it, and registered. */
export function linkedIdentity(
  { account, log, relayUrl, addresses, generations }: Grant,
  { device, mailbox, preKeys }: DeviceKeys,
): {
  readonly identity: Identity;
  readonly preKeys: PreKeys;
  readonly addresses: Grant['addresses'];
  readonly generations: Grant['generations'];
} {
  const { length } = logView(log);
  const identity: Identity = { account, device, mailbox, log, relayUrl, registered: length, published: 0 };
  return { identity, preKeys, addresses, generations };
}

export function putIdentity(batch: Batch, identity: Identity): void {
  const row: Row = {
    account: encodeAccount(identity.account),
    device: encodeDevice(identity.device),
    mailbox: identity.mailbox,
    log: encodeDeviceLog(identity.log),
    relayUrl: identity.relayUrl,
    registered: identity.registered,
    published: identity.published,
  };
  batch.put('meta', KEY, pack(row));
}

export function putPreKeys(batch: Batch, preKeys: PreKeys): void {
  batch.put('prekeys', PREKEYS_KEY, encodePreKeys(preKeys));
}

/** Undefined: no identity here (an onboarding that was cut short). Throws when the rows do not parse: they are sealed,
 * so this is a bug or a downgrade, not an attack. */
export async function loadIdentity(store: Store): Promise<{ identity: Identity; preKeys: PreKeys } | undefined> {
  const [bytes, preKeyBytes] = [await store.get('meta', KEY), await store.get('prekeys', PREKEYS_KEY)];
  if (bytes === undefined || preKeyBytes === undefined) return undefined;
  const row = unpack<Row>(bytes);
  const account = decodeAccount(row.account);
  const device = decodeDevice(row.device);
  const preKeys = decodePreKeys(preKeyBytes);
  const mailbox = toMailboxId(row.mailbox);
  if (!account.ok || !device.ok || !preKeys.ok || mailbox === undefined) throw new Error('identity row does not parse');
  const log = decodeDeviceLog(row.log, account.value.publicKey);
  if (!log.ok) throw new Error('own device log does not parse');
  const { relayUrl, registered, published } = row;
  return {
    identity: {
      account: account.value,
      device: device.value,
      mailbox,
      log: log.value,
      relayUrl,
      registered,
      published,
    },
    preKeys: preKeys.value,
  };
}
