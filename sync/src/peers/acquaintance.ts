/**
 * What peers know of this account and what this account's user is told of them: the card that goes along until a device
 * showed that it knows it, the lines about devices that came and went, the sessions that broke.
 */
import { type AccountId, type DeviceId, activeDevices, encodeDeviceLog, equalBytes, logView } from '@securechat/crypto';
import type { SystemItem } from '../api.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Chat, ChatBook } from '../chats/chat-book.ts';
import type { Withholding } from '../chats/withholding.ts';
import type { Self } from '../connection/home.ts';
import type { Directory } from '../directory/directory.ts';
import type { Part, SharedProfile } from '../payload/payload.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { Repair } from '../repair/repair.ts';
import type { Introduction } from './introduction.ts';
import { type Peer, type Peers, devicesOf } from './peers.ts';

/** A session with the same device is not replaced more often. */
const RESET_PAUSE = 10 * 60_000;

export interface AcquaintanceOptions {
  readonly self: Self;
  readonly store: Store;
  readonly clock: Clock;
  readonly peers: Peers;
  readonly directory: Pick<Directory, 'ask'>;
  readonly chats: ChatBook;
  readonly withholding: Pick<Withholding, 'renew'>;
  readonly introduction: () => Introduction;
  readonly repair: () => Repair;
  /** The user's own profile as contacts get it. */
  readonly profile: () => SharedProfile;
  readonly isContact: (accountId: AccountId) => boolean;
  /** In a group with this account, or asked by it to be let into one. */
  readonly isCompanion: (accountId: AccountId) => boolean;
  readonly chatWith: (accountId: AccountId) => Chat | undefined;
  readonly note: (batch: Batch, chat: Chat, event: SystemItem['event']) => Promise<void>;
  /** After the commit: the peer's chat and contact look different. */
  readonly changed: (chat: Chat) => void;
  /** Own devices hear what was learned of a peer. */
  readonly tellOwn: (peer: Peer, batch: Batch) => void;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

export class Acquaintance {
  readonly #options: AcquaintanceOptions;
  readonly #resets = new Map<DeviceId, number>();
  readonly #askAfterReset = new Set<AccountId>();

  constructor(options: AcquaintanceOptions) {
    this.#options = options;
  }

