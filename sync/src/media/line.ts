/** A request on which nothing moves any more is given up: networks that went away do not say so. */
import type { Clock } from '../ports/clock.ts';

/** How long nothing may move. */
const STALL = 60_000;

export interface Line {
  /** Aborted when `signal` is, and when nothing moved for a minute. */
  readonly signal: AbortSignal;
  /** Something moved. */
  moved(): void;
  /** The same pieces: each that comes moves the line, also when it is a small part of what is waited for. */
  moving(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** The request is over. */
  end(): void;
}

export function watchLine(clock: Pick<Clock, 'after'>, signal: AbortSignal): Line {
  const line = new AbortController();
  const abort = (): void => {
    line.abort();
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  let cancel = clock.after(STALL, abort);
  const moved = (): void => {
    cancel();
    cancel = clock.after(STALL, abort);
  };
  return {
    signal: line.signal,
    moved,
    moving: async function* (pieces) {
      for await (const piece of pieces) {
        moved();
        yield piece;
      }
    },
    end: () => {
      cancel();
      signal.removeEventListener('abort', abort);
    },
  };
}
