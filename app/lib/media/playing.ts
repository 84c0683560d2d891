/**
 * How a film that is not whole on this device is played: the page gives it an address below `/_media/`, the service worker
 * asks that page for the bytes of each request, and the page asks the engine.
 *
 *   player -> worker   GET /_media/KEY, Range
 *   worker -> page     MediaRequest, with a port
 *   page -> port       MediaReply
 *
 * A key is random, known to the page that made it only, and means nothing once the page let it go. No bytes are stored.
 */

export const MEDIA_PATH = '/_media/';

export interface MediaRequest {
  readonly type: 'media';
  readonly key: string;
  /** The Range header. */
  readonly range?: string;
}

export type MediaReply =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly from: number;
      readonly size: number;
      readonly mediaType: string;
    }
  | { readonly ok: false; readonly status: 404 | 416 | 503 };

/** What the player gets. */
export function replyToResponse(reply: MediaReply): Response {
  if (!reply.ok) return new Response(null, { status: reply.status });
  const { bytes, from, size, mediaType } = reply;
  return new Response(bytes, {
    status: 206,
    headers: {
      'content-type': mediaType,
      'content-range': `bytes ${String(from)}-${String(from + bytes.length - 1)}/${String(size)}`,
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
  });
}
