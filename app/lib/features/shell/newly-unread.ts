import type { ChatSummary } from '@securechat/sync/api';

/** Chats that have more unread messages than before and may make a noise: muted ones when one is mentioned. Pure. */
export function newlyUnread(before: readonly ChatSummary[], after: readonly ChatSummary[]): readonly ChatSummary[] {
  const known = new Map(before.map((chat) => [chat.chatId, chat]));
  const isLoud = ({ chatId, muted, unread, mentioned }: ChatSummary): boolean => {
    const was = known.get(chatId);
    return muted ? mentioned > (was?.mentioned ?? 0) : unread > (was?.unread ?? 0);
  };
  return after.filter((chat) => !chat.archived && chat.state !== 'blocked' && isLoud(chat));
}

/** Chats of which nothing is unread any more: read here, in another tab or on another device. Without `before`: all. Pure. */
export function noLongerUnread(
  before: readonly ChatSummary[] | undefined,
  after: readonly ChatSummary[],
): readonly ChatSummary[] {
  const wasUnread = before && new Set(before.filter(({ unread }) => unread > 0).map(({ chatId }) => chatId));
  return after.filter(({ chatId, unread }) => unread === 0 && (wasUnread?.has(chatId) ?? true));
}
