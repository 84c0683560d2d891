/**
 * How a poll stands, from what is known of its message: whose vote counts, and for what. Pure, and so the same on every
 * device that has the same records. Spec: SPEC-projection, S-FOLD-12 and after.
 */
import type { AccountId } from '../api.ts';
import type { Poll } from '../records/index.ts';
import type { MessageState, Vote } from './state.ts';

export interface PollRow extends Poll {
  readonly closed: boolean;
  /** One an account, in the order of accounts; choices in the order of the options, none of them empty. */
  readonly votes: readonly { readonly account: AccountId; readonly choices: readonly number[] }[];
}

/** Undefined when the message is no poll. */
export function pollOf({ message, votes, closedBy }: MessageState): PollRow | undefined {
  const poll = message?.poll;
  if (poll === undefined) return undefined;
  const closedAt = closedBy[0]?.id;
  const counted = new Map<AccountId, Vote>();
  for (const vote of votes) {
    const isLate = closedAt !== undefined && vote.id >= closedAt;
    // Of an account the latest comes first.
    if (!isLate && !counted.has(vote.account)) counted.set(vote.account, vote);
  }
  const standing = [...counted.values()].map(({ account, choices }) => ({ account, choices: chosen(choices, poll) }));
  return { ...poll, closed: closedAt !== undefined, votes: standing.filter(({ choices }) => choices.length > 0) };
}

function chosen(bits: number, { options, multiple }: Poll): readonly number[] {
  const there = options.flatMap((_, at) => (((bits >> at) & 1) === 1 ? [at] : []));
  return multiple ? there : there.slice(0, 1);
}
