/** An address for a player: through the service worker, or, without one, the whole file when it is small enough. */
import type { MediaFile } from './media-ref.ts';
import type { Streams } from './streams.ts';
import { MOST_WHOLE, type WholeFiles } from './whole-files.ts';

export interface Source {
  readonly url: string;
  close(): void;
}

/** Undefined: the bytes cannot be had, or are too many for this page. */
export async function openSource(whole: WholeFiles, streams: Streams, file: MediaFile): Promise<Source | undefined> {
  const url = streams.open(file);
  if (url !== undefined) return { url, close: () => streams.close(url) };
  if (file.about.size > MOST_WHOLE) return undefined;
  const read = await whole.take(file);
  return read?.ok ? { url: read.value, close: () => whole.letGo(file) } : undefined;
}
