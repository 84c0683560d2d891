/** A message with media that is not sent yet, as it is stored. */
import { type ChatId, fromBase64Url } from '@securechat/crypto';
import type { MediaAbout, RecordId, Sending, SendingFailure, StatusAudience } from '../api.ts';
import { storeKey } from '../ports/store-key.ts';
import type { MediaPointer, Mention } from '../records/index.ts';

export interface SendingItem {
  readonly about: MediaAbout;
  /** In the cache. */
  readonly file: string;
  readonly sealedBytes: number;
  readonly key: Uint8Array;
  readonly digest: Uint8Array;
  /** Where it is being uploaded, once that was begun: of the storage server, and of the upload. */
  readonly at?: { readonly url: string; readonly uploadUrl: string };
  readonly isUp: boolean;
}

/** What is known of a status before its file is up. */
export interface SendingStatus {
  readonly secret: Uint8Array;
  readonly audience: StatusAudience;
}

export interface SendingRow {
  readonly id: string;
  readonly chatId: ChatId;
  readonly time: number;
  readonly caption: string;
  readonly mentions?: readonly Mention[];
  readonly replyTo?: RecordId;
  readonly viewOnce: boolean;
  /** It becomes a status. */
  readonly status?: SendingStatus;
  readonly isPaused: boolean;
  /** Its files are still being sealed, and the upload of one has begun: nobody was promised that it goes out. */
  readonly isDraft?: true;
  /** It will not go on by itself. */
  readonly failure?: SendingFailure;
  readonly items: readonly SendingItem[];
}

/** `sending : id -> SendingRow` */
export function sendingKey(id: string): string {
  return storeKey('sending', id);
}

/** What the message will say of an item that is up. */
export function pointerOf({ about, key, digest, at }: SendingItem): MediaPointer {
  if (at === undefined) throw new Error('this item is not up');
  return { ...about, url: at.url, blob: blobOf(at.uploadUrl), key, digest };
}

/** A blob's name is the last part of its URL. */
export function blobOf(uploadUrl: string): string {
  return uploadUrl.slice(uploadUrl.lastIndexOf('/') + 1);
}

/** The same item, where another state of it says that it is. */
export function placedAs({ at: _, ...item }: SendingItem, { at, isUp }: SendingItem): SendingItem {
  return { ...item, isUp, ...(at && { at }) };
}

/** Its files are whole, and it is a draft no more. */
export function sealedRow({ isDraft: _, ...row }: SendingRow, digests: readonly Uint8Array[]): SendingRow {
  return { ...row, items: row.items.map((item, index) => ({ ...item, digest: digests[index] ?? item.digest })) };
}

const BLOB_BYTES = 24;

/** Whether a pointer can say where it is. */
export function isPlace({ url, uploadUrl }: { readonly url: string; readonly uploadUrl: string }): boolean {
  const name = blobOf(uploadUrl);
  return uploadUrl === `${url}/files/${name}` && fromBase64Url(name)?.length === BLOB_BYTES;
}

/** Of a row and what is known of its upload now. */
export interface Progress {
  readonly state: Sending['state'];
  /** Sealed bytes of the item that is under way. */
  readonly sent: number;
  readonly failure?: SendingFailure;
}

/** As it is shown; bytes count the sealed files. */
export function shownSending(row: SendingRow, { state, sent, failure }: Progress): Sending {
  const { id, chatId, time, caption, viewOnce, items } = row;
  // While files are sealed, that is what counts, though some of it may be up.
  const isUp = (item: SendingItem): boolean => item.isUp && state !== 'sealing';
  const up = items.reduce((sum, item) => sum + (isUp(item) ? item.sealedBytes : 0), 0);
  return {
    ...{ id, chatId, time, caption, viewOnce, state },
    items: items.map(({ about }) => about),
    done: up + sent,
    total: items.reduce((sum, { sealedBytes }) => sum + sealedBytes, 0),
    ...(failure !== undefined && { failure }),
  };
}
