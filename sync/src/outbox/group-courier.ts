/**
 * Moves what is for a whole group: parts -> one envelope, sealed once with this device's sender key -> accepted by the relay
 * of every recipient. The sender key goes ahead, to each device over its own session, as an item of the ordinary outbox;
 * it is made anew when who is a member changed, when a device left, and when it has served long enough. A device that has no
 * address yet gets a copy of its own, which waits until it can be written to.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  PLAINTEXT_BYTES,
  type Random,
  createSenderKey,
  distributionOf,
  equalBytes,
  hash,
  needsNewSenderKey,
  sealGroupEnvelope,
  toBase64Url,
  utf8,
} from '@securechat/crypto';
import { type EnvelopeId, LIMITS, type MailboxId } from '@securechat/relay-protocol';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Group, GroupBook } from '../groups/group-book.ts';
import { isLastWord } from '../payload/group-call-parts.ts';
import { type Part, encodePayload } from '../payload/payload.ts';
import { type Peers, devicesOf, addressOf } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { NO_VIEW, PAYLOAD_AD, type Post, groupsOf } from './courier.ts';
import type { GroupEnvelopeItem, GroupPartsItem, Outbox, Recipient } from './outbox.ts';

/** Items that one job seals, and envelopes posted and unanswered at a time. */
const JOB_ITEMS = 256;
const IN_FLIGHT = 64;
/** A recipient whose relay did not take the envelope is tried again after this. */
const PAUSE = 15_000;

export interface GroupCourierOptions {
  readonly self: Self;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly outbox: Outbox;
  readonly peers: Peers;
  readonly groups: GroupBook;
  readonly network: () => Post | undefined;
  /** Device log and address of the account's devices are wanted. */
  readonly introduce: (accountId: AccountId) => void;
  /** An item of the ordinary outbox was added. */
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

export class GroupCourier {
  readonly #options: GroupCourierOptions;
  readonly #inFlight = new Set<number>();
  readonly #notBefore = new Map<number, number>();
  #sealing = false;
  #cancel: () => void = () => undefined;

  constructor(options: GroupCourierOptions) {
    this.#options = options;
  }

