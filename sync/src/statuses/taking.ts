/**
 * What arrives about statuses, judged and taken in; part of the intake's job. A contact speaks for itself alone: it shows its
 * own statuses, says which of them are over, and what its own user has and saw of ours. An own device tells what it knows.
 */
import {
  type AccountId,
  type ChatId,
  allDevices,
  deviceIdOf,
  equalBytes,
  toAuthorKey,
  toDeviceKey,
  verifyAuthorCertificate,
  verifyAuthorProof,
} from '@securechat/crypto';
import { STATUS_LIMITS } from '../api-status.ts';
import type { Batch } from '../batch.ts';
import type { Sender } from '../inbox/intake.ts';
import type { StatusPart, StatusView } from '../payload/status-parts.ts';
import type { Peers } from '../peers/peers.ts';
import type { Comparing } from './comparing.ts';
import { joinViews } from './joining-views.ts';
import type { Keeping } from './keeping.ts';
import type { StatusBook } from './status-book.ts';
import type { StatusDocuments, StatusRecord } from './status-documents.ts';
import { type LiveStatus, STATUS_LIFE, type StatusOwner, type StatusRow, statusIdOf } from './status-row.ts';
import type { Telling } from './telling.ts';

/** Alive of one author at a time: an honest one has half as many, by its own clock. */
const MOST_ALIVE = 2 * STATUS_LIMITS.alive;

type Of<T extends StatusPart['type']> = Extract<StatusPart, { readonly type: T }>;

export interface TakingOptions {
  readonly book: StatusBook;
  readonly documents: StatusDocuments;
  readonly keeping: Keeping;
  readonly telling: Telling;
  readonly comparing: Comparing;
  readonly peers: Pick<Peers, 'get'>;
  readonly me: AccountId;
  readonly isContact: (accountId: AccountId) => boolean;
  readonly now: () => number;
  /** After the commit: fetches its file, if the settings want that. */
  readonly came: (row: LiveStatus) => void;
}

export class Taking {
  readonly #options: TakingOptions;

  constructor(options: TakingOptions) {
    this.#options = options;
  }

  async take(part: StatusPart, from: Sender, batch: Batch): Promise<void> {
    const isOwn = from.accountId === this.#options.me;
    switch (part.type) {
      case 'status':
        await this.#takeStatus(part, from, batch);
        return;
      case 'statusMark':
        if (!isOwn) this.#takeMark(part, from.accountId, batch);
        return;
      case 'statusGone':
        if (!isOwn) await this.#takeGone(part.statusId, from.accountId, batch);
        return;
      case 'statusState':
        if (isOwn) await this.#takeState(part, batch);
        return;
      case 'statusDigest':
        if (isOwn) await this.#options.comparing.compare(part, from.deviceId, batch);
        return;
    }
  }

  async #takeStatus(part: Of<'status'>, from: Sender, batch: Batch): Promise<void> {
    const { me, isContact, book, telling } = this.#options;
    const { account, secret } = part;
    if (from.accountId !== account && from.accountId !== me) return;
    if (account !== me && !isContact(account)) return;
    const id = statusIdOf(account, secret);
    const known = this.#known(id, account);
    if (known !== undefined) {
      telling.markAsItIs(batch, known);
      return;
    }
    if (book.allAlive(account).length >= MOST_ALIVE || !this.#isVouched(part, id, batch)) return;
    const row = await this.#read(part, id);
    if (row === 'Over') telling.markAsItIs(batch, { ...ENDED, id, account });
    else if (row !== undefined) this.#keep(row, batch);
  }

