/** A file as it is, by the tus client as it does it by itself: the browser reads the file where it sends it. */
import { Upload } from 'tus-js-client';
import { PIECE } from '../../sync/src/media/upload.ts';
import type { Where } from './acts.ts';

/** Answers where it is. In pieces as the engine's: one difference between sealed and plain is enough. */
export function sendFile(file: File, { endpoint, token }: Where): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint,
      chunkSize: PIECE,
      retryDelays: null,
      storeFingerprintForResuming: false,
      headers: { authorization: `Bearer ${token}` },
      onSuccess: () => {
        resolve(upload.url ?? '');
      },
      onError: reject,
    });
    upload.start();
  });
}
