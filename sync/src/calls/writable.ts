/** Whether this account may write in a chat. */
import type { ChatId } from '@securechat/crypto';
import type { ClientError } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import { becomeContact } from './contact-calls.ts';

/** A chat that may be written to. Answering a stranger is agreeing to talk. */
export async function writable(engine: Engine, chatId: string): Promise<Chat | ClientError> {
  const chat = engine.chats.get(chatId as ChatId);
  if (chat === undefined) return { type: 'UnknownChat' };
  if (chat.with.type === 'self') return chat;
  if (chat.with.type === 'group') return mayWriteTo(engine, chat, chat.with.groupId);
  switch (engine.people.stateOf(chat.with.peer)) {
    case 'blocked':
      return { type: 'Blocked' };
    case 'requesting':
      await becomeContact(engine, chat.with.peer, chat.with.peerKey);
      return chat;
    default:
      return chat;
  }
}

function mayWriteTo(engine: Engine, chat: Chat, groupId: ChatId): Chat | ClientError {
  const state = engine.groups.book.stateOf(groupId);
  const me = state?.members.get(engine.self.identity.account.id);
  if (state === undefined || me === undefined) return { type: 'NotMember' };
  return state.permissions.write === 'admins' && me.role === 'member' ? { type: 'NotAllowed' } : chat;
}
