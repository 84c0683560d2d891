/**
 * The accounts that this device knows: key, device log, addresses, what they say of themselves and what they showed that
 * they know of us. A peer may be a contact, a stranger who wrote, or blocked: that decision is the user's and lives in
 * the personal documents. A device log only ever grows here: an older or forked one never replaces what was seen.
 */
import {
  type AccountId,
  type DeviceId,
  type DeviceLog,
  type Public,
  activeDevices,
  allDevices,
  compareLogs,
  decodeDeviceLog,
  encodeDeviceLog,
  equalBytes,
} from '@securechat/crypto';
import type { MailboxId } from '@securechat/relay-protocol';
import type { Batch } from '../batch.ts';
import type { SharedProfile } from '../payload/payload.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';

export interface PeerAddress {
  readonly relayUrl: string;
  readonly mailbox: MailboxId;
}

export interface Peer {
  readonly accountId: AccountId;
  readonly publicKey: Public<'Account'>;
  /** Where the account is registered: its device log and pre-keys are asked there. */
  readonly relayUrl: string;
  readonly log?: DeviceLog;
  readonly addresses: Readonly<Record<DeviceId, PeerAddress>>;
  readonly profile?: SharedProfile;
  /** Their user agreed to talk to us. */
  readonly accepts: boolean;
  /** What each of their devices showed to know of us. */
  readonly knows: Readonly<Record<DeviceId, Known>>;
  /** What was taken from them while they were strangers, see `STRANGER_RECORDS`. */
  readonly strangerRecords: number;
}

/** Entries of our device log, and `updated` of our profile. */
export interface Known {
  readonly log: number;
  readonly profile: number;
}

interface Row extends Omit<Peer, 'log'> {
  readonly log?: Uint8Array;
}

/** Strangers whose requests are kept; beyond it a new stranger's envelope is dropped and acked. */
export const STRANGERS = 200;
/** Records kept of one stranger, a long one counting once for each KiB; after acceptance the repair path brings the rest. */
export const STRANGER_RECORDS = 100;

export type LogVerdict = 'same' | 'newer' | 'older' | 'forked';

export class Peers {
  readonly #byId = new Map<AccountId, Peer>();
  /** Of all devices that a known log names. */
  readonly #owners = new Map<DeviceId, AccountId>();

  async load(store: Store): Promise<void> {
    for (const { value } of await store.range('peers', {})) {
      const { log, ...row } = unpack<Row>(value);
      const decoded = log && decodeDeviceLog(log, row.publicKey);
      this.#keep({ ...row, ...(decoded?.ok && { log: decoded.value }) });
    }
  }

  /** The peer as the job of `batch` sees it; without a batch as it is stored. */
  get(id: AccountId, batch?: Batch): Peer | undefined {
    return batch?.peers.get(id) ?? this.#byId.get(id);
  }

  all(): IterableIterator<Peer> {
    return this.#byId.values();
  }

  /** How many there are of a kind, those that the job of `batch` is about to add included. */
  count(isOfKind: (id: AccountId) => boolean, batch: Batch): number {
    let count = 0;
    for (const id of this.#byId.keys()) if (isOfKind(id)) count += 1;
    for (const { accountId } of batch.peers.values()) if (!this.#byId.has(accountId) && isOfKind(accountId)) count += 1;
    return count;
  }

  put(batch: Batch, peer: Peer): void {
    const { log, ...rest } = peer;
    const row: Row = { ...rest, ...(log && { log: encodeDeviceLog(log) }) };
    batch.peers.set(peer.accountId, peer);
    batch.put('peers', storeKey(peer.accountId), pack(row));
    batch.then(() => {
      this.#keep(peer);
    });
  }

  /** The account whose log names this device, now or formerly. */
  ownerOf(deviceId: DeviceId): AccountId | undefined {
    return this.#owners.get(deviceId);
  }

  #keep(peer: Peer): void {
    if (peer.log !== this.#byId.get(peer.accountId)?.log && peer.log !== undefined)
      for (const { id } of allDevices(peer.log)) this.#owners.set(id, peer.accountId);
    this.#byId.set(peer.accountId, peer);
  }

  remove(batch: Batch, id: AccountId): void {
    batch.delete('peers', storeKey(id));
    batch.then(() => this.#byId.delete(id));
  }
}

export function newPeer(accountId: AccountId, publicKey: Public<'Account'>, relayUrl: string): Peer {
  return {
    accountId,
    publicKey,
    relayUrl,
    addresses: {},
    accepts: false,
    knows: {},
    strangerRecords: 0,
  };
}

/** `peer` with the longer of two logs, and what the comparison found. A forked log changes nothing. */
export function learnLog(peer: Peer, log: DeviceLog): { readonly peer: Peer; readonly verdict: LogVerdict } {
  if (peer.log === undefined) return { peer: { ...peer, log }, verdict: 'newer' };
  switch (compareLogs(peer.log, log)) {
    case 'same':
      return { peer, verdict: 'same' };
    case 'ahead':
      return { peer: { ...peer, log }, verdict: 'newer' };
    case 'behind':
      return { peer, verdict: 'older' };
    case 'forked':
      return { peer, verdict: 'forked' };
  }
}

/** The device of theirs with this key, now or formerly; undefined also while their log is unknown. */
export function formerDeviceOf(peer: Peer, deviceKey: Uint8Array): ReturnType<typeof allDevices>[number] | undefined {
  return peer.log && allDevices(peer.log).find((device) => equalBytes(device.publicKey, deviceKey));
}

/** The devices that speak for the account now; empty while its log is unknown. */
export function devicesOf(peer: Peer): ReturnType<typeof activeDevices> {
  return peer.log === undefined ? [] : activeDevices(peer.log);
}

/** Where a device of the peer receives now: `before` if nothing newer is known. Undefined: it has left its account's log. */
export function addressOf(peer: Peer, deviceId: DeviceId, before: PeerAddress): PeerAddress | undefined {
  const hasLeft = peer.log !== undefined && !activeDevices(peer.log).some(({ id }) => id === deviceId);
  return hasLeft ? undefined : (peer.addresses[deviceId] ?? before);
}
