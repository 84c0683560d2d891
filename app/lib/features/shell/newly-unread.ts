import type { ChatSummary } from '@securechat/sync/api';

/** Chats that have more unread messages than before and may make a noise. Pure. */
export function newlyUnread(before: readonly ChatSummary[], after: readonly ChatSummary[]): readonly ChatSummary[] {
  const counts = new Map(before.map((chat) => [chat.chatId, chat.unread]));
  return after.filter(
    (chat) => !chat.muted && !chat.archived && chat.state !== 'blocked' && chat.unread > (counts.get(chat.chatId) ?? 0),
  );
}

/** Chats of which nothing is unread any more: read here, in another tab or on another device. Without `before`: all. Pure. */
export function noLongerUnread(
  before: readonly ChatSummary[] | undefined,
  after: readonly ChatSummary[],
): readonly ChatSummary[] {
  const wasUnread = before && new Set(before.filter(({ unread }) => unread > 0).map(({ chatId }) => chatId));
  return after.filter(({ chatId, unread }) => unread === 0 && (wasUnread?.has(chatId) ?? true));
}