  /** Looks at the outbox again: something was added, or a relay became reachable. */
  kick(): void {
    if (!this.#sealing && this.#waiting(1).length > 0) {
      this.#sealing = true;
      this.#options.background(async () => {
        this.#sealing = false;
        await this.#seal();
      });
    }
    this.#post();
  }

  /** Forgets pauses: the connection is new, or the user asked. */
  hurry(): void {
    this.#notBefore.clear();
    this.kick();
  }

  /** Nothing is retried from now on. */
  stop(): void {
    this.#cancel();
  }

  /** The first so many that are to be sealed. */
  #waiting(most: number): readonly GroupPartsItem[] {
    const waiting: GroupPartsItem[] = [];
    for (const item of this.#options.outbox.items()) {
      if (item.type === 'groupParts') waiting.push(item);
      if (waiting.length === most) break;
    }
    return waiting;
  }

  /** Lane job: seals what waits, group by group, in order. */
  async #seal(): Promise<void> {
    const items = this.#waiting(JOB_ITEMS);
    await inBatch(this.#options.store, (batch) => {
      for (const groupId of new Set(items.map((item) => item.groupId))) {
        const group = this.#options.groups.get(groupId);
        const queue = items.filter((item) => item.groupId === groupId);
        if (group === undefined) for (const { seq } of queue) this.#options.outbox.remove(batch, seq);
        else this.#sealFor(group, queue, batch);
      }
    });
    this.#options.kick();
    if (items.length === JOB_ITEMS) this.kick();
    else this.#post();
  }

  #sealFor(group: Group, queue: readonly GroupPartsItem[], batch: Batch): void {
    const devices = this.#devicesOf(group.groupId);
    this.#renewKey(group, devices, batch);
    // What is said now or never does not wait for the key, which is still on its way to the others.
    const prompt = devices.filter(({ deviceId }) => group.own?.told.has(deviceId) === true);
    const lastWords = queue.filter(({ ephemeral }) => ephemeral).flatMap(({ parts }) => parts.filter(isLastWord));
    this.#tellKey(group, devices, lastWords, batch);
    for (const items of groupsOf(queue)) {
      const isEphemeral = items.every(({ ephemeral }) => ephemeral);
      this.#sealItems(group, items, isEphemeral ? prompt : devices, batch);
    }
  }

  /** One envelope of all these items, in the place of the first. */
  #sealItems(group: Group, items: readonly GroupPartsItem[], devices: readonly GroupDevice[], batch: Batch): void {
    const { outbox, random, groups } = this.#options;
    const [first, ...rest] = items;
    const { own } = group;
    if (first === undefined || own === undefined) return;
    const to = devices.flatMap(({ recipient }) => recipient ?? []);
    const parts = items.flatMap((item) => item.parts);
    if (!first.ephemeral) this.#copyToOthers(devices, parts, batch);
    const plaintext = encodePayload({ views: { mine: NO_VIEW, yours: NO_VIEW, yourProfile: 0 }, parts });
    // Cannot be, by the caps of every part; if it is all the same, one item waits for a better version, and no other.
    if (plaintext.length > PLAINTEXT_BYTES) return;
    for (const { seq } of rest) outbox.remove(batch, seq);
    if (to.length === 0) {
      outbox.remove(batch, first.seq);
      return;
    }
    const { next, envelope } = sealGroupEnvelope({
      ...{ senderKey: own.key, headerKey: group.headerKey, plaintext, ad: PAYLOAD_AD, random },
    });
    groups.setOwn(batch, group, { ...own, key: next });
    const { seq, groupId, ephemeral } = first;
    outbox.put(batch, {
      ...{ type: 'groupEnvelope', seq, groupId, ephemeral, data: envelope, to },
      ...{ envelopeId: random(16) as EnvelopeId, refs: items.flatMap(({ refs }) => refs) },
    });
  }

  /** The members' devices but this one, each with its address if that is known. */
  #devicesOf(groupId: ChatId): readonly GroupDevice[] {
    const { groups, peers, self, introduce } = this.#options;
    const members = [...(groups.stateOf(groupId)?.members.keys() ?? [])];
    return members.flatMap((accountId) => {
      const peer = peers.get(accountId);
      if (peer?.log === undefined) introduce(accountId);
      if (peer === undefined) return [];
      return devicesOf(peer).flatMap(({ id: deviceId }): readonly GroupDevice[] => {
        if (deviceId === self.identity.device.id) return [];
        const address = peer.addresses[deviceId];
        return [{ accountId, deviceId, ...(address && { recipient: { accountId, deviceId, ...address } }) }];
      });
    });
  }

  /** Whoever has left must not be able to open what comes, and whoever has come not what was. */
  #renewKey(group: Group, devices: readonly GroupDevice[], batch: Batch): void {
    const { groups, random, clock } = this.#options;
    const { own, groupId } = group;
    const members = digestOf([...(groups.stateOf(groupId)?.members.keys() ?? [])].sort());
    const here = new Set(devices.map(({ deviceId }) => deviceId));
    const isGood =
      own?.members === members &&
      [...own.told].every((deviceId) => here.has(deviceId)) &&
      !needsNewSenderKey(own.key, clock.now());
    if (isGood) return;
    const key = createSenderKey({ random, now: clock.now() });
    groups.setOwn(batch, group, { key, members, told: new Set() });
  }

  /** With the words that no device that lacks the key will hear otherwise. */
  #tellKey(group: Group, devices: readonly GroupDevice[], words: readonly Part[], batch: Batch): void {
    const { groups, outbox, self } = this.#options;
    const { own, groupId } = group;
    const lacking = devices.filter(({ deviceId }) => own?.told.has(deviceId) === false);
    if (own === undefined || lacking.length === 0) return;
    const distribution = distributionOf(own.key, { chatId: groupId, deviceId: self.identity.device.id });
    const parts: Part[] = [{ type: 'senderKey', chatId: groupId, distribution }, ...words];
    for (const { accountId, deviceId } of lacking) outbox.add(batch, { accountId, deviceId, parts });
    const told = new Set([...own.told, ...lacking.map(({ deviceId }) => deviceId)]);
    groups.setOwn(batch, group, { ...own, told });
  }

  /** For devices without an address: in the ordinary outbox, which gets to know them. */
  #copyToOthers(devices: readonly GroupDevice[], parts: readonly Part[], batch: Batch): void {
    for (const { accountId, deviceId, recipient } of devices)
      if (recipient === undefined) this.#options.outbox.add(batch, { accountId, deviceId, parts });
  }

  #post(): void {
    const network = this.#options.network();
    if (network === undefined) return;
    const now = this.#options.clock.now();
    for (const item of this.#options.outbox.items()) {
      if (this.#inFlight.size >= IN_FLIGHT) return;
      if (item.type !== 'groupEnvelope' || this.#inFlight.has(item.seq)) continue;
      const left = (this.#notBefore.get(item.seq) ?? 0) - now;
      // A moment that is further away than the pause is a clock that was put back.
      if (left > 0 && left <= PAUSE) continue;
      this.#inFlight.add(item.seq);
      void this.#postTo(network, item);
    }
  }

  /** To every relay that has recipients; what was taken is noted in one commit. */
  async #postTo(network: Post, item: GroupEnvelopeItem): Promise<void> {
    const to = item.to.flatMap((recipient) => this.#present(item.groupId, recipient) ?? []);
    const relays = [...new Set(to.map(({ relayUrl }) => relayUrl))].filter((url) => network.reach(url));
    const posts = relays.flatMap((url) => chunksOf(to.filter(({ relayUrl }) => relayUrl === url)));
    const left = new Set(to);
    await Promise.all(
      posts.map(async (recipients) => {
        const lost = await this.#postOne(network, item, recipients);
        for (const recipient of recipients) if (!lost.has(recipient.mailbox)) left.delete(recipient);
      }),
    );
    this.#settle(item, item.ephemeral ? [] : [...left]);
  }

  /** Answers the mailboxes that it did not reach. */
  async #postOne(
    network: Post,
    { envelopeId: id, data, ephemeral }: GroupEnvelopeItem,
    recipients: readonly Recipient[],
  ): Promise<ReadonlySet<MailboxId>> {
    const [first] = recipients;
    const mailboxes = recipients.map(({ mailbox }) => mailbox);
    if (first === undefined) return new Set();
    const outcome = await network.post(first.relayUrl, { id, data, to: mailboxes, ephemeral });
    if (outcome.type === 'accepted') return new Set();
    if (outcome.type === 'lost') return new Set(mailboxes);
    const unknown = outcome.failures.filter(({ code }) => code === 'MailboxUnknown').map(({ mailbox }) => mailbox);
    for (const { accountId, mailbox } of recipients) if (isIn(unknown, mailbox)) this.#options.introduce(accountId);
    return new Set(
      mailboxes.filter((mailbox) =>
        isIn(
          outcome.failures.map((one) => one.mailbox),
          mailbox,
        ),
      ),
    );
  }

  /** The recipient where it receives now; undefined when it is no member's device any more. */
  #present(groupId: ChatId, recipient: Recipient): Recipient | undefined {
    const { groups, peers } = this.#options;
    const peer = peers.get(recipient.accountId);
    if (peer === undefined || !groups.isMember(groupId, recipient.accountId)) return undefined;
    const address = addressOf(peer, recipient.deviceId, recipient);
    return address && { ...recipient, ...address };
  }

  /** What was taken by anybody's relay counts as sent, also while others are still to be reached. */
  #settle(item: GroupEnvelopeItem, left: readonly Recipient[]): void {
    const { store, outbox, background } = this.#options;
    const isMoved = left.length < item.to.length;
    background(async () => {
      this.#inFlight.delete(item.seq);
      const current = outbox.get(item.seq);
      if (current?.type !== 'groupEnvelope') return;
      if (left.length > 0) this.#retryLater(item.seq);
      if (isMoved)
        await inBatch(store, (batch) => {
          if (left.length === 0) outbox.remove(batch, item.seq);
          else outbox.put(batch, { ...current, to: left, refs: [] });
        });
      this.#post();
    });
  }

  #retryLater(seq: number): void {
    const { clock } = this.#options;
    this.#notBefore.set(seq, clock.now() + PAUSE);
    this.#cancel();
    this.#cancel = clock.after(PAUSE + 1, () => {
      for (const [other, at] of this.#notBefore) if (at <= clock.now()) this.#notBefore.delete(other);
      this.kick();
    });
  }
}

function digestOf(accounts: readonly AccountId[]): string {
  return toBase64Url(hash('SecureChat group members', utf8(accounts.join())));
}

interface GroupDevice {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly recipient?: Recipient;
}

function isIn(mailboxes: readonly MailboxId[], mailbox: MailboxId): boolean {
  return mailboxes.some((other) => equalBytes(other, mailbox));
}

function chunksOf(recipients: readonly Recipient[]): readonly (readonly Recipient[])[] {
  const chunks: Recipient[][] = [];
  for (let from = 0; from < recipients.length; from += LIMITS.recipients)
    chunks.push(recipients.slice(from, from + LIMITS.recipients));
  return chunks;
}
