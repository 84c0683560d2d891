/** Mentions in a text that is being written: where one is asked for, and where those that are there go as it changes. Pure. */
import type { GroupMember, MentionRange } from '@securechat/sync/api';
import { normalize } from '../chats/chat-order.ts';

/** An `@` before the caret and what was typed after it. */
export interface MentionQuery {
  readonly at: number;
  readonly text: string;
}

/** No name is longer. */
const LONGEST = 64;

/** The mention that is being typed at the caret, unless it is one already. */
export function queryAt(text: string, caret: number, mentions: readonly MentionRange[]): MentionQuery | undefined {
  const at = caret === 0 ? -1 : text.lastIndexOf('@', caret - 1);
  const query = text.slice(at + 1, caret);
  // Within a word it is an address or the like.
  const isWithinWord = /[\p{L}\p{N}_]$/u.test(text.slice(0, Math.max(0, at)));
  if (at < 0 || isWithinWord || query.length > LONGEST || /^\s|\n/u.test(query)) return undefined;
  return mentions.some((mention) => mention.at === at) ? undefined : { at, text: query };
}

/** The members whose name has this in any part of it; those whose name begins with it come first. */
export function matchMembers(members: readonly GroupMember[], query: string): readonly GroupMember[] {
  const wanted = normalize(query);
  const found = members.flatMap((member) => {
    const place = normalize(member.name).indexOf(wanted);
    return member.me || member.name === '' || place < 0 ? [] : [{ member, begins: place === 0 }];
  });
  return found.sort((a, b) => Number(b.begins) - Number(a.begins)).map(({ member }) => member);
}

/** The mentions after a change of one stretch of the text: what was changed itself is none any more. */
export function moveMentions(
  mentions: readonly MentionRange[],
  before: string,
  after: string,
): readonly MentionRange[] {
  if (mentions.length === 0 || before === after) return mentions;
  const start = commonStart(before, after);
  const shared = commonEnd(before, after, start);
  const [end, shift] = [before.length - shared, after.length - before.length];
  return mentions.flatMap((mention) => {
    if (mention.at + mention.length <= start) return [mention];
    return mention.at >= end ? [{ ...mention, at: mention.at + shift }] : [];
  });
}

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at += 1;
  return at;
}

/** Not beyond `start`, which both have in common already. */
function commonEnd(a: string, b: string, start: number): number {
  let count = 0;
  const most = Math.min(a.length, b.length) - start;
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) count += 1;
  return count;
}
