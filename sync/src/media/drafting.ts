/** From the files that the user chose to sealed items: each under a key and a name in the cache of its own. */
import { type ChatId, type MediaBlob, type Random, createMediaKey, mediaBlob, toBase64Url } from '@securechat/crypto';
import type { MediaAbout, MediaDraft, RecordId } from '../api.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Mention } from '../records/index.ts';
import { sealFile } from './sealing.ts';
import type { SendingItem, SendingRow, SendingStatus } from './sending.ts';

export interface NewSending {
  readonly id: string;
  readonly chatId: ChatId;
  readonly drafts: readonly MediaDraft[];
  readonly caption: string;
  readonly mentions?: readonly Mention[];
  readonly replyTo?: RecordId;
  readonly viewOnce: boolean;
  readonly status?: SendingStatus;
}

/** An item whose digest is not known yet, and how it is sealed. */
export interface DraftItem {
  readonly item: SendingItem;
  readonly blob: MediaBlob;
  readonly content: Blob;
}

const FILE_ID_BYTES = 16;

export function itemOf({ content, ...said }: MediaDraft, random: Random): DraftItem {
  const about: MediaAbout = { ...said, size: content.size };
  const key = createMediaKey(random);
  const blob = mediaBlob(key, content.size);
  const file = toBase64Url(random(FILE_ID_BYTES));
  const { blobBytes: sealedBytes } = blob.layout;
  return { item: { about, file, sealedBytes, key, digest: new Uint8Array(), isUp: false }, blob, content };
}

export function rowOf({ drafts: _, ...said }: NewSending, items: readonly DraftItem[], time: number): SendingRow {
  return { ...said, time, isPaused: false, items: items.map(({ item }) => item) };
}

export interface SealItemsInput {
  readonly items: readonly DraftItem[];
  readonly cache: BlobCache;
  /** Bytes of all of them that are sealed. */
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/** One after the other; answers their digests. Rejects as {@link sealFile} does. */
export async function sealItems({ items, cache, onProgress, signal }: SealItemsInput): Promise<readonly Uint8Array[]> {
  const digests: Uint8Array[] = [];
  let before = 0;
  for (const { item, blob, content } of items) {
    const start = before;
    const digest = await sealFile({
      ...{ content, blob, cache, file: item.file, signal },
      onProgress: (done) => {
        onProgress(start + done);
      },
    });
    before += item.sealedBytes;
    digests.push(digest);
    blob.end();
  }
  return digests;
}