  /** What is known of this account's status; that another account claims the id says nothing. */
  #known(id: ChatId, account: AccountId): StatusRow | undefined {
    const row = this.#options.book.get(id);
    return row?.account === account ? row : undefined;
  }

  #keep(row: LiveStatus, batch: Batch): void {
    const { keeping, telling, came } = this.#options;
    keeping.keep(batch, row);
    telling.markAsItIs(batch, row);
    batch.then(() => {
      came(row);
    });
  }

  /** Undefined: it is none, or its date is further ahead than an honest clock would be. Nothing of it is stored then. */
  async #read(part: Of<'status'>, id: ChatId): Promise<LiveStatus | 'Over' | undefined> {
    const { documents, keeping, now } = this.#options;
    await keeping.begin(id);
    const record = await documents.take({ id, secret: part.secret }, part.key, part.change, now());
    const row = record && rowOf(part, id, record, now());
    if (row !== undefined && row.expiresAt > now()) return row;
    await keeping.giveUp(id);
    return row && 'Over';
  }

  /** The account's device says that it signs this status with this key, and the key says so too. */
  #isVouched({ account, key, deviceKey, proof, certificate }: Of<'status'>, id: ChatId, batch: Batch): boolean {
    const [device, author] = [toDeviceKey(deviceKey), toAuthorKey(key)];
    const log = this.#options.peers.get(account, batch)?.log;
    if (device === undefined || author === undefined || log === undefined) return false;
    return (
      allDevices(log).some(({ publicKey }) => equalBytes(publicKey, device)) &&
      verifyAuthorProof(author, id, deviceIdOf(device), proof) &&
      verifyAuthorCertificate(device, id, author, certificate)
    );
  }

  /** Of our own statuses only, by who is to have them, and of nobody but the sender. */
  #takeMark({ statusId, what, time }: Of<'statusMark'>, account: AccountId, batch: Batch): void {
    const { book, me, keeping } = this.#options;
    const row = book.get(statusId);
    if (row?.account !== me || row.audience?.includes(account) !== true) return;
    if (row.state === 'live') this.#addViews(row, [{ account, seenAt: what === 'seen' ? time : 0 }], batch);
    else if (what === 'gone') keeping.put(batch, { ...row, audience: row.audience.filter((id) => id !== account) });
  }

  async #takeGone(statusId: ChatId, account: AccountId, batch: Batch): Promise<void> {
    const { book, keeping, telling, isContact } = this.#options;
    if (!isContact(account)) return;
    const row = this.#known(statusId, account);
    if (row === undefined && book.get(statusId) !== undefined) return;
    if (row?.state === 'live') await keeping.end(batch, row, true);
    else if (row === undefined) keeping.refuse(batch, { id: statusId, account }, { isHearsay: true });
    telling.mark(batch, { id: statusId, account }, 'gone');
  }

  /** What another own device knows; a deletion counts on all of them. */
  async #takeState(part: Of<'statusState'>, batch: Batch): Promise<void> {
    const { book, keeping, me } = this.#options;
    const { account, statusId, isDeleted } = part;
    const known = this.#known(statusId, account);
    if (known === undefined && book.get(statusId)?.state === 'live') return;
    const audience = account === me ? part.audience : [];
    if (!isDeleted) {
      if (known?.state === 'live') this.#join(known, audience, part.views, batch);
    } else if (known === undefined) keeping.refuse(batch, { id: statusId, account }, { audience });
    else if (known.state === 'live') await keeping.end(batch, { ...known, ...(account === me && { audience }) }, true);
    else if (!known.isDeleted) keeping.put(batch, { ...known, isDeleted, audience });
  }

  #join(row: LiveStatus, audience: readonly AccountId[], views: readonly StatusView[], batch: Batch): void {
    const isMine = row.account === this.#options.me;
    const isNew = isMine && row.audience === undefined;
    const joined: LiveStatus = isNew ? { ...row, audience } : row;
    const isOfIt = (account: AccountId): boolean =>
      isMine ? joined.audience?.includes(account) === true : account === this.#options.me;
    const isMore = this.#addViews(
      joined,
      views.filter(({ account }) => isOfIt(account)),
      batch,
    );
    if (isNew && !isMore) this.#options.keeping.put(batch, joined);
  }

  /** True when something was new. */
  #addViews(row: LiveStatus, views: readonly StatusView[], batch: Batch): boolean {
    const { now, keeping, me, telling } = this.#options;
    const joined = joinViews(row, views, now());
    if (joined === undefined) return false;
    keeping.put(batch, joined);
    // Seen on another own device, which may not have reached the author.
    if (row.account !== me) telling.markAsItIs(batch, joined);
    return true;
  }
}

const ENDED = { state: 'ended', isDeleted: false, until: 0 } as const satisfies Partial<StatusRow>;

function rowOf(part: Of<'status'>, id: ChatId, record: StatusRecord, now: number): LiveStatus {
  const { account, secret, key, deviceKey, proof, certificate } = part;
  const owner: StatusOwner = { key, deviceKey, proof, certificate };
  const { text, colour, media } = record.body;
  const { ms: time, counter } = record.time;
  const expiresAt = Math.min(time, now) + STATUS_LIFE;
  return {
    ...{ state: 'live', id, account, secret, owner, recordId: record.id, time, counter, expiresAt, text, colour },
    ...(media !== undefined && { media }),
    views: {},
  };
}
