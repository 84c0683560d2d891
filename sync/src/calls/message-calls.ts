/** Calls about messages: sending, editing, reacting, deleting, reading. */
import type { ChatId } from '@securechat/crypto';
import { type ClientError, FOLDER_LIMIT, TEXT_LIMIT } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import type { MessageRow } from '../projection/row.ts';
import { type Handlers, done, refused } from './answers.ts';
import { checkOwn, compose, composeAbout, mayWriteTo } from './composing.ts';
import { writableMentions } from './mentions.ts';

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
    async sendMessage({ id, chatId, text, replyTo, mentions }) {
      const problem = checkText(text);
      if (problem !== undefined) return refused(problem);
      return compose(
        engine,
        { id, chatId },
        {
          ...{ kind: 'message', text },
          ...(replyTo !== undefined && { replyTo }),
          ...writableMentions(text, mentions),
        },
      );
    },
    retryMessage() {
      engine.reconnect();
      return Promise.resolve(done(null));
    },
    async editMessage({ chatId, recordId, text, mentions }) {
      const problem = checkText(text);
      if (problem !== undefined) return refused(problem);
      const body = { kind: 'edit', target: recordId, text, ...writableMentions(text, mentions) } as const;
      const check = (row: MessageRow) =>
        checkOwn(row) ?? (row.poll === undefined ? undefined : { type: 'NotEditable' });
      return composeAbout(engine, { chatId, recordId, check }, body);
    },
    async react({ chatId, recordId, emoji }) {
      if (emoji !== undefined && (emoji === '' || new TextEncoder().encode(emoji).length > EMOJI_BYTES)) {
        return refused({ type: 'TooLong', limit: EMOJI_BYTES });
      }
      const body = { kind: 'reaction', target: recordId, ...(emoji !== undefined && { emoji }) } as const;
      return composeAbout(engine, { chatId, recordId }, body);
    },
    async deleteForEveryone({ chatId, recordId }) {
      return composeAbout(engine, { chatId, recordId, check: checkOwn }, { kind: 'delete', target: recordId });
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
      const isWanted = engine.personal.settings.get()['sendTyping'] !== false && engine.connection.state === 'online';
      if (!isWanted || !hasReaders(engine, chat)) return done(null);
      await engine.job((batch) => {
        engine.ownTyping.tell(batch, chat, typing);
      });
      engine.kick();
      return done(null);
    },
    async markRead({ chatId, upTo }) {
      const chat = engine.chats.get(chatId as ChatId);
      if (chat === undefined) return refused({ type: 'UnknownChat' });
      const before = engine.personal.chats.get().get(chat.chatId)?.readMarks ?? new Map<string, number>();
      const heard = await engine.projection.marksUpTo(chat.chatId, upTo, before);
      const raised = engine.callList.marksUpTo(chat.chatId, upTo, { before, raised: heard });
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

/** Whether there is anybody who is to see that the user writes. */
function hasReaders(engine: Engine, chat: Chat): boolean {
  switch (chat.with.type) {
    case 'self':
      return false;
    case 'contact':
      return engine.people.stateOf(chat.with.peer) === 'accepted';
    case 'group':
      return mayWriteTo(engine, chat, chat.with.groupId) === chat;
  }
}
