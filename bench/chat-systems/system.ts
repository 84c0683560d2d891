/** What every system under comparison is asked to do, on the same messages. */

/** One chat of some length in one system. */
export interface Chat {
  /** Writes one own message. */
  append(): Promise<unknown>;
  /** Takes in one message of the other side. */
  ingestOne(): Promise<unknown>;
  /** Gets ready, untimed, to take in 1,000 messages of the other side on top of the original history. */
  prepareDrain(): Promise<() => Promise<unknown>>;
  /** From what is stored of the original history to the last 50 messages in memory. */
  open(): Promise<unknown>;
  /** Bytes stored for the original history. */
  bytes(): number;
  close(): void;
}

export interface ChatSystem {
  readonly name: string;
  /** How often each work is repeated: fewer where it takes long. */
  readonly rounds: Readonly<Record<'append' | 'ingest' | 'drain' | 'open', number>>;
  /** A chat whose history is the first `length` messages. */
  create(length: number): Promise<Chat>;
}
