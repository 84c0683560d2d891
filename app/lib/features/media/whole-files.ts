/** Whole files as object URLs: read piece by piece when first wanted, kept for a while after the last wanted them. */
import { MEDIA_LIMITS, type ClientError, type Result } from '@securechat/sync/api';
import { madeAhead } from '@securechat/sync/ahead';
import type { App } from '$lib/state/app.svelte.ts';
import { refKey, refOf, type MediaFile } from './media-ref.ts';

/** More is played through the service worker, or saved. */
export const MOST_WHOLE = 64 * 1024 ** 2;
/** Bytes that are kept although nobody looks at them. */
const KEPT_BYTES = 96 * 1024 ** 2;
const PART = MEDIA_LIMITS.readBytes;
/** Parts that are asked for at a time: one is opened while another is on its way here. */
const AT_ONCE = 2;

/** `undefined`: a bug in the engine, which was said already. */
export type Read<T> = Result<T, ClientError> | undefined;

interface Failed {
  readonly ok: false;
  readonly error: ClientError;
}

interface Entry {
  readonly url: Promise<Read<string>>;
  readonly size: number;
  users: number;
}

export class WholeFiles {
  readonly #app: App;
  /** Least recently wanted first. */
  readonly #entries = new Map<string, Entry>();

  constructor(app: App) {
    this.#app = app;
  }

  /** An address of the whole file, good until {@link letGo}. */
  take(file: MediaFile): Promise<Read<string>> {
    const key = refKey(file);
    const entry = this.#entries.get(key) ?? { url: this.#load(file), size: file.about.size, users: 0 };
    entry.users += 1;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // What failed is tried again the next time.
    void entry.url.then((read) => {
      if (!read?.ok && this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.url;
  }

  letGo(file: MediaFile): void {
    const entry = this.#entries.get(refKey(file));
    if (!entry) return;
    entry.users -= 1;
    this.#tidy();
  }

  async #load(file: MediaFile): Promise<Read<string>> {
    const blob = await readWhole(this.#app, file);
    return blob?.ok ? { ok: true, value: URL.createObjectURL(blob.value) } : blob;
  }

  #tidy(): void {
    const idle = [...this.#entries].filter(([, { users }]) => users <= 0);
    let kept = idle.reduce((sum, [, { size }]) => sum + size, 0);
    for (const [key, entry] of idle) {
      if (kept <= KEPT_BYTES) return;
      kept -= entry.size;
      this.#entries.delete(key);
      void entry.url.then((read) => {
        if (read?.ok) URL.revokeObjectURL(read.value);
      });
    }
  }
}

/** All of a file in memory, under the media type that it was announced with. */
async function readWhole(app: App, file: MediaFile): Promise<Read<Blob>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const failed = await eachPart(app, file, (part) => {
    parts.push(part);
    return Promise.resolve();
  });
  return failed ?? { ok: true, value: new Blob(parts, { type: file.about.type }) };
}

/** Hands over a file piece by piece; answers why that ended early, or undefined when all of it was handed over. */
export async function eachPart(
  app: App,
  file: MediaFile,
  take: (part: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<Failed | undefined> {
  const { size } = file.about;
  const starts = Array.from({ length: Math.ceil(size / PART) }, (_, at) => at * PART);
  const ask = (from: number): Promise<Read<{ readonly bytes: Uint8Array }>> =>
    app.ask('mediaBytes', { ...refOf(file), from, to: Math.min(size, from + PART) });
  for await (const read of madeAhead(starts, AT_ONCE, ask)) {
    if (!read?.ok || read.value.bytes.length === 0) return read?.ok === false ? read : UNREADABLE;
    await take(new Uint8Array(read.value.bytes));
  }
  return undefined;
}

const UNREADABLE = { ok: false, error: { type: 'UnknownMedia' } } as const;
