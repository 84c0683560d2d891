/**
 * Files of messages: on their way out, on their way here, on the shelf. Holds the parts together, fetches what the settings
 * want, and lets go of what no message points to. Knows blobs and pointers; chats and records only by their ids.
 */
import { type ChatId, MEDIA, type Random, equalBytes, mediaBlob, toMediaKey } from '@securechat/crypto';
import type { MediaFailure, MediaKind, MediaState, MediaUse, Settings } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Directory } from '../directory/directory.ts';
import type { Home } from '../connection/home.ts';
import type { BlobCache } from '../ports/blob-cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { StorageLink } from '../ports/storage-link.ts';
import { prefixRange } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import { Answering } from './answering.ts';
import type { Askable } from './askable.ts';
import { Asking } from './asking.ts';
import { Downloads, urlOf } from './downloads.ts';
import { Endings } from './endings.ts';
import { Places } from './places.ts';
import { Reading } from './reading.ts';
import type { SendingRow } from './sending.ts';
import { Sendings, type SendingsOptions } from './sendings.ts';
import { Shelf } from './shelf.ts';
import { StorageAccess } from './storage-access.ts';

export interface MediaOptions {
  readonly store: Store;
  readonly cache: BlobCache;
  readonly link: StorageLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly home: Pick<Home, 'authorized'>;
  readonly directory: Pick<Directory, 'ask'>;
  readonly relayUrl: () => string;
  readonly job: (act: (batch: Batch) => void) => Promise<void>;
  readonly compose: SendingsOptions['compose'];
  readonly askable: Pick<Askable, 'audience' | 'mayHave' | 'tellQuestion' | 'tellAnswer'>;
  readonly settings: () => Settings;
  /** Something changed of what is here, or of what goes out. */
  readonly changed: (what: 'media' | 'sendings') => void;
  /** Storage failed, or there is a bug. */
  readonly onError: (error: unknown) => void;
}

type Bytes = { readonly ok: true; readonly value: Uint8Array } | { readonly ok: false; readonly error: MediaFailure };

export class Media {
  readonly sendings: Sendings;
  readonly downloads: Downloads;
  readonly asking: Asking;
  readonly answering: Answering;
  readonly #options: MediaOptions;
  readonly #shelf: Shelf;
  readonly #reading: Reading;
  readonly #endings: Endings;
  readonly #places: Places;
  /** What runs beside the lane and has to end before the store is closed. */
  readonly #running = new Set<Promise<void>>();

