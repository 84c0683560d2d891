/**
 * One post's progress: which of its mailboxes are settled. When the last one is, the sender hears `accepted` or `refused`,
 * exactly once.
 */
import type { MailboxId, PostFailure, RelayCode } from '@securechat/relay-protocol';
import type { CommitOutcome } from './group-commit.ts';

/** See the module's header. */
export class Ticket {
  private readonly failures: PostFailure[] = [];

  constructor(
    private remaining: number,
    private readonly answer: (failures: readonly PostFailure[]) => void,
  ) {
    if (remaining === 0) answer(this.failures);
  }

  /** One mailbox is done: delivered or durable, or not reached because of `code`. */
  settle(mailbox: MailboxId, code?: RelayCode): void {
    if (code !== undefined) this.failures.push({ mailbox, code });
    if (--this.remaining === 0) this.answer(this.failures);
  }
}

/** What a sender hears for a put's outcome; undefined is success. */
export function codeOf(outcome: CommitOutcome): RelayCode | undefined {
  switch (outcome) {
    case 'stored':
    case 'duplicate':
      return undefined;
    case 'full':
      return 'MailboxFull';
    case 'unknown':
      return 'MailboxUnknown';
    case 'failed':
      return 'ServerBusy';
  }
}
