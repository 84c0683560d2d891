/**
 * One envelope, from sealed bytes to parts that are known to come from a device of an account: unseal, ratchet, parse,
 * and check that the account's device log vouches for the device. Changes nothing but what it stages in the batch, and
 * that only on success.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type DeviceLog,
  type Public,
  accountIdOf,
  decodeDeviceLog,
  deviceIdOf,
  dropOneTime,
  encodeDeviceLog,
  equalBytes,
  headAt,
  logView,
  openEnvelope,
  openMessage,
} from '@securechat/crypto';
import { toMailboxId } from '@securechat/relay-protocol';
import type { Alarms } from '../alarms/alarms.ts';
import type { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { PAYLOAD_AD } from '../outbox/courier.ts';
import { type Part, type Payload, type Views, decodePayload } from '../payload/payload.ts';
import { isRelayUrl } from '../peers/introduction.ts';
import { type Peer, type Peers, STRANGERS, devicesOf, formerDeviceOf, learnLog, newPeer } from '../peers/peers.ts';
import type { SessionBook } from '../sessions/session-book.ts';

type Card = Extract<Part, { type: 'card' }>;

export type Opened =
  | {
      readonly type: 'parts';
      readonly peer: Peer;
      readonly deviceId: DeviceId;
      readonly parts: readonly Part[];
      /** The sender knows more of one of the two device logs than this device: ask that account's relay. */
      readonly logsToAsk: readonly AccountId[];
    }
  /** Nothing to do now or ever: not for us, seen before, blocked, damaged. */
  | { readonly type: 'dropped'; readonly reason: DropReason }
  /** The device is not in the log that we know, or that log may be out of date; ask the account's relay, then try again. */
  | { readonly type: 'unknownDevice'; readonly accountId: AccountId }
  /** Of a group that is here, sealed with a sender key that was not told yet; try again when it was. */
  | { readonly type: 'unknownKey'; readonly groupId: ChatId }
  /** The session is lost on one side; a new one and a repair are needed. */
  | { readonly type: 'brokenSession'; readonly accountId: AccountId; readonly deviceId: DeviceId };

export type DropReason =
  | 'NotForMe'
  | 'AlreadyOpened'
  | 'Unreadable'
  | 'Blocked'
  | 'TooManyStrangers'
  | 'NotVouched'
  | 'NotMember'
  | 'RemovedDevice'
  | 'ForkedLog';

export interface OpeningOptions {
  readonly self: Self;
  readonly peers: Peers;
  readonly sessions: SessionBook;
  readonly alarms: Alarms;
  readonly now: () => number;
  readonly isBlocked: (accountId: AccountId) => boolean;
  /** What may be of a group; undefined: it is of none. */
  readonly openForGroup: (data: Uint8Array, batch: Batch) => Opened | undefined;
  /** The user agreed to talk to this account, or it is the user's own. */
  readonly isContact: (accountId: AccountId) => boolean;
  /** What is known of this contact's devices may be out of date: nothing was heard of anyone for long. */
  readonly isStale: (accountId: AccountId) => boolean;
  /** An own device showed a longer log of the own account. */
  readonly ownLog: (log: DeviceLog, batch: Batch) => void;
  /** Their log is known, or says more than before: what it says of devices now. */
  readonly logGrew: (before: Peer, after: Peer, batch: Batch) => Promise<void>;
}

