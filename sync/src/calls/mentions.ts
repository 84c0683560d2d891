/** Which of the mentions that the app gives can be written with a text. */
import { toAccountId } from '@securechat/crypto';
import type { MentionRange } from '../api.ts';
import { MESSAGE_LIMITS, type EditFields, type Mention } from '../records/index.ts';

/** Those that are stretches of the text of their own, as far as there is room; the others are text and nothing else. */
export function writableMentions(text: string, mentions: readonly MentionRange[] = []): EditFields {
  const kept: Mention[] = [];
  let end = 0;
  for (const { at, length, accountId } of [...mentions].sort((a, b) => a.at - b.at)) {
    const isRange = Number.isInteger(at) && Number.isInteger(length) && at >= end && length > 0;
    const isFull = kept.length === MESSAGE_LIMITS.mentions;
    if (!isRange || at + length > text.length || isFull || toAccountId(accountId) === undefined) continue;
    kept.push({ at, length, account: accountId });
    end = at + length;
  }
  return kept.length > 0 ? { mentions: kept } : {};
}
