/** What every handler works with. */
import type { Admission } from './admission.ts';
import type { Random } from './blobs/blob-id.ts';
import type { Ledger } from './blobs/ledger.ts';
import type { BlobStore } from './blobs/port.ts';
import type { Clock } from './clock.ts';
import type { Limits } from './config.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** The parts of one server. */
export interface Desk {
  readonly admit: Admission;
  readonly ledger: Ledger;
  readonly blobs: BlobStore;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Log;
}
