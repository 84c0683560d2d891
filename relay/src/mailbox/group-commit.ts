/**
 * Collects puts and acks for about a millisecond and commits them together: one fsync serves many senders.
 * Order is kept. A put's `done` runs after the commit is durable, with `failed` when the medium refused the whole batch.
 */
import type { Clock } from '../clock.ts';
import { factsOf, type Log } from '../log.ts';
import type { AckOp, MailboxOp, MailboxStore, PutOp, PutOutcome } from './port.ts';

/** What became of a put; `failed`: the medium is in trouble and nothing was stored. */
export type CommitOutcome = PutOutcome | 'failed';

type Done = (outcome: CommitOutcome) => void;

/** Counts of what was committed, for the metrics. */
export interface CommitTally {
  commits: number;
  stored: number;
  failedCommits: number;
}

/** A batch is committed at once when it holds this much, whatever the delay. */
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_OPS = 2048;

/** See the module's header. */
export class GroupCommit {
  readonly tally: CommitTally = { commits: 0, stored: 0, failedCommits: 0 };
  private ops: MailboxOp[] = [];
  private dones: Done[] = [];
  private bytes = 0;
  private cancel: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: Pick<MailboxStore, 'commit'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly delayMs: number,
  ) {}

  /** Bytes that wait for the disk. */
  get waitingBytes(): number {
    return this.bytes;
  }

  /** Queues one put. */
  put(op: PutOp, done: Done): void {
    this.dones.push(done);
    this.bytes += op.data.length;
    this.add(op);
  }

  /** Queues one ack. */
  ack(op: AckOp): void {
    this.add(op);
  }

  /** Resolves when everything queued before the call is durable (or has failed). */
  async flush(): Promise<void> {
    while (this.running !== undefined) await this.running;
    if (this.ops.length > 0) await this.start();
  }

  private add(op: MailboxOp): void {
    this.ops.push(op);
    if (this.running !== undefined) return;
    if (this.bytes >= BATCH_BYTES || this.ops.length >= BATCH_OPS) void this.start();
    else this.cancel ??= this.clock.after(this.delayMs, () => void this.start());
  }

  private start(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    this.running ??= this.commit().finally(() => {
      this.running = undefined;
      if (this.ops.length > 0) this.cancel ??= this.clock.after(this.delayMs, () => void this.start());
    });
    return this.running;
  }

  private async commit(): Promise<void> {
    const { ops, dones } = this;
    this.ops = [];
    this.dones = [];
    this.bytes = 0;
    const outcomes = await this.tryCommit(ops);
    for (const [index, done] of dones.entries()) done(outcomes?.[index] ?? 'failed');
  }

  private async tryCommit(ops: readonly MailboxOp[]): Promise<readonly PutOutcome[] | undefined> {
    try {
      const outcomes = await this.store.commit(ops);
      this.tally.commits++;
      for (const outcome of outcomes) if (outcome === 'stored') this.tally.stored++;
      return outcomes;
    } catch (thrown) {
      this.tally.failedCommits++;
      this.log.error({ ops: ops.length, ...factsOf(thrown) }, 'commit failed');
      return undefined;
    }
  }
}
