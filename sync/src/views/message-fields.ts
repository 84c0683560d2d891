/** What a message says beside its text, as the app sees it: accounts become names. */
import type { AccountId } from '@securechat/crypto';
import type { Mention, Poll, PollOption } from '../api.ts';
import type { PollRow } from '../projection/poll.ts';
import type { MessageRow } from '../projection/row.ts';

export interface Naming {
  readonly me: AccountId;
  readonly nameOf: (account: AccountId) => string;
  /** Who can be mentioned in the chat. */
  readonly isMember: (account: AccountId) => boolean;
}

/** The mentions of who is in the chat; others are plain text. */
export function mentionsIn({ mentions = [] }: MessageRow, { me, nameOf, isMember }: Naming): readonly Mention[] {
  return mentions.flatMap(({ at, length, account }) => {
    const accountId = account as AccountId;
    return isMember(accountId) ? [{ at, length, accountId, name: nameOf(accountId), me: accountId === me }] : [];
  });
}

/** How a poll stands. */
export function pollIn({ options, multiple, closed, votes }: PollRow, { me, nameOf }: Naming): Poll {
  const of = (text: string, at: number): PollOption => {
    const voters = votes.filter(({ choices }) => choices.includes(at)).map(({ account }) => account as AccountId);
    const others = voters.filter((account) => account !== me);
    return { text, votes: voters.length, mine: voters.includes(me), names: others.map(nameOf) };
  };
  const mine = votes.some(({ account }) => account === me);
  return { options: options.map(of), multiple, closed, mine, voters: votes.length };
}
