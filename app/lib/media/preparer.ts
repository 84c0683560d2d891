/** From a file that somebody chose to what is sent: cleaned, compressed, with its size, length and a tiny picture. */
import { MEDIA_LIMITS, type MediaDraft, type Result } from '@securechat/sync/api';
import { kindOfFile, nameToSay, typeToSay } from './kinds.ts';
import type { Quality } from './prepare.ts';
import { readFilm, readLength } from './film.ts';
import { WorkerLine } from './worker-line.ts';

/**
 * TooLarge: for a file at all, or for a picture. NotAnImage: this browser cannot draw it, so it cannot be cleaned either; it
 * may be sent as a file. Unreadable: gone, or not as a film is built.
 */
export type PrepareFailure =
  | { readonly type: 'Empty' }
  | { readonly type: 'TooLarge'; readonly limit: number }
  | { readonly type: 'ImageTooLarge' }
  | { readonly type: 'NotAnImage' }
  | { readonly type: 'Unreadable' };

export type Prepared = Result<MediaDraft, PrepareFailure>;

export interface How {
  readonly quality: Quality;
  /** As a document, whatever it is. */
  readonly asFile: boolean;
}

export class Preparer {
  readonly #line = new WorkerLine();

  prepare(file: File, { quality, asFile }: How): Promise<Prepared> {
    if (file.size === 0) return Promise.resolve(failed({ type: 'Empty' }));
    if (file.size > MEDIA_LIMITS.fileBytes)
      return Promise.resolve(failed({ type: 'TooLarge', limit: MEDIA_LIMITS.fileBytes }));
    switch (asFile ? 'file' : kindOfFile(file)) {
      case 'image':
        return this.#image(file, quality);
      case 'video':
        return this.#film(file);
      case 'audio':
        return this.#sound(file);
      default:
        return this.#document(file);
    }
  }

  /** How loud a recording is, in 64 parts; undefined where it cannot be told. */
  async waveform(recording: Blob): Promise<Uint8Array | undefined> {
    const samples = await decode(recording);
    return samples && (await this.#line.ask('peaks', { samples }, [samples.buffer]))?.output;
  }

  async #image(file: File, quality: Quality): Promise<Prepared> {
    const done = await this.#line.ask('image', { file, quality });
    if (!done) return failed({ type: 'Unreadable' });
    if (!done.output.ok)
      return failed({ type: done.output.error === 'TooLarge' ? 'ImageTooLarge' : done.output.error });
    return { ok: true, value: { kind: 'image', ...done.output.value } };
  }

  /** What this browser cannot play is sent as a file. */
  async #film(file: File): Promise<Prepared> {
    const film = await readFilm(file);
    if (!film) return this.#document(file);
    const content = (await this.#line.ask('film', { file }))?.output;
    if (!content) return failed({ type: 'Unreadable' });
    const { frame, ...facts } = film;
    const poster = frame && (await this.#line.ask('thumbnail', { frame }, [frame]))?.output;
    const draft = { content, kind: 'video', type: typeToSay(file.type), ...facts } as const;
    return { ok: true, value: poster && poster.length > 0 ? { ...draft, thumbnail: poster } : draft };
  }

  async #sound(file: File): Promise<Prepared> {
    const duration = await readLength(file);
    if (duration === undefined) return this.#document(file);
    const { type, name } = file;
    return {
      ok: true,
      value: { content: file, kind: 'audio', type: typeToSay(type), name: nameToSay(name), duration },
    };
  }

  async #document(file: File): Promise<Prepared> {
    const done = await this.#line.ask('file', { file });
    if (!done) return failed({ type: 'Unreadable' });
    const { type, name } = file;
    return { ok: true, value: { content: done.output, kind: 'file', type: typeToSay(type), name: nameToSay(name) } };
  }
}

function failed(error: PrepareFailure): Prepared {
  return { ok: false, error };
}

/** At a low rate: for bars it is enough, and a quarter of an hour at the full one is 170 MB. */
const RATE = 8000;

async function decode(recording: Blob): Promise<Float32Array<ArrayBuffer> | undefined> {
  try {
    const context = new OfflineAudioContext(1, 1, RATE);
    const sound = await context.decodeAudioData(await recording.arrayBuffer());
    return new Float32Array(sound.getChannelData(0));
  } catch {
    return undefined; // a format that this browser writes and does not decode
  }
}
