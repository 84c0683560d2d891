import type { StatusItem } from '@securechat/sync/api';
import type { MediaFile } from '$lib/features/media/media-ref.ts';

/** The photo or video of a status, as all that shows files takes it; undefined for words. */
export function fileOf({ statusId, content }: StatusItem): MediaFile | undefined {
  return content.type === 'media'
    ? { chatId: statusId, recordId: statusId, index: 0, about: content.media }
    : undefined;
}
