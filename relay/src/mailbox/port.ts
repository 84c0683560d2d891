/**
 * The durable queue of envelopes for devices that are away. A store knows nothing of connections, accounts or senders.
 * `store.contract.ts` is what every adapter must do.
 */
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';

/** How much one mailbox may hold. */
export interface Quota {
  readonly count: number;
  readonly bytes: number;
}

/** How much one mailbox holds. */
export type Usage = Quota;

/** Puts one envelope at the end of a mailbox's queue. */
export interface PutOp {
  readonly type: 'put';
  readonly mailbox: MailboxId;
  readonly id: EnvelopeId;
  readonly data: Uint8Array;
  /** Milliseconds since 1970: what expiry counts from. */
  readonly at: number;
}

/** Takes envelopes out of a mailbox's queue. Their ids stay known until expiry. */
export interface AckOp {
  readonly type: 'ack';
  readonly mailbox: MailboxId;
  readonly ids: readonly EnvelopeId[];
}

/** One step of a commit. */
export type MailboxOp = PutOp | AckOp;

/**
 * What became of a put. `duplicate`: this mailbox had an envelope of this id before, be it acked by now; nothing changed.
 * `full` and `unknown`: nothing was stored.
 */
export type PutOutcome = 'stored' | 'duplicate' | 'full' | 'unknown';

/** An envelope in a queue. `seq` grows along the queue. */
export interface QueuedEnvelope {
  readonly seq: number;
  readonly id: EnvelopeId;
  readonly data: Uint8Array;
}

/** The port. Every promise rejects only for trouble of the medium (disk full, I/O). */
export interface MailboxStore {
  /** Makes a mailbox; does nothing when it exists. */
  open(mailbox: MailboxId): Promise<void>;
  /** Ends a mailbox and everything in it. */
  close(mailbox: MailboxId): Promise<void>;
  /** What a mailbox holds, or undefined when there is none. */
  usage(mailbox: MailboxId): Promise<Usage | undefined>;
  /** Applies all ops in order, all or none; durable when it resolves. One outcome for each put, in order. */
  commit(ops: readonly MailboxOp[]): Promise<readonly PutOutcome[]>;
  /** The oldest envelopes with `seq` over `after`: at most `page.count`, and no more after `page.bytes` is reached. */
  read(mailbox: MailboxId, after: number, page: Quota): Promise<readonly QueuedEnvelope[]>;
  /** Forgets up to `limit` envelopes and remembered ids older than `before`; returns how many envelopes were dropped. */
  expire(before: number, limit: number): Promise<{ readonly dropped: number; readonly more: boolean }>;
  /** Releases the medium. */
  end(): Promise<void>;
}
