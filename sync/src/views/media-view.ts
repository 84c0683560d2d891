/** What of a message's files is on this device. */
import type { ChatId } from '@securechat/crypto';
import type { MediaState, WatchArgs } from '../api.ts';
import type { Engine } from '../engine.ts';
import type { MediaPointer } from '../records/index.ts';
import { openView } from './topics.ts';

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
    pointers ??=
      engine.chats.get(chat) === undefined ? [] : ((await engine.projection.get(chat, recordId))?.media ?? []);
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
