/** The pictures and videos of a chat, in order. Pure. */
import type { ChatId, MessageItem, TimelineItem } from '@securechat/sync/api';
import { shownAs } from '$lib/media/kinds.ts';
import { refKey, type MediaFile } from './media-ref.ts';

export interface Slide {
  readonly key: string;
  readonly file: MediaFile;
  readonly message: MessageItem;
}

export function slidesOf(chatId: ChatId, items: readonly TimelineItem[]): Slide[] {
  return items.flatMap((item) => (item.type === 'message' ? slidesOfMessage(chatId, item) : []));
}

/** Those that are viewed once are not among them. */
function slidesOfMessage(chatId: ChatId, message: MessageItem): Slide[] {
  if (message.deleted || message.viewOnce !== undefined) return [];
  return (message.media ?? []).flatMap((about, index) => {
    const shown = shownAs(about);
    const file = { chatId, recordId: message.id, index, about };
    return shown === 'image' || shown === 'video' ? [{ key: refKey(file), file, message }] : [];
  });
}

/** The voice note that follows in the chat, right after it but for other messages of words. */
export function nextVoice(chatId: ChatId, items: readonly TimelineItem[], after: MediaFile): MediaFile | undefined {
  if (after.about.kind !== 'voice') return undefined;
  const notes = items.flatMap((item) =>
    item.type === 'message' && !item.deleted && item.viewOnce === undefined
      ? (item.media ?? []).flatMap((about, index) =>
          about.kind === 'voice' ? [{ chatId, recordId: item.id, index, about }] : [],
        )
      : [],
  );
  return notes[notes.findIndex((note) => refKey(note) === refKey(after)) + 1];
}