export class Opening {
  readonly #options: OpeningOptions;

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  /** Lane job's part: opens one envelope as the job of `batch` sees the world. */
  async open(data: Uint8Array, batch: Batch): Promise<Opened> {
    const { self, sessions, now, isBlocked, openForGroup } = this.#options;
    const ofGroup = openForGroup(data, batch);
    if (ofGroup !== undefined) return ofGroup;
    const envelope = openEnvelope(self.identity.device, data);
    if (!envelope.ok)
      return { type: 'dropped', reason: envelope.error.type === 'NotForMe' ? 'NotForMe' : 'Unreadable' };
    const { accountKey, deviceKey, message } = envelope.value;
    const accountId = accountIdOf(accountKey);
    const deviceId = deviceIdOf(deviceKey);
    if (isBlocked(accountId)) return { type: 'dropped', reason: 'Blocked' };
    const preKeys = batch.preKeys ?? self.preKeys;
    const opened = openMessage(await sessions.get(deviceId, batch), {
      self: self.identity.device,
      preKeys,
      peerDeviceKey: deviceKey,
      message,
      ad: PAYLOAD_AD,
      now: now(),
    });
    if (!opened.ok) return this.#notOpened(opened.error.type, accountId, deviceId, batch);
    const payload = decodePayload(opened.value.plaintext);
    if (!payload.ok) return { type: 'dropped', reason: 'Unreadable' };
    const known = this.#identify(accountId, accountKey, deviceKey, payload.value, batch);
    if ('type' in known) return known;
    sessions.set(deviceId, opened.value.next, batch);
    if (opened.value.usedOneTime !== undefined) batch.preKeys = dropOneTime(preKeys, opened.value.usedOneTime);
    const before = this.#options.peers.get(accountId, batch);
    const peer = this.#learn(known.peer, deviceId, payload.value, batch);
    if (before !== undefined && before.log !== peer.log) await this.#options.logGrew(before, peer, batch);
    return {
      type: 'parts',
      peer,
      deviceId,
      parts: payload.value.parts,
      logsToAsk: this.#logsToAsk(peer, payload.value),
    };
  }

