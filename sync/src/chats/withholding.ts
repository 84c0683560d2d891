/**
 * What unconfirmed devices of a contact do not get (SPEC, S-RESTORE-6 to 11): everything that was written before this device
 * learned of them. Records depend on others only within a segment, so the chat is turned to a new segment at that moment:
 * what is in it and in later ones can be told to, and shown by, a device that has nothing older. Asks nobody and tells
 * nobody: the repair path looks here before it answers.
 */
import { type AccountId, type DeviceLog, toBase64Url } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { WireChange } from '../documents/index.ts';
import type { Sender } from '../inbox/intake.ts';
import { type Unconfirmed, unconfirmedDevices } from '../peers/unconfirmed.ts';
import type { VerifiedRecord } from '../records/index.ts';
import type { Chat, ChatBook } from './chat-book.ts';

export interface WithholdingOptions {
  readonly chats: Pick<ChatBook, 'documents' | 'save'>;
  /** As the job of the batch sees it; without a batch as it is stored. */
  readonly logOf: (accountId: AccountId, batch?: Batch) => DeviceLog | undefined;
  /** Entries of the account's device log that the user has accepted. */
  readonly confirmedTo: (accountId: AccountId) => number;
  readonly now: () => number;
}

/** What came into a chat. */
export interface Arrived {
  readonly changes: readonly WireChange[];
  /** Records that the changes brought or released. */
  readonly applied: readonly VerifiedRecord[];
  /** Records that were here already and are shown only now: nobody knows in which segment. */
  readonly recovered: readonly VerifiedRecord[];
}

export class Withholding {
  readonly #options: WithholdingOptions;

  constructor(options: WithholdingOptions) {
    this.#options = options;
  }

  /** The user has something here that some device of the other side does not get before they agree. */
  withholds(chat: Chat): boolean {
    return (chat.turned?.from ?? 0) > 0 && this.#unconfirmed(chat).length > 0;
  }

  /** The lowest segment that this device may be told of; 0 for everything. Lane job's part. */
  async floorFor(chat: Chat, to: Sender, batch: Batch): Promise<number> {
    const log = this.#logOf(chat, batch);
    const isTheirs = to.accountId === chat.with.peer;
    if (!isTheirs || !this.#unconfirmed(chat, log).some(({ id }) => id === to.deviceId)) return 0;
    await this.renew(chat, batch, log);
    return chat.turned?.from ?? Infinity;
  }

  /** Turns the chat when the log names an unconfirmed device that it was not turned for. Lane job's part. */
  async renew(chat: Chat, batch: Batch, log = this.#logOf(chat, batch)): Promise<void> {
    const newest = Math.max(-1, ...this.#unconfirmed(chat, log).map(({ entry }) => entry));
    if (log === undefined || newest < (chat.turned?.log ?? 0)) return;
    await this.#turn(chat, log.entries.length, batch);
  }

  /**
   * Older records may arrive in segments that can be told, because own devices and the contact's others were further than
   * this one when it turned: then it turns again, so that they are below. What unconfirmed devices write is theirs whatever
   * it is dated. Lane job's part, before anything is answered.
   */
  async setApart(chat: Chat, { changes, applied, recovered }: Arrived, batch: Batch): Promise<void> {
    const { turned } = chat;
    if (turned === undefined) return;
    const log = this.#logOf(chat, batch);
    const unconfirmed = new Set(this.#unconfirmed(chat, log).map(({ id }) => id));
    if (unconfirmed.size === 0) return;
    const isOlder = ({ author, time }: VerifiedRecord): boolean => {
      const owner = chat.authors.get(toBase64Url(author));
      return time.ms < turned.at && !(owner !== undefined && unconfirmed.has(owner.deviceId));
    };
    const reached = changes.some(({ segment }) => segment >= turned.from) ? applied : [];
    if ([...reached, ...recovered].some(isOlder)) await this.#turn(chat, turned.log, batch);
  }

  /** The documents first: turned twice after a crash does no harm, a number that is not so would. */
  async #turn(chat: Chat, log: number, batch: Batch): Promise<void> {
    const { chats, now } = this.#options;
    const before = chat.turned;
    const documents = await chats.documents(chat);
    const at = Math.max(now(), documents.latestTime().ms);
    // Of several times the first counts that is still about the same devices.
    chat.turned = { from: await documents.turn(), at: before?.log === log ? before.at : at, log };
    batch.undo(() => {
      chat.turned = before;
    });
    chats.save(batch, chat);
  }

  #unconfirmed({ with: { peer } }: Chat, log = peer && this.#options.logOf(peer)): readonly Unconfirmed[] {
    if (peer === undefined || log === undefined) return [];
    return unconfirmedDevices(log, this.#options.confirmedTo(peer));
  }

  #logOf({ with: { peer } }: Chat, batch: Batch): DeviceLog | undefined {
    return peer && this.#options.logOf(peer, batch);
  }
}
