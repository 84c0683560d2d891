/** Which chats are shown where. Pure. The engine has sorted them already. */
import type { ChatSummary } from '@securechat/sync/api';
import { chatTitle } from './chat-title.ts';

export interface ChatSections {
  readonly main: readonly ChatSummary[];
  readonly requests: readonly ChatSummary[];
  readonly archived: readonly ChatSummary[];
}

export function toSections(chats: readonly ChatSummary[]): ChatSections {
  const requests = chats.filter((chat) => chat.state === 'requesting');
  const known = chats.filter((chat) => chat.state !== 'requesting');
  return { main: known.filter((chat) => !chat.archived), requests, archived: known.filter((chat) => chat.archived) };
}

/** Chats whose title holds every word of the query, without case and accents. */
export function matchTitles(chats: readonly ChatSummary[], query: string): readonly ChatSummary[] {
  return query.trim() === '' ? [] : chats.filter((chat) => holdsWords(chatTitle(chat), query));
}

/** Whether a name holds every word of the query, without case and accents. */
export function holdsWords(name: string, query: string): boolean {
  const words = normalize(query).split(/\s+/u).filter(Boolean);
  return words.every((word) => normalize(name).includes(word));
}

/** Unread messages that ask for attention: of muted chats those that mention one, none of archived chats and of strangers. */
export function countUnread(chats: readonly ChatSummary[]): number {
  return toSections(chats).main.reduce((sum, chat) => sum + attentionOf(chat), 0);
}

/** How many of one chat's unread messages ask for attention. */
export function attentionOf({ muted, unread, mentioned }: ChatSummary): number {
  return muted ? mentioned : unread;
}

/** The chat after or before `current` in the list, for Alt+arrow. */
export function neighbour(
  chats: readonly ChatSummary[],
  current: string | undefined,
  by: 1 | -1,
): ChatSummary | undefined {
  const { main } = toSections(chats);
  const from = main.findIndex((chat) => chat.chatId === current);
  return from < 0 ? main[0] : main[from + by];
}

/** A name without case and accents. */
export function normalize(value: string): string {
  return value
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
