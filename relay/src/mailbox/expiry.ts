/** Every few minutes: forgets what has waited longer than the retention time, in small steps that never block for long. */
import type { Clock } from '../clock.ts';
import { factsOf, type Log } from '../log.ts';
import type { MailboxStore } from './port.ts';

/** What the sweep needs. */
export interface SweepParts {
  readonly store: Pick<MailboxStore, 'expire'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retentionMs: number;
  readonly tally: { expired: number };
}

const INTERVAL_MS = 10 * 60_000;
const STEP = 1000;
const PAUSE_MS = 20;

/** Starts sweeping; the returned function stops it. */
export function sweepExpired(parts: SweepParts): () => void {
  let cancel = parts.clock.after(INTERVAL_MS, sweep);

  function sweep(): void {
    void step(parts).then((more) => {
      if (!stopped) cancel = parts.clock.after(more ? PAUSE_MS : INTERVAL_MS, sweep);
    });
  }

  let stopped = false;
  return () => {
    stopped = true;
    cancel();
  };
}

async function step({ store, clock, log, retentionMs, tally }: SweepParts): Promise<boolean> {
  try {
    const { dropped, more } = await store.expire(clock.now() - retentionMs, STEP);
    tally.expired += dropped;
    if (dropped > 0) log.info({ dropped }, 'envelopes expired');
    return more;
  } catch (thrown) {
    log.error(factsOf(thrown), 'expiry failed');
    return false;
  }
}