  constructor(options: MediaOptions) {
    this.#options = options;
    const { store, cache, link, clock, random, job, changed, onError, askable } = options;
    const mediaChanged = (): void => {
      changed('media');
    };
    const beside = (act: () => Promise<void>): void => {
      this.#beside(act);
    };
    const access = new StorageAccess(options);
    this.#shelf = new Shelf({ store, cache, clock, job });
    this.#reading = new Reading(cache, link);
    this.#endings = new Endings({ store, clock, access, link, job, beside });
    this.sendings = new Sendings({
      ...{ store, cache, clock, random, access, endings: this.#endings, job, onError, compose: options.compose },
      keep: (batch, row, pointers) => {
        this.#keep(batch, row, pointers);
      },
      changed: () => {
        changed('sendings');
      },
    });
    this.#places = new Places({ store, job });
    this.downloads = new Downloads({
      ...{ shelf: this.#shelf, cache, link, clock, random, onError, places: this.#places, changed: mediaChanged },
      isOfAnother: (pointer, tag) => this.#isOfAnother(pointer, tag),
      came: async (blob) => {
        await this.asking.end([blob]);
        await this.#shrink();
      },
    });
    this.asking = new Asking({
      ...{ store, clock, job, places: this.#places, downloads: this.downloads, changed: mediaChanged, beside },
      audience: (chatId, author) => askable.audience(chatId, author),
      tell: (batch, accountId, wanted) => {
        askable.tellQuestion(batch, accountId, wanted);
      },
    });
    this.answering = new Answering({
      ...{ store, cache, clock, link, job, access, shelf: this.#shelf, endings: this.#endings, beside },
      mayHave: (asked) => askable.mayHave(asked),
      tell: (batch, asked, place) => {
        askable.tellAnswer(batch, asked, place);
      },
    });
  }

  async load(): Promise<void> {
    await this.sendings.load();
    await this.#endings.load();
    await this.#places.load();
    await this.asking.load();
    await this.answering.load();
    await this.#shelf.load(this.sendings.files);
  }

  /** Takes up what an earlier run left. */
  start(): void {
    this.sendings.start();
    this.downloads.start();
    this.asking.start();
    this.#beside(() => this.#dropUnused([...this.#shelf.all()].map(({ blob }) => blob)));
  }

  /** Lets everything come to an end; nothing is lost. */
  async stop(): Promise<void> {
    this.#reading.stop();
    this.asking.stop();
    this.answering.stop();
    await Promise.all([this.sendings.stop(), this.downloads.stop(), this.#endings.stop()]);
    await Promise.all(this.#running);
  }

  /** The network is back. */
  hurry(): void {
    this.sendings.hurry();
    this.downloads.hurry();
    this.#beside(() => this.#endings.run());
  }

  /** Messages came that point to media: fetches what the settings want. */
  came(chatId: ChatId, pointers: readonly MediaPointer[]): void {
    const settings = this.#options.settings();
    for (const pointer of pointers)
      if (pointer.size <= limitOf(settings, pointer.kind)) this.#beside(() => this.downloads.load(pointer, chatId));
  }

  /** Messages do not point to these any more, once the caller's batch is committed. */
  release(batch: Batch, pointers: readonly MediaPointer[]): void {
    if (pointers.length === 0) return;
    batch.then(() => {
      this.#beside(() => this.#dropUnused(pointers.map(({ blob }) => blob)));
    });
  }

  /** As {@link release}, by this account: what no other message of the device points to is to be gone from the server too. */
  async end(batch: Batch, pointers: readonly MediaPointer[]): Promise<void> {
    this.release(batch, pointers);
    for (const pointer of pointers) {
      const uses = await this.#options.store.count('media', prefixRange('use', pointer.blob));
      if (uses <= 1) this.#endings.stage(batch, urlOf(pointer));
    }
    batch.then(() => {
      this.#beside(() => this.#endings.run());
    });
  }

  /** Nothing points to these any more; resolves when they are gone from the cache. */
  forget(pointers: readonly MediaPointer[]): Promise<void> {
    return this.#dropUnused(pointers.map(({ blob }) => blob));
  }

  stateOf(pointer: MediaPointer): MediaState {
    const state = this.downloads.stateOf(pointer);
    const asked = this.asking.stateOf(pointer.blob);
    const isOpen = state.state === 'absent' || state.state === 'failed';
    return asked === undefined || !isOpen ? state : { ...state, asked };
  }

  /** Stops fetching it, and asking for it. */
  async cancel(blob: string): Promise<void> {
    await this.asking.end([blob]);
    await this.downloads.cancel(blob);
  }

  /** Bytes [from, to) of the file, each chunk verified. */
  async bytes(pointer: MediaPointer, from: number, to: number): Promise<Bytes> {
    const media = toMediaKey(pointer.key);
    if (media === undefined) throw new RangeError('a pointer has a key of 32 bytes');
    const entry = this.#shelf.get(pointer.blob);
    const blob = mediaBlob(media, pointer.size);
    try {
      const place = {
        url: this.#places.urlOf(pointer),
        name: pointer.blob,
        blob,
        file: entry?.file,
        have: entry?.have ?? 0,
      };
      const read = await this.#reading.read({ ...place, from, to });
      if (!read.ok) return { ok: false, error: read.error.type };
      await this.#shelf.use(pointer.blob);
      return read;
    } finally {
      blob.end();
    }
  }

  /** The whole file, fetched if need be and checked to be what was announced. */
  async whole(pointer: MediaPointer, chatId: ChatId): Promise<Bytes> {
    await this.downloads.load(pointer, chatId);
    const { state, failure } = this.stateOf(pointer);
    if (state !== 'here') return { ok: false, error: failure ?? 'Unavailable' };
    return this.bytes(pointer, 0, pointer.size);
  }

  use(): MediaUse {
    const byChat = new Map<ChatId, number>();
    for (const { chatId, have } of this.#shelf.all()) byChat.set(chatId, (byChat.get(chatId) ?? 0) + have);
    const sending = this.sendings.bytes;
    const chats = [...byChat].map(([chatId, bytes]) => ({ chatId, bytes })).sort((a, b) => b.bytes - a.bytes);
    return { total: chats.reduce((sum, { bytes }) => sum + bytes, sending), sending, chats };
  }

  /** Frees what is on the shelf, of one chat or of all; answers the bytes. */
  async free(chatId?: ChatId): Promise<number> {
    const victims = [...this.#shelf.all()].filter(
      (entry) => (chatId === undefined || entry.chatId === chatId) && !this.#isBusy(entry.blob),
    );
    return this.#drop(victims.map(({ blob }) => blob));
  }

  #keep(batch: Batch, { viewOnce, chatId, items }: SendingRow, pointers: readonly MediaPointer[]): void {
    const { cache, clock } = this.#options;
    for (const [index, { file, sealedBytes }] of items.entries()) {
      const blob = pointers[index]?.blob ?? '';
      // Nobody opens their own view-once message.
      if (viewOnce) batch.then(() => this.#beside(() => cache.delete(file)));
      else this.#shelf.stage(batch, { blob, file, chatId, have: sealedBytes, isWhole: true, used: clock.now() });
    }
    batch.then(() => {
      this.#beside(() => this.#shrink());
    });
  }

  async #dropUnused(blobs: readonly string[]): Promise<void> {
    const unused: string[] = [];
    for (const blob of blobs)
      if ((await this.#options.store.count('media', prefixRange('use', blob))) === 0) unused.push(blob);
    await this.asking.end(unused);
    await this.answering.end(unused);
    await this.#places.forget(unused);
    await this.#drop(unused);
  }

  #isBusy(blob: string): boolean {
    return this.downloads.isBusy(blob) || this.answering.isBusy(blob);
  }

  async #drop(blobs: readonly string[]): Promise<number> {
    for (const blob of blobs) {
      await this.downloads.cancel(blob);
      this.#reading.forget(blob);
    }
    const freed = await this.#shelf.drop(blobs);
    if (blobs.length > 0) this.#options.changed('media');
    return freed;
  }

  async #shrink(): Promise<void> {
    await this.#shelf.shrink(this.#options.settings().mediaCacheBytes, (blob) => this.#isBusy(blob));
    this.#options.changed('media');
  }

  /** What a server gave for one blob begins as another one that a message here points to. */
  async #isOfAnother({ blob }: MediaPointer, tag: Uint8Array): Promise<boolean> {
    const uses = await this.#options.store.range('media', prefixRange('use'));
    return uses.some(({ key, value }) => !key.startsWith(`use:${blob}:`) && isTag(value, tag));
  }

  #beside(act: () => Promise<void>): void {
    const run = act().catch(this.#options.onError);
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }
}

function isTag(value: Uint8Array, tag: Uint8Array): boolean {
  return value.length === MEDIA.tagBytes && equalBytes(value, tag);
}

/** Up to how many bytes a file of this kind is fetched without being asked for. */
function limitOf(settings: Settings, kind: MediaKind): number {
  switch (kind) {
    case 'image':
      return settings.autoDownloadImages;
    case 'audio':
    case 'voice':
      return settings.autoDownloadAudio;
    case 'video':
      return settings.autoDownloadVideo;
    case 'file':
      return settings.autoDownloadFiles;
  }
}