  /** Claims about a log are checked by asking for it; a claim that nothing backs costs one question. */
  #logsToAsk(peer: Peer, { views }: Payload): readonly AccountId[] {
    const { account, log } = this.#options.self.identity;
    const behind: AccountId[] = [];
    if (
      peer.log !== undefined &&
      views.mine.length > logView(peer.log).length &&
      this.#options.isContact(peer.accountId)
    )
      behind.push(peer.accountId);
    if (views.yours.length > logView(log).length) behind.push(account.id);
    return behind;
  }

  /**
   * The envelope proved which device sealed it, so what does not open is a session that went wrong, not a forgery. Only a
   * contact's own device gets a new one: anybody can make an envelope that names a contact's account.
   */
  #notOpened(error: string, accountId: AccountId, deviceId: DeviceId, batch: Batch): Opened {
    if (error === 'AlreadyOpened') return { type: 'dropped', reason: 'AlreadyOpened' };
    const peer = this.#options.isContact(accountId) ? this.#options.peers.get(accountId, batch) : undefined;
    const isTheirs = peer !== undefined && devicesOf(peer).some((device) => device.id === deviceId);
    return isTheirs ? { type: 'brokenSession', accountId, deviceId } : { type: 'dropped', reason: 'Unreadable' };
  }

  /** The peer whose log vouches for the device, or why there is none. */
  #identify(
    accountId: AccountId,
    accountKey: Public<'Account'>,
    deviceKey: Public<'Device'>,
    payload: Payload,
    batch: Batch,
  ): { readonly peer: Peer } | Opened {
    const card = payload.parts.find((part) => part.type === 'card');
    const known = this.#options.peers.get(accountId, batch);
    if (known === undefined && this.#countStrangers(batch) >= STRANGERS)
      return { type: 'dropped', reason: 'TooManyStrangers' };
    const before =
      known ??
      newPeer(
        accountId,
        accountKey,
        card && isRelayUrl(card.relayUrl) ? card.relayUrl : this.#options.self.identity.relayUrl,
      );
    const learned = this.#learnLog(before, card, batch);
    if (learned === undefined) return { type: 'dropped', reason: 'ForkedLog' };
    if (devicesOf(learned).some((device) => equalBytes(device.publicKey, deviceKey))) {
      // After a long absence the news that it was removed may have expired at our relay: theirs is asked first.
      if (this.#options.isStale(accountId)) return { type: 'unknownDevice', accountId };
      return this.#viewHolds(learned, payload.views, batch)
        ? { peer: learned }
        : { type: 'dropped', reason: 'ForkedLog' };
    }
    // No log brings a removed device back, however much of one it claims to know.
    const isRemoved = formerDeviceOf(learned, deviceKey) !== undefined;
    if (isRemoved || (learned.log !== undefined && payload.views.mine.length <= logView(learned.log).length)) {
      return { type: 'dropped', reason: 'RemovedDevice' };
    }
    // A stranger vouches for its device with every envelope, and never makes us call on a relay of its choice.
    if (!this.#options.isContact(accountId)) return { type: 'dropped', reason: 'NotVouched' };
    return { type: 'unknownDevice', accountId };
  }

  #learnLog(peer: Peer, card: Card | undefined, batch: Batch): Peer | undefined {
    // The same log comes with every card until we showed that we know it: checked once.
    if (card === undefined || (peer.log && equalBytes(encodeDeviceLog(peer.log), card.deviceLog))) return peer;
    const log = decodeDeviceLog(card.deviceLog, peer.publicKey);
    if (!log.ok) return undefined;
    const learned = learnLog(peer, log.value);
    if (learned.verdict !== 'forked') return learned.peer;
    this.#raise(batch, 'DeviceLogForked', 'contact', peer.accountId);
    return undefined;
  }

  /** Whether the sender's idea of its own log is on the line that we know. */
  #viewHolds(peer: Peer, views: Views, batch: Batch): boolean {
    if (peer.log === undefined) return false;
    const head = headAt(peer.log, views.mine.length);
    if (head === undefined || equalBytes(head, views.mine.head)) return true;
    this.#raise(batch, 'DeviceLogForked', 'contact', peer.accountId);
    return false;
  }

  /** What a payload teaches about its sender, staged in the batch. */
  #learn(peer: Peer, deviceId: DeviceId, payload: Payload, batch: Batch): Peer {
    const { views, parts } = payload;
    const { account } = this.#options.self.identity;
    if (peer.accountId === account.id && peer.log !== undefined) this.#options.ownLog(peer.log, batch);
    const isOurLog = this.#isOurLog(views, peer);
    if (isOurLog === false) this.#raise(batch, 'GhostDevice', 'relay', peer.accountId);
    const knew = peer.knows[deviceId] ?? { log: 0, profile: 0 };
    const card = parts.find((part) => part.type === 'card');
    const mailbox = card && toMailboxId(card.mailbox);
    const hasAddress = card !== undefined && mailbox !== undefined && isRelayUrl(card.relayUrl);
    const newer = card?.profile !== undefined && card.profile.updated > (peer.profile?.updated ?? 0);
    const next: Peer = {
      ...peer,
      accepts: peer.accepts || (card?.accepts ?? false),
      knows: {
        ...peer.knows,
        [deviceId]: {
          log: isOurLog === true ? Math.max(knew.log, views.yours.length) : knew.log,
          profile: Math.max(knew.profile, views.yourProfile),
        },
      },
      ...(hasAddress && {
        relayUrl: card.relayUrl,
        addresses: { ...peer.addresses, [deviceId]: { relayUrl: card.relayUrl, mailbox } },
      }),
      ...(newer && card.profile && { profile: card.profile }),
    };
    this.#options.peers.put(batch, next);
    return next;
  }

  /**
   * False: they saw other entries than this account wrote, so they were shown a device that is not ours. Undefined: they saw
   * more than this device knows of, as when another own device wrote it.
   */
  #isOurLog({ yours, mine }: Views, peer: Peer): boolean | undefined {
    const { log, account } = this.#options.self.identity;
    const view = peer.accountId === account.id ? mine : yours;
    if (view.length === 0) return true;
    const head = headAt(log, view.length);
    return head === undefined ? undefined : equalBytes(head, view.head);
  }

  /** Accounts that the user has not decided about. */
  #countStrangers(batch: Batch): number {
    const { peers, isContact, isBlocked } = this.#options;
    return peers.count((id) => !isContact(id) && !isBlocked(id), batch);
  }

  #raise(batch: Batch, type: 'DeviceLogForked' | 'GhostDevice', who: 'relay' | 'contact', accountId: AccountId): void {
    this.#options.alarms.raise(batch, { type, who, accountId }, this.#options.now());
  }
}
