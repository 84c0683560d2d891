/**
 * Export of everything readable on this device as one JSON document, in parts, so that neither the worker nor the tab
 * ever holds all of it as objects. Messages come newest first within each chat. Deleted and hidden ones are left out.
 */
import type { ChatId } from '@securechat/crypto';
import type { Chat } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import type { MessageRow } from '../projection/row.ts';
import { type Handlers, done } from './answers.ts';

const PAGE = 400;

/** Where the export stands: `<index of the chat>` or `<index>.<id of the oldest message exported so far>`. */
interface Cursor {
  readonly chat: number;
  readonly before?: string;
  readonly done: number;
}

export function exportCalls(engine: Engine): Handlers<'exportPart'> {
  return {
    async exportPart({ cursor }) {
      const chats = [...engine.chats.all()];
      let total = 0;
      for (const chat of chats) total += await engine.projection.messageCount(chat.chatId);
      const at: Cursor = cursor === undefined ? { chat: 0, done: 0 } : parseCursor(cursor);
      const head = cursor === undefined ? header(engine) : '';
      const chat = chats[at.chat];
      if (chat === undefined) return done({ text: `${head}\n]}\n`, done: total, total });
      const { text, next } = await part(engine, chat, at, at.chat === chats.length - 1);
      return done({ text: head + text, next: printCursor(next), done: Math.min(next.done, total), total });
    },
  };
}

async function part(engine: Engine, chat: Chat, at: Cursor, isLast: boolean): Promise<{ text: string; next: Cursor }> {
  const rows = await pageBefore(engine, chat.chatId, at.before);
  const opening = at.before === undefined ? `${JSON.stringify(chatHead(engine, chat)).slice(0, -1)},"messages":[` : '';
  const visible = rows.filter((row) => !row.deleted).map((row) => JSON.stringify(message(engine, row)));
  const text = opening + (at.before !== undefined && visible.length > 0 ? ',\n' : '\n') + visible.join(',\n');
  const oldest = rows[rows.length - 1];
  if (oldest !== undefined && rows.length >= PAGE - 1)
    return { text, next: { chat: at.chat, before: oldest.id, done: at.done + rows.length } };
  return { text: `${text}\n]}${isLast ? '' : ',\n'}`, next: { chat: at.chat + 1, done: at.done + rows.length } };
}

/** Newest first, without the anchor itself. */
async function pageBefore(engine: Engine, chatId: ChatId, before: string | undefined): Promise<readonly MessageRow[]> {
  const page = await engine.projection.page({ chatId, anchor: before ?? 'end', older: PAGE - 1, newer: 0 });
  return page.rows.filter((row) => row.id !== before).reverse();
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
  return chat.isSelf
    ? { chatId: chat.chatId, kind: 'self' }
    : { chatId: chat.chatId, kind: 'direct', with: chat.peer, name: engine.people.nameOf(chat.peer) };
}

function message(engine: Engine, row: MessageRow): object {
  return {
    id: row.id,
    time: iso(row.time),
    from: row.mine ? 'me' : engine.people.nameOf(row.account as Parameters<Engine['people']['nameOf']>[0]),
    text: row.text,
    ...(row.edited && { edited: true }),
    ...(row.replyTo !== undefined && { replyTo: row.replyTo }),
    ...(row.reactions.length > 0 && { reactions: row.reactions.map(({ emoji }) => emoji) }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function printCursor({ chat, before, done: count }: Cursor): string {
  return [String(chat), String(count), before ?? ''].join('/');
}

function parseCursor(text: string): Cursor {
  const [chat, count, before] = text.split('/');
  return { chat: Number(chat), done: Number(count), ...(before && { before }) };
}
