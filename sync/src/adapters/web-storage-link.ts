/** The storage link over fetch: browsers and Node alike. */
import { piecesOf } from '../media/pieces.ts';
import type { BlobAnswer, BlobRequest, StorageLink } from '../ports/storage-link.ts';

const REMOVE_LIMIT = 20_000;

export function createWebStorageLink(): StorageLink {
  return { get, remove };
}

async function get(url: string, { from, to, signal }: BlobRequest): Promise<BlobAnswer> {
  const isWhole = from === 0 && to === undefined;
  const response = await fetch(url, {
    signal,
    credentials: 'omit',
    // Blobs are kept sealed by the engine: a second copy in the browser's cache helps nobody.
    cache: 'no-store',
    headers: isWhole ? {} : { range: `bytes=${String(from)}-${to === undefined ? '' : String(to - 1)}` },
  });
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const length = response.headers.get('content-length');
  const total = range?.[2] ?? (response.status === 200 ? length : undefined) ?? undefined;
  return {
    status: response.status,
    total: total === undefined ? undefined : Number(total),
    from: Number(range?.[1] ?? 0),
    body: piecesOf(response.body),
  };
}

async function remove(url: string, token: string): Promise<number> {
  const { status } = await fetch(url, {
    method: 'DELETE',
    signal: AbortSignal.timeout(REMOVE_LIMIT),
    credentials: 'omit',
    headers: { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' },
  });
  return status;
}
