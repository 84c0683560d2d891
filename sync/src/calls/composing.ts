/** What calls that write something have in common: whether this account may, and composing one record. */
import type { ChatId } from '@securechat/crypto';
import type { ClientError, RecordId, Result } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import type { MessageRow } from '../projection/row.ts';
import type { MessageBody, RecordBody } from '../records/index.ts';
import { done, refused } from './answers.ts';
import { becomeContact } from './contact-calls.ts';

/** A message that is here, and what must be so of it. */
interface About {
  readonly chatId: string;
  readonly recordId: RecordId;
  readonly check?: (row: MessageRow) => ClientError | undefined;
}

/** Composes a message; `id` is the caller's, so that a repeated call answers the first one's record. */
export async function compose(
  engine: Engine,
  { id, chatId }: { readonly id: string; readonly chatId: string },
  body: MessageBody,
): Promise<Result<{ readonly recordId: RecordId }, ClientError>> {
  const chat = await writable(engine, chatId);
  if ('type' in chat) return refused(chat);
  if (engine.composer.isFull) return refused({ type: 'StorageFull' });
  const recordId = await engine.lane.run(() => engine.composer.compose(chat, body, id));
  engine.ownTyping.wrote(chat);
  return done({ recordId });
}

/** Composes a record about a message that is here. */
export async function composeAbout(
  engine: Engine,
  { chatId, recordId, check }: About,
  body: RecordBody,
): Promise<Result<null, ClientError>> {
  const chat = await writable(engine, chatId);
  if ('type' in chat) return refused(chat);
  const row = await engine.projection.get(chat.chatId, recordId);
  if (row === undefined || row.deleted) return refused({ type: 'UnknownMessage' });
  const problem = check?.(row);
  if (problem !== undefined) return refused(problem);
  if (engine.composer.isFull) return refused({ type: 'StorageFull' });
  await engine.lane.run(() => engine.composer.compose(chat, body));
  return done(null);
}

/** For what only a message's author may do. */
export function checkOwn(row: MessageRow): ClientError | undefined {
  return row.mine ? undefined : { type: 'NotYours' };
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

/** The chat, or why this account may not write to its group. */
export function mayWriteTo(engine: Engine, chat: Chat, groupId: ChatId): Chat | ClientError {
  return engine.groups.refusalToWrite(groupId) ?? chat;
}
