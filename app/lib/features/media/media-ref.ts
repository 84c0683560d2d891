import type { ChatId, MediaAbout, RecordId } from '@securechat/sync/api';

/** One file of a message. */
export interface MediaRef {
  readonly chatId: ChatId;
  readonly recordId: RecordId;
  readonly index: number;
}

export interface MediaFile extends MediaRef {
  readonly about: MediaAbout;
}

export function refKey({ chatId, recordId, index }: MediaRef): string {
  return `${chatId}/${recordId}/${String(index)}`;
}

export function refOf({ chatId, recordId, index }: MediaRef): MediaRef {
  return { chatId, recordId, index };
}
