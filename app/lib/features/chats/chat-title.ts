import type { ChatSummary } from '@securechat/sync/api';
import { text } from '../../text/index.ts';

/** What a chat is called on the screen. */
export function chatTitle({ kind, title }: Pick<ChatSummary, 'kind' | 'title'>): string {
  return kind === 'self' ? text.chats.noteToSelf : title;
}
