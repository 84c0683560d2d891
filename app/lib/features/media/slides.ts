/** The pictures and videos of a chat, in order, and its voice notes one after the other. Pure. */
import type { ChatId, MessageItem, TimelineItem } from '@securechat/sync/api';
import { shownAs } from '$lib/media/kinds.ts';
import { refKey, type MediaFile } from './media-ref.ts';

export interface Slide {
  readonly key: string;
  readonly file: MediaFile;
  readonly message: MessageItem;
}

export function slidesOf(chatId: ChatId, items: readonly TimelineItem[]): Slide[] {
  return filesOf(chatId, items).filter(({ file: { about } }) => ['image', 'video'].includes(shownAs(about)));
}

/** The voice note that follows in the chat; none after one that is not among these items any more. */
export function nextVoice(chatId: ChatId, items: readonly TimelineItem[], after: MediaFile): MediaFile | undefined {
  const notes = filesOf(chatId, items).filter(({ file: { about } }) => about.kind === 'voice');
  const at = notes.findIndex(({ key }) => key === refKey(after));
  return at < 0 ? undefined : notes[at + 1]?.file;
}

/** Those that are viewed once are not among them. */
function filesOf(chatId: ChatId, items: readonly TimelineItem[]): Slide[] {
  return items.flatMap((message) => {
    if (message.type !== 'message' || message.deleted || message.viewOnce !== undefined) return [];
    return (message.media ?? []).map((about, index) => {
      const file = { chatId, recordId: message.id, index, about };
      return { key: refKey(file), file, message };
    });
  });
}
