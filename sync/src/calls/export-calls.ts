/**
 * Export of everything readable on this device as one JSON document, in parts, so that neither the worker nor the tab
 * ever holds all of it as objects. Messages come newest first within each chat. Deleted and hidden ones are left out.
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import { type Chat, isRoot } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import type { PollRow } from '../projection/poll.ts';
import type { MessageRow } from '../projection/row.ts';
import type { MediaPointer } from '../records/index.ts';
import { type Handlers, done } from './answers.ts';

const PAGE = 399;

/** Where the export stands: which chat, the oldest message exported so far, and whether any of the chat's was. */
interface Cursor {
  readonly chat: number;
  readonly done: number;
  readonly hasMessages: boolean;
  readonly before?: string;
}

export function exportCalls(engine: Engine): Handlers<'exportPart'> {
  return {
    async exportPart({ cursor }) {
      const chats = [...engine.chats.all()].filter((chat) => !isRoot(chat));
      const { messages: total } = await engine.content();
      const at: Cursor = cursor === undefined ? { chat: 0, done: 0, hasMessages: false } : parseCursor(cursor);
      const head = cursor === undefined ? header(engine) : '';
      const chat = chats[at.chat];
      if (chat === undefined) return done({ text: `${head}\n]}\n`, done: total, total });
      const { text, next } = await part(engine, chat, at);
      return done({ text: head + text, next: printCursor(next), done: Math.min(next.done, total), total });
    },
  };
}

/** The separator stands before a chat, not after one: a chat may be added while an export is under way. */
async function part(engine: Engine, chat: Chat, at: Cursor): Promise<{ text: string; next: Cursor }> {
  const page = await engine.projection.page({ chatId: chat.chatId, anchor: at.before ?? 'end', older: PAGE, newer: 0 });
  // Newest first, without the anchor, which was in the part before.
  const rows = page.rows.filter((row) => row.id !== at.before).reverse();
  const visible = rows.filter((row) => !row.deleted).map((row) => JSON.stringify(message(engine, row)));
  const head = `${at.chat === 0 ? '' : ',\n'}${JSON.stringify(chatHead(engine, chat)).slice(0, -1)},"messages":[`;
  const lines = visible.map((line, index) => `${index === 0 && !at.hasMessages ? '' : ','}\n${line}`);
  const text = (at.before === undefined ? head : '') + lines.join('');
  const oldest = rows.at(-1);
  const count = at.done + rows.length;
  const hasMessages = at.hasMessages || visible.length > 0;
  return page.hasOlder && oldest !== undefined
    ? { text, next: { chat: at.chat, done: count, before: oldest.id, hasMessages } }
    : { text: `${text}\n]}`, next: { chat: at.chat + 1, done: count, hasMessages: false } };
}

function header(engine: Engine): string {
  const { name } = engine.personal.profile.get();
  const contacts = engine.people.all().map(({ accountId, nickname, state, verified, ...contact }) => ({
    accountId,
    name: contact.name,
    state,
    verified,
    ...(nickname !== undefined && { nickname }),
  }));
  const { id } = engine.self.identity.account;
  const about = {
    format: 'securechat-export',
    version: 1,
    exportedAt: iso(engine.clock.now()),
    accountId: id,
    name,
    contacts,
  };
  return `${JSON.stringify(about).slice(0, -1)},"chats":[\n`;
}

function chatHead(engine: Engine, chat: Chat): object {
  const { chatId } = chat;
  switch (chat.with.type) {
    case 'self':
      return { chatId, kind: 'self' };
    case 'contact':
      return {
        ...{ chatId, kind: 'direct', with: chat.with.peer, name: engine.people.nameOf(chat.with.peer) },
        ...callsOf(engine, chatId),
      };
    case 'group':
      return { chatId, kind: 'group', name: engine.views.titleOf(chat), ...callsOf(engine, chatId) };
  }
}

/** Calls of a chat, newest first as its messages are. */
function callsOf(engine: Engine, chatId: ChatId): object {
  const calls = engine.callLog.of(chatId).toReversed();
  if (calls.length === 0) return {};
  return {
    calls: calls.map(({ startedAt, by, video, outcome, seconds }) => ({
      ...{ time: iso(startedAt), from: nameIn(engine, by), video, outcome, seconds },
    })),
  };
}

function nameIn(engine: Engine, account: string): string {
  return account === engine.self.identity.account.id ? 'me' : engine.people.nameOf(account as AccountId);
}

function message(engine: Engine, row: MessageRow): object {
  const nameOf = (account: string): string => nameIn(engine, account);
  return {
    id: row.id,
    time: iso(row.time),
    from: nameOf(row.account),
    text: row.text,
    ...(row.edited && { edited: true }),
    ...(row.replyTo !== undefined && { replyTo: row.replyTo }),
    ...(row.mentions && {
      mentions: row.mentions.map(({ at, length, account }) => ({ at, length, who: nameOf(account) })),
    }),
    ...(row.poll && { poll: poll(row.poll, nameOf) }),
    ...(row.media && { files: row.media.map(fileOf) }),
    ...(row.reactions.length > 0 && {
      reactions: row.reactions.map(({ emoji, account }) => ({ emoji, from: nameOf(account) })),
    }),
  };
}

/** What a file is; its bytes are not part of an export. */
function fileOf({ name, type, size }: MediaPointer): object {
  return { ...(name !== undefined && { name }), type, size };
}

function poll({ options, multiple, closed, votes }: PollRow, nameOf: (account: string) => string): object {
  const votersFor = (choice: number): readonly string[] =>
    votes.filter(({ choices }) => choices.includes(choice)).map(({ account }) => nameOf(account));
  return { multiple, closed, options: options.map((text, at) => ({ text, votes: votersFor(at) })) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function printCursor({ chat, done: count, hasMessages, before }: Cursor): string {
  return [String(chat), String(count), hasMessages ? '1' : '0', before ?? ''].join('/');
}

function parseCursor(text: string): Cursor {
  const [chat, count, hasMessages, before] = text.split('/');
  return {
    chat: Number(chat),
    done: Number(count),
    hasMessages: hasMessages === '1',
    ...(before !== undefined && before !== '' && { before }),
  };
}
