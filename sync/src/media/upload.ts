/**
 * One blob on its way to the storage server, by the tus client: the only file that imports it. The blob is read from the
 * device in pieces, so memory does not grow with it; where it is at the server is the caller's to remember. Retries nothing:
 * when to try again is decided by who knows of the network.
 */
import type { RequestBody } from '../ports/blob-cache.ts';
import { type DetailedError, type UploadOptions, Upload } from 'tus-js-client';
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
  readonly signal: AbortSignal;
}

/** `Refused`: by the server, with its code. `Lost`: no answer, or none of this protocol. `Stopped`: by `signal`. */
export type UploadError =
  { readonly type: 'Refused'; readonly code: string } | { readonly type: 'Lost' } | { readonly type: 'Stopped' };

type Outcome = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: UploadError };

/** Bytes of one request. */
export const PIECE = 4 * 1024 * 1024;

/** Uploads, or goes on with, one blob; answers where it is. Resolves, never rejects, but with what `read` rejects with. */
export async function uploadBlob(input: UploadInput): Promise<Outcome> {
  const { uploadUrl } = input;
  if (uploadUrl !== undefined) return runUpload(input, { uploadUrl });
  const created = await createUpload(input);
  if (!created.ok) return created;
  await input.onCreated(created.value);
  return runUpload(input, { uploadUrl: created.value });
}

/** Only the creation: the client stops itself as soon as it knows the URL. */
function createUpload(input: UploadInput): Promise<Outcome> {
  return new Promise((resolve) => {
    const upload = newUpload(input, uploadSource(input.size, input.read), {
      endpoint: input.endpoint,
      onUploadUrlAvailable: () => {
        const { url } = upload;
        void upload.abort();
        resolve(url === null ? { ok: false, error: { type: 'Lost' } } : { ok: true, value: url });
      },
      onError: (error) => {
        resolve({ ok: false, error: errorOf(error) });
      },
    });
    start(upload, input.signal, resolve);
  });
}

function runUpload(input: UploadInput, where: { readonly uploadUrl: string }): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const read = { error: undefined as unknown };
    const upload = newUpload(input, noting(uploadSource(input.size, input.read), read), {
      uploadUrl: where.uploadUrl,
      onProgress: input.onProgress,
      onSuccess: () => {
        resolve({ ok: true, value: where.uploadUrl });
      },
      onError: (error) => {
        if (read.error instanceof Error) reject(read.error);
        else resolve({ ok: false, error: errorOf(error) });
      },
    });
    start(upload, input.signal, resolve);
  });
}

/** The client hides what reading rejects with among what the network does: here it is kept apart. */
function noting(source: UploadSource, note: { error: unknown }): UploadSource {
  return {
    ...source,
    slice: async (from, to) => {
      try {
        return await source.slice(from, to);
      } catch (error) {
        note.error = error;
        throw error;
      }
    },
  };
}

function start(upload: Upload, signal: AbortSignal, resolve: (outcome: Outcome) => void): void {
  const stop = (): void => {
    void upload.abort();
    resolve({ ok: false, error: { type: 'Stopped' } });
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
    chunkSize: PIECE,
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
