/**
 * One blob on its way to the storage server, by the tus client: the only file that imports it. The blob is read from the
 * device in pieces, so memory does not grow with it; where it is at the server is the caller's to remember. Retries nothing:
 * when to try again is decided by who knows of the network.
 */
import type { RequestBody } from '../ports/blob-cache.ts';
import { type DetailedError, type UploadOptions, Upload } from 'tus-js-client';
import type { Clock } from '../ports/clock.ts';
import { type UploadSource, uploadSource } from './upload-source.ts';

export interface UploadInput {
  /** Where uploads are created. */
  readonly endpoint: string;
  /** Where this one was created before. */
  readonly uploadUrl: string | undefined;
  readonly size: number;
  readonly token: string;
  /** Bytes [from, to). The next are asked for while these are sent, and those after them when these are no longer needed. */
  readonly read: (from: number, to: number) => Promise<RequestBody>;
  /** It was created; no byte is sent before the promise resolves. */
  readonly onCreated: (url: string) => Promise<void>;
  /** Bytes that were handed to the network. */
  readonly onProgress: (sent: number) => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/** `Refused`: by the server, with its code. `Lost`: no answer, or none of this protocol. `Stopped`: by `signal`. */
export type UploadError =
  { readonly type: 'Refused'; readonly code: string } | { readonly type: 'Lost' } | { readonly type: 'Stopped' };

type Outcome = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: UploadError };

/** Uploads, or goes on with, one blob; answers where it is. Rejects with what `onCreated` or `read` rejects with, and only with that. */
export function uploadBlob(input: UploadInput): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const failed = { error: undefined as unknown };
    let created = Promise.resolve();
    /** Whatever becomes of it: where it is has been noted before anybody hears of it. */
    const settle = (outcome: Outcome): void => {
      created.then(() => {
        resolve(outcome);
      }, reject);
    };
    const read = async (from: number, to: number): Promise<RequestBody> => {
      await created;
      return input.read(from, to);
    };
    const source = uploadSource({ size: input.size, read, now: () => input.clock.now() });
    const upload = newUpload(input, noting(source, failed), {
      ...placeOf(input),
      onUploadUrlAvailable: () => {
        const { url } = upload;
        // Also called for one that is gone on with; and the answer to what was stopped may have come already: nobody waits for it.
        if (input.uploadUrl === undefined && url !== null && !input.signal.aborted) created = input.onCreated(url);
      },
      onProgress: input.onProgress,
      onSuccess: () => {
        const { url } = upload;
        settle(url === null ? { ok: false, error: { type: 'Lost' } } : { ok: true, value: url });
      },
      onError: (error) => {
        if (failed.error instanceof Error) reject(failed.error);
        else settle({ ok: false, error: errorOf(error) });
      },
    });
    start(upload, input.signal, settle);
  });
}

/** One that is gone is not to be made again by the client: the caller has to know. */
function placeOf({ endpoint, uploadUrl }: UploadInput): UploadOptions {
  return uploadUrl === undefined ? { endpoint } : { uploadUrl };
}

/** The client hides what reading rejects with among what the network does: here it is kept apart. */
function noting(source: UploadSource, note: { error: unknown }): UploadSource {
  return {
    ...source,
    slice: async (from) => {
      try {
        return await source.slice(from);
      } catch (error) {
        note.error = error;
        throw error;
      }
    },
  };
}

function start(upload: Upload, signal: AbortSignal, settle: (outcome: Outcome) => void): void {
  const stop = (): void => {
    void upload.abort();
    settle({ ok: false, error: { type: 'Stopped' } });
  };
  if (signal.aborted) {
    stop();
    return;
  }
  signal.addEventListener('abort', stop, { once: true });
  upload.start();
}

function newUpload(input: UploadInput, source: UploadSource, options: UploadOptions): Upload {
  return new Upload(new Blob(), {
    ...options,
    uploadSize: input.size,
    retryDelays: null,
    storeFingerprintForResuming: false,
    fingerprint: () => Promise.resolve(''),
    headers: { authorization: `Bearer ${input.token}` },
    fileReader: { openFile: () => Promise.resolve(source) },
  });
}

function errorOf(error: Error | DetailedError): UploadError {
  const response = 'originalResponse' in error ? error.originalResponse : undefined;
  if (response === undefined || response === null) return { type: 'Lost' };
  const status = response.getStatus();
  const code = response.getHeader('X-SecureChat-Refusal');
  if (code !== undefined && code !== null && code !== '') return { type: 'Refused', code };
  // A proxy's answer, or one that was cut: only "gone" says something.
  return status === 404 || status === 410 ? { type: 'Refused', code: 'NotFound' } : { type: 'Lost' };
}
