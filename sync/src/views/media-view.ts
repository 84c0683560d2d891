/** What of a message's files is on this device. */
import type { ChatId } from '@securechat/crypto';
import type { MediaState, RecordId, WatchArgs } from '../api.ts';
import type { Engine } from '../engine.ts';
import type { MediaPointer } from '../records/index.ts';
import { openView } from './topics.ts';

/** The files of a message, or of the status of which both are the id; undefined when there is no such thing here. */
export async function pointersOf(
  { chats, projection, statuses }: Engine,
  chatId: ChatId,
  recordId: RecordId,
): Promise<readonly MediaPointer[] | undefined> {
  const status = statuses.book.alive(chatId);
  if (status?.media !== undefined && recordId === chatId) return [status.media];
  return chats.get(chatId) === undefined ? undefined : (await projection.get(chatId, recordId))?.media;
}

/**
 * The row is read when the chat changed, not for each step of a download: a window of a chat has many of these watches. A
 * snapshot that says nothing new is not published.
 */
export function showMedia(
  engine: Engine,
  { chatId, recordId }: WatchArgs<'media'>,
  onValue: (value: readonly MediaState[]) => void,
  onError: (error: unknown) => void,
): () => void {
  const chat = chatId as ChatId;
  let pointers: readonly MediaPointer[] | undefined;
  let shown: string | undefined;
  const off = engine.topics.on(`chat:${chat}`, () => {
    pointers = undefined;
  });
  const compute = async (): Promise<readonly MediaState[]> => {
    pointers ??= (await pointersOf(engine, chat, recordId)) ?? [];
    return pointers.map((pointer) => engine.media.stateOf(pointer));
  };
  const show = (states: readonly MediaState[]): void => {
    const text = JSON.stringify(states);
    if (text !== shown) onValue(states);
    shown = text;
  };
  const stop = openView({ topics: engine.topics, on: [`chat:${chat}`, 'media'], compute, onValue: show, onError });
  return () => {
    off();
    stop();
  };
}
