/** The page's end of playing through the service worker: gives films addresses, and answers what players ask for. */
import { MEDIA_LIMITS } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { baseType } from '$lib/media/kinds.ts';
import { MEDIA_PATH, type MediaReply, type MediaRequest } from '$lib/media/playing.ts';
import { parseRange } from '$lib/media/range.ts';
import { refOf, type MediaFile } from './media-ref.ts';

export class Streams {
  readonly #app: App;
  readonly #files = new Map<string, MediaFile>();

  constructor(app: App) {
    this.#app = app;
  }

  /** Starts answering; returns the function that stops it. */
  watch(): () => void {
    const container = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
    const onMessage = ({ data, ports }: MessageEvent<Partial<MediaRequest>>): void => {
      const [port] = ports;
      if (data.type !== 'media' || data.key === undefined || !port) return;
      void this.#answer(data.key, data.range).then((reply) => {
        port.postMessage(reply, reply.ok ? [reply.bytes.buffer] : []);
      });
    };
    container?.addEventListener('message', onMessage);
    return () => container?.removeEventListener('message', onMessage);
  }

  /** An address for a player; undefined while no service worker answers for this page. */
  open(file: MediaFile): string | undefined {
    if (!('serviceWorker' in navigator) || !navigator.serviceWorker.controller) return undefined;
    const key = crypto.randomUUID();
    this.#files.set(key, file);
    return MEDIA_PATH + key;
  }

  close(url: string): void {
    this.#files.delete(url.slice(MEDIA_PATH.length));
  }

  async #answer(key: string, range: string | undefined): Promise<MediaReply> {
    const file = this.#files.get(key);
    if (!file) return { ok: false, status: 404 };
    const { size, type } = file.about;
    const wanted = parseRange(range, size, MEDIA_LIMITS.readBytes);
    if (!wanted) return { ok: false, status: 416 };
    const read = await this.#app.ask('mediaBytes', { ...refOf(file), ...wanted });
    if (!read?.ok || read.value.bytes.length === 0) return { ok: false, status: 503 };
    return { ok: true, bytes: new Uint8Array(read.value.bytes), from: wanted.from, size, mediaType: baseType(type) };
  }
}
