/**
 * Statuses as this device keeps them: one row each while it is alive, and afterwards what is needed so that nobody brings it
 * back. All of them are in memory.
 *
 *     rows   status : id          ->  StatusRow
 *            status-begun : id    ->  nothing: its document may be here, and its row is not
 */
import { type AccountId, type ChatId, hash, toBase64Url, utf8 } from '@securechat/crypto';
import { storeKey } from '../ports/store-key.ts';
import type { MediaPointer } from '../records/index.ts';

/** How long a status is there. */
export const STATUS_LIFE = 24 * 3600_000;

/** Who signed it, and what shows that to anyone: see the part `author`. */
export interface StatusOwner {
  readonly key: Uint8Array;
  readonly deviceKey: Uint8Array;
  readonly proof: Uint8Array;
  readonly certificate: Uint8Array;
}

/** What names a status's document. */
export interface StatusPlace {
  readonly id: ChatId;
  readonly secret: Uint8Array;
}

export interface LiveStatus extends StatusPlace {
  readonly state: 'live';
  readonly account: AccountId;
  readonly owner: StatusOwner;
  readonly recordId: string;
  /** As its author signed it. */
  readonly time: number;
  readonly counter: number;
  /** A day after that, but not more than a day after it came. */
  readonly expiresAt: number;
  readonly text: string;
  readonly colour: number;
  readonly media?: MediaPointer;
  /** The call that posted it here. */
  readonly call?: string;
  /** Of one's own: who is to get it. */
  readonly audience?: readonly AccountId[];
  /** Who has it, and when they saw it by their word; 0: nothing is known of that. Of others' statuses only this account. */
  readonly views: Readonly<Record<AccountId, number>>;
}

export interface EndedStatus {
  readonly state: 'ended';
  readonly id: ChatId;
  readonly account: AccountId;
  /** By its author, before its time. */
  readonly isDeleted: boolean;
  /** A contact says so of one that was never here: whether it was theirs cannot be told, so it counts against theirs only. */
  readonly isHearsay?: true;
  /** Until when it is remembered. */
  readonly until: number;
  /** Of one's own that was deleted: who has not said yet that it is gone there. */
  readonly audience?: readonly AccountId[];
}

export type StatusRow = LiveStatus | EndedStatus;

/** The id commits to the account, so that nobody can show the status of another as their own. */
export function statusIdOf(account: AccountId, secret: Uint8Array): ChatId {
  return toBase64Url(hash('SecureChat status v1', utf8(account), secret).slice(0, 16)) as ChatId;
}

export function rowKey(id: ChatId): string {
  return storeKey('status', id);
}

export function begunKey(id: ChatId): string {
  return storeKey('status-begun', id);
}

/** The message that points to its file, for `projection/media-use.ts`: itself. */
export function useKey({ blob }: MediaPointer, id: ChatId): string {
  return storeKey('use', blob, id, id);
}

/** 16 bytes that are equal on own devices that know the same of it; all 0 when it is over here, all 1 when that is hearsay. */
export function statusHash(row: StatusRow): Uint8Array {
  if (row.state === 'ended' && row.isHearsay === true) return new Uint8Array(16).fill(1);
  if (row.state === 'ended' && !row.isDeleted) return new Uint8Array(16);
  const known =
    row.state === 'ended' ? ['deleted'] : [[...(row.audience ?? [])].sort(), Object.entries(row.views).sort(byAccount)];
  return hash('SecureChat status digest v1', utf8(JSON.stringify([row.id, known]))).slice(0, 16);
}

function byAccount([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}
