/**
 * What is said of statuses, and to whom. A status goes to each account of its audience, as a message does, and is told again to
 * who does not show that they have it, at growing pauses while it is alive; so is that one was deleted. Nobody else hears
 * that there is one. Own devices hear all, and compare what they have.
 */
import type { AccountId, DeviceId } from '@securechat/crypto';
import { type Batch, inBatch } from '../batch.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import type { StatusMark } from '../payload/status-parts.ts';
import { type Peers, devicesOf } from '../peers/peers.ts';
import { unconfirmedDevices } from '../peers/unconfirmed.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { holdOf } from './keeping.ts';
import type { StatusBook } from './status-book.ts';
import type { StatusDocuments } from './status-documents.ts';
import type { EndedStatus, LiveStatus, StatusRow } from './status-row.ts';

const SWEEP = 15_000;
/** What was posted here; what another own device posted, which tells it again itself. */
const FIRST_PAUSE = { here: 60_000, elsewhere: 600_000 } as const;
const LONGEST_PAUSE = 6 * 3600_000;
/** That one was seen is said so often again, because nobody answers it. */
const SEEN_AGAIN = 3;

export interface TellingOptions {
  readonly store: Store;
  readonly book: StatusBook;
  readonly documents: StatusDocuments;
  readonly outbox: Pick<Outbox, 'add' | 'tell' | 'isHolding'>;
  readonly peers: Pick<Peers, 'get'>;
  readonly clock: Clock;
  readonly me: AccountId;
  readonly siblings: () => readonly DeviceId[];
  /** A contact who has accepted, and is not blocked. */
  readonly isFriend: (accountId: AccountId) => boolean;
  readonly confirmedTo: (accountId: AccountId) => number;
  readonly sendsSeen: () => boolean;
  /** Online, and all that waited at the relay is taken in. */
  readonly isOnline: () => boolean;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

interface Wait {
  next: number;
  pause: number;
  /** How often it was told again. */
  times: number;
}

export class Telling {
  readonly #options: TellingOptions;
  readonly #waits = new Map<string, Wait>();
  #cancel: () => void = () => undefined;

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(SWEEP, () => {
      this.#sweep();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Lane job's part: a new status goes out. */
  post(batch: Batch, row: LiveStatus, change: Uint8Array): void {
    const { outbox, me, siblings } = this.#options;
    const { id: chatId, recordId } = row;
    const common = { holds: [holdOf(row.id)] };
    for (const accountId of row.audience ?? [])
      outbox.add(batch, { ...common, accountId, parts: [partOf(row, change)], refs: [{ chatId, recordId }] });
    const parts = [partOf(row, change), stateOf(row)];
    if (siblings().length > 0) outbox.add(batch, { ...common, accountId: me, parts });
  }

  /** Lane job's part: it was deleted here. */
  deleted(batch: Batch, row: EndedStatus): void {
    for (const accountId of row.audience ?? []) this.#tellGone(batch, row, accountId);
    this.tellOwnState(batch, row);
  }

  /** Lane job's part: to the author of a status of somebody else. */
  mark(batch: Batch, { id, account }: Pick<StatusRow, 'id' | 'account'>, what: StatusMark, time = 0): void {
    if (!this.#options.isFriend(account)) return;
    const parts: Part[] = [{ type: 'statusMark', statusId: id, what, time }];
    this.#options.outbox.tell(batch, { accountId: account, parts, topic: `status-mark:${id}` });
  }

  /** Lane job's part: the author is to know what is so here, as far as the settings let them. */
  markAsItIs(batch: Batch, row: StatusRow): void {
    const { me, sendsSeen } = this.#options;
    if (row.account === me) return;
    const seenAt = row.state === 'live' && sendsSeen() ? (row.views[me] ?? 0) : 0;
    if (row.state === 'ended') this.mark(batch, row, 'gone');
    else this.mark(batch, row, seenAt > 0 ? 'seen' : 'has', seenAt);
  }

  /** Lane job's part: what is known beside the content, to the other own devices. */
  tellOwnState(batch: Batch, row: StatusRow): void {
    const { outbox, me, siblings } = this.#options;
    if (siblings().length === 0) return;
    outbox.tell(batch, { accountId: me, parts: [stateOf(row)], topic: `status-state:${row.id}` });
  }

  /** Lane job's part: all that is known of it, to one own device; without the content when it has that. */
  async tellOwn(batch: Batch, row: StatusRow, deviceId: DeviceId, withContent: boolean): Promise<void> {
    const { outbox, me } = this.#options;
    const change = withContent && row.state === 'live' ? await this.#changeOf(row) : undefined;
    const content = change === undefined || row.state === 'ended' ? [] : [partOf(row, change)];
    const parts = [...content, stateOf(row)];
    outbox.tell(batch, { accountId: me, deviceId, parts, topic: `status:${row.id}`, holds: [holdOf(row.id)] });
  }

  #sweep(): void {
    const { isOnline, background, book } = this.#options;
    for (const key of this.#waits.keys()) if (book.get(rowOf(key))?.state === undefined) this.#waits.delete(key);
    if (!isOnline() || book.all().length === 0) return;
    background(() => this.#tellAgain());
  }

  /** Lane job. */
  async #tellAgain(): Promise<void> {
    const { book, me, store, kick } = this.#options;
    let isAny = false;
    for (const row of book.all()) {
      if (row.state === 'live' && book.alive(row.id) === undefined) continue;
      if (row.account !== me) {
        isAny = (await this.#markAgain(row)) || isAny;
        continue;
      }
      const due = this.#lacking(row).filter((accountId) => this.#isDue(row, accountId));
      if (due.length === 0) continue;
      isAny = true;
      const change = row.state === 'live' ? await this.#changeOf(row) : undefined;
      await inBatch(store, (batch) => {
        for (const accountId of due)
          if (row.state === 'ended') this.#tellGone(batch, row, accountId);
          else if (change !== undefined) this.#tellContent(batch, row, change, accountId);
      });
    }
    if (isAny) kick();
  }

  /** That it was seen may not have come to all of its author's devices. */
  async #markAgain(row: StatusRow): Promise<boolean> {
    const { me, isFriend, sendsSeen, store } = this.#options;
    const isSaid = row.state === 'live' && (row.views[me] ?? 0) > 0 && sendsSeen() && isFriend(row.account);
    if (!isSaid || (this.#waits.get(keyOf(row, me))?.times ?? 0) >= SEEN_AGAIN || !this.#isDue(row, me)) return false;
    await inBatch(store, (batch) => {
      this.markAsItIs(batch, row);
    });
    return true;
  }

  /** Who has not shown that they have it, or that it is gone there. */
  #lacking(row: StatusRow): readonly AccountId[] {
    const { isFriend, outbox } = this.#options;
    const isTold = (accountId: AccountId): boolean => row.state === 'live' && row.views[accountId] !== undefined;
    return (row.audience ?? []).filter(
      (accountId) => isFriend(accountId) && !isTold(accountId) && !outbox.isHolding(accountId, holdOf(row.id)),
    );
  }

  #isDue(row: StatusRow, accountId: AccountId): boolean {
    const now = this.#options.clock.now();
    const key = keyOf(row, accountId);
    const first = row.state === 'live' && row.call === undefined ? FIRST_PAUSE.elsewhere : FIRST_PAUSE.here;
    const wait = this.#waits.get(key) ?? { next: now + first, pause: first, times: 0 };
    this.#waits.set(key, wait);
    // A moment that is further away than the pause is a clock that was put back.
    if (wait.next > now && wait.next <= now + wait.pause) return false;
    wait.pause = Math.min(wait.pause * 3, LONGEST_PAUSE);
    wait.next = now + wait.pause;
    wait.times += 1;
    return true;
  }

  /** A device that came by the recovery phrase gets nothing older than itself until the user agreed. */
  #tellContent(batch: Batch, row: LiveStatus, change: Uint8Array, accountId: AccountId): void {
    const { outbox, peers, confirmedTo } = this.#options;
    const peer = peers.get(accountId);
    const doubtful = peer?.log === undefined ? [] : unconfirmedDevices(peer.log, confirmedTo(accountId));
    const ids = new Set(doubtful.map(({ id }) => id));
    const devices = peer === undefined || ids.size === 0 ? [undefined] : devicesOf(peer).map(({ id }) => id);
    const item = { accountId, parts: [partOf(row, change)], topic: `status:${row.id}`, holds: [holdOf(row.id)] };
    for (const deviceId of devices)
      if (deviceId === undefined) outbox.tell(batch, item);
      else if (!ids.has(deviceId)) outbox.tell(batch, { ...item, deviceId });
  }

  #tellGone(batch: Batch, { id }: EndedStatus, accountId: AccountId): void {
    if (!this.#options.isFriend(accountId)) return;
    const parts: Part[] = [{ type: 'statusGone', statusId: id }];
    this.#options.outbox.tell(batch, { accountId, parts, topic: `status:${id}`, holds: [holdOf(id)] });
  }

  #changeOf(row: LiveStatus): Promise<Uint8Array | undefined> {
    return this.#options.documents.change(row, row.owner.key, row.recordId);
  }
}

function keyOf({ id, state }: StatusRow, accountId: AccountId): string {
  return `${id} ${state} ${accountId}`;
}

function rowOf(key: string): StatusRow['id'] {
  return key.slice(0, key.indexOf(' ')) as StatusRow['id'];
}

function partOf({ account, secret, owner }: LiveStatus, change: Uint8Array): Part {
  const { key, deviceKey, proof, certificate } = owner;
  return { type: 'status', account, secret, key, deviceKey, proof, certificate, change };
}

function stateOf(row: StatusRow): Part {
  const views = row.state === 'ended' ? [] : Object.entries(row.views);
  return {
    ...{
      type: 'statusState',
      account: row.account,
      statusId: row.id,
      isDeleted: row.state === 'ended' && row.isDeleted,
    },
    audience: row.audience ?? [],
    views: views.map(([account, seenAt]) => ({ account: account as AccountId, seenAt })),
  };
}
