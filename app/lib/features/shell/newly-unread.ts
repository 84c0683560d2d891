import type { ChatSummary } from '@securechat/sync/api';

/** Chats that have more unread messages than before and may make a noise. Pure. */
export function newlyUnread(before: readonly ChatSummary[], after: readonly ChatSummary[]): readonly ChatSummary[] {
  const counts = new Map(before.map((chat) => [chat.chatId, chat.unread]));
  return after.filter(
    (chat) => !chat.muted && !chat.archived && chat.state !== 'blocked' && chat.unread > (counts.get(chat.chatId) ?? 0),
  );
}
