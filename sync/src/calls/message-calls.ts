/** Calls about messages: sending, editing, reacting, deleting, reading. */
import type { ChatId } from '@securechat/crypto';
import { type ClientError, FOLDER_LIMIT, type RecordId, TEXT_LIMIT } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import type { MessageRow } from '../projection/row.ts';
import type { RecordBody } from '../records/index.ts';
import { type Handlers, done, refused } from './answers.ts';
import { becomeContact } from './contact-calls.ts';

type Names =
  | 'sendMessage'
  | 'retryMessage'
  | 'editMessage'
  | 'react'
  | 'deleteForEveryone'
  | 'deleteForMe'
  | 'setStarred'
  | 'setDraft'
  | 'setTyping'
  | 'markRead'
  | 'setChatFlags';

const EMOJI_BYTES = 64;

export function messageCalls(engine: Engine): Handlers<Names> {
  return {
    async sendMessage({ id, chatId, text, replyTo }) {
      const chat = await writable(engine, chatId);
      if ('type' in chat) return refused(chat);
      const problem = checkText(text);
      if (problem !== undefined) return refused(problem);
      if (engine.composer.isFull) return refused({ type: 'StorageFull' });
      const body: RecordBody = { kind: 'message', text, ...(replyTo !== undefined && { replyTo }) };
      const recordId = await engine.lane.run(() => engine.composer.compose(chat, body, id));
      return done({ recordId });
    },
    retryMessage() {
      engine.reconnect();
      return Promise.resolve(done(null));
    },
    async editMessage({ chatId, recordId, text }) {
      const problem = checkText(text);
      if (problem !== undefined) return refused(problem);
      return change(engine, chatId, recordId, true, { kind: 'edit', target: recordId, text });
    },
    async react({ chatId, recordId, emoji }) {
      if (emoji !== undefined && (emoji === '' || new TextEncoder().encode(emoji).length > EMOJI_BYTES)) {
        return refused({ type: 'TooLong', limit: EMOJI_BYTES });
      }
      return change(engine, chatId, recordId, false, {
        kind: 'reaction',
        target: recordId,
        ...(emoji !== undefined && { emoji }),
      });
    },
    async deleteForEveryone({ chatId, recordId }) {
      return change(engine, chatId, recordId, true, { kind: 'delete', target: recordId });
    },
    async deleteForMe({ chatId, recordId, hidden }) {
      if (engine.chats.get(chatId as ChatId) === undefined) return refused({ type: 'UnknownChat' });
      await engine.personal.chats.setHidden(chatId as ChatId, recordId, hidden);
      return done(null);
    },
    async setStarred({ chatId, recordId, starred }) {
      if (engine.chats.get(chatId as ChatId) === undefined) return refused({ type: 'UnknownChat' });
      await engine.personal.chats.setStarred(chatId as ChatId, recordId, starred);
      return done(null);
    },
    async setDraft({ chatId, text }) {
      if (engine.chats.get(chatId as ChatId) === undefined) return refused({ type: 'UnknownChat' });
      await engine.personal.chats.setDraft(chatId as ChatId, text.slice(0, TEXT_LIMIT));
      return done(null);
    },
    async setTyping({ chatId, typing }) {
      const chat = engine.chats.get(chatId as ChatId);
      if (chat === undefined) return refused({ type: 'UnknownChat' });
      const wanted = engine.personal.settings.get()['sendTyping'] !== false && engine.connection.state === 'online';
      const { peer } = chat.with;
      if (peer === undefined || !wanted || engine.people.stateOf(peer) !== 'accepted') return done(null);
      await engine.job((batch) => {
        engine.outbox.tell(batch, {
          accountId: peer,
          ephemeral: true,
          topic: `typing:${chat.chatId}`,
          parts: [{ type: 'typing', chatId: chat.chatId, typing }],
        });
      });
      engine.kick();
      return done(null);
    },
    async markRead({ chatId, upTo }) {
      const chat = engine.chats.get(chatId as ChatId);
      if (chat === undefined) return refused({ type: 'UnknownChat' });
      const before = engine.personal.chats.get().get(chat.chatId)?.readMarks ?? new Map<string, number>();
      const raised = await engine.projection.marksUpTo(chat.chatId, upTo, before);
      if (raised.size === 0) return done(null);
      await engine.personal.chats.markRead(chat.chatId, raised);
      if (engine.personal.settings.get()['sendReceipts'] === false) return done(null);
      await engine.job((batch) => {
        engine.absorb.tellMarks(chat, batch, raised.keys());
      });
      engine.kick();
      return done(null);
    },
    async setChatFlags({ chatId, folder, ...flags }) {
      if (engine.chats.get(chatId as ChatId) === undefined) return refused({ type: 'UnknownChat' });
      const name = folder?.trim();
      if ((name?.length ?? 0) > FOLDER_LIMIT) return refused({ type: 'TooLong', limit: FOLDER_LIMIT });
      const isToChange = folder !== undefined;
      await engine.personal.chats.setFlags(chatId as ChatId, {
        ...flags,
        ...(isToChange && { folder: name === undefined || name === '' ? null : name }),
      });
      return done(null);
    },
  };
}

function checkText(text: string): ClientError | undefined {
  return text.length > TEXT_LIMIT || text.trim() === '' ? { type: 'TooLong', limit: TEXT_LIMIT } : undefined;
}

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

/** Composes a record about a message that is here; `own` wants it to be the user's. */
async function change(
  engine: Engine,
  chatId: string,
  recordId: RecordId,
  own: boolean,
  body: RecordBody,
): Promise<{ readonly ok: true; readonly value: null } | { readonly ok: false; readonly error: ClientError }> {
  const chat = await writable(engine, chatId);
  if ('type' in chat) return refused(chat);
  const row: MessageRow | undefined = await engine.projection.get(chat.chatId, recordId);
  if (row === undefined || row.deleted) return refused({ type: 'UnknownMessage' });
  if (own && !row.mine) return refused({ type: 'NotYours' });
  if (engine.composer.isFull) return refused({ type: 'StorageFull' });
  await engine.lane.run(() => engine.composer.compose(chat, body));
  return done(null);
}
