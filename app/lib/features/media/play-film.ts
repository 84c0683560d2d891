import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import type { Media } from './media.svelte.ts';
import type { MediaFile } from './media-ref.ts';
import { openSource, type Source } from './sources.ts';

/** Gives a player its film and takes it away with it. */
export function playFilm(media: Media, file: () => MediaFile, onfail: () => void): Attachment<HTMLVideoElement> {
  return (video) => {
    const shown = untrack(file);
    let source: Source | undefined;
    let isGone = false;
    void openSource(media.whole, media.streams, shown).then((opened) => {
      if (isGone) return opened?.close();
      source = opened;
      if (!opened) return onfail();
      video.src = opened.url;
      media.player.stop();
      return undefined;
    });
    return () => {
      isGone = true;
      video.removeAttribute('src');
      video.load();
      source?.close();
    };
  };
}
