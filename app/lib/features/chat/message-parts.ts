/** What a message's text is made of: words, web addresses, mentions. Pure. */
import type { Mention } from '@securechat/sync/api';
import { splitLinks, type TextPart } from './links.ts';

export type MessagePart = TextPart | { readonly type: 'mention'; readonly text: string; readonly mention: Mention };

export function splitMessage(text: string, mentions: readonly Mention[]): MessagePart[] {
  const parts: MessagePart[] = [];
  let at = 0;
  for (const mention of mentions) {
    parts.push(...splitLinks(text.slice(at, mention.at)));
    at = mention.at + mention.length;
    parts.push({ type: 'mention', text: text.slice(mention.at, at), mention });
  }
  return [...parts, ...splitLinks(text.slice(at))];
}