  /** What goes with everything sent to a device until it showed that it knows our log and profile. */
  preface(peer: Peer, deviceId: DeviceId): readonly Part[] {
    const isOwn = peer.accountId === this.#me;
    const isContact = this.#options.isContact(peer.accountId);
    const isShown = isOwn || isContact || this.#options.isCompanion(peer.accountId);
    if (!this.#lacks(peer, deviceId) || !isShown) return [];
    const { log, relayUrl, mailbox } = this.#options.self.identity;
    const profile = this.#options.profile();
    const hasProfile = isOwn || peer.knows[deviceId]?.profile === profile.updated;
    const card: Part = {
      type: 'card',
      // In a group with somebody one has not agreed to talk to alone.
      accepts: isOwn || isContact,
      deviceLog: encodeDeviceLog(log),
      relayUrl,
      mailbox,
      ...(!hasProfile && { profile }),
    };
    return [card];
  }

  /** Devices of a contact that have not shown that they know who we are. */
  lackCard(accountId: AccountId): readonly DeviceId[] {
    const peer = this.#options.peers.get(accountId);
    if (peer === undefined || !this.#options.isContact(accountId)) return [];
    return devicesOf(peer).flatMap(({ id }) => (this.#lacks(peer, id) ? [id] : []));
  }

  /** Our devices are others now: every contact is told. */
  tellEveryone(): void {
    const { store, chats, repair, isContact, kick, background } = this.#options;
    background(async () => {
      await inBatch(store, (batch) => {
        for (const chat of chats.all())
          if (chat.with.type === 'contact' && isContact(chat.with.peer)) repair().tellMarks(chat, batch);
      });
      kick();
    });
  }

  /** A peer wrote, and with it may have shown something new of itself. Lane job's part. */
  wrote(peer: Peer, batch: Batch): void {
    const { peers, chats, changed, tellOwn, kick } = this.#options;
    const before = peers.get(peer.accountId);
    const chat = chats.open(batch, peer.accountId, peer.publicKey);
    const isSame =
      before !== undefined &&
      before.profile === peer.profile &&
      before.accepts === peer.accepts &&
      before.log === peer.log;
    if (isSame) return;
    tellOwn(peer, batch);
    batch.then(() => {
      changed(chat);
      kick();
    });
  }

  /** A device showed who it is because it does not know that we know: it is told. Lane job's part. */
  answerCard(peer: Peer, deviceId: DeviceId, batch: Batch): void {
    const { chatWith, isContact, repair, kick } = this.#options;
    const chat = chatWith(peer.accountId);
    if (chat?.with.type !== 'contact' || !isContact(peer.accountId)) return;
    repair().tellMarks(chat, batch, deviceId);
    batch.then(kick);
  }

  /**
   * A device log is known, or says more: a new segment if there is a device now that must not get what was written before,
   * and of a contact lines in the chat about its devices. Lane job's part.
   */
  async logGrew(before: Peer | undefined, after: Peer, batch: Batch): Promise<void> {
    const { chatWith, note, isContact, withholding } = this.#options;
    const chat = chatWith(after.accountId);
    if (chat?.with.type !== 'contact' || after.log === undefined) return;
    await withholding.renew(chat, batch, after.log);
    if (before?.log === undefined || before.log === after.log || !isContact(after.accountId)) return;
    const known = new Set(activeDevices(before.log).map(({ id }) => id));
    const now = activeDevices(after.log);
    for (const { id, by } of now)
      if (!known.has(id)) await note(batch, chat, { type: by === 'recovery' ? 'DeviceRestored' : 'DeviceAdded' });
    const left = [...known].filter((id) => !now.some((device) => device.id === id));
    for (const _ of left) await note(batch, chat, { type: 'DeviceRemoved' });
  }

  /** The session with a device is lost on one side: a new one, and then what was missed. */
  resetSession(accountId: AccountId, deviceId: DeviceId): void {
    const now = this.#options.clock.now();
    if (Math.abs(now - (this.#resets.get(deviceId) ?? -Infinity)) < RESET_PAUSE) return;
    this.#resets.set(deviceId, now);
    this.#askAfterReset.add(accountId);
    this.#options.introduction().ask(accountId, { fresh: [deviceId] });
  }

  /**
   * Whether an account that does not answer has other devices by now: its relay is asked for the log alone, and only when
   * that is another one for pre-keys too, which are used up by asking.
   */
  lookAgain(accountId: AccountId): void {
    const { peers, directory, introduction } = this.#options;
    const peer = peers.get(accountId);
    if (peer?.log === undefined) return;
    const known = encodeDeviceLog(peer.log);
    void directory.ask(peer.relayUrl, 'account', { path: { accountId } }).then((answer) => {
      if (answer.ok && !equalBytes(answer.value.deviceLog, known)) introduction().ask(accountId);
    });
  }

  /** Something was learned about an account; after a reset its chat is asked for. */
  learned(accountId: AccountId): void {
    if (!this.#askAfterReset.delete(accountId)) return;
    const { store, background, repair, chatWith, kick } = this.#options;
    const chat = chatWith(accountId);
    if (chat === undefined) return;
    background(async () => {
      await inBatch(store, (batch) => repair().ask(chat, batch));
      kick();
    });
  }

  get #me(): AccountId {
    return this.#options.self.identity.account.id;
  }

  #lacks(peer: Peer, deviceId: DeviceId): boolean {
    const knows = peer.knows[deviceId];
    if ((knows?.log ?? 0) < logView(this.#options.self.identity.log).length) return true;
    return peer.accountId !== this.#me && knows?.profile !== this.#options.profile().updated;
  }
}
