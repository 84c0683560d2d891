import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import type { Media } from './media.svelte.ts';
import type { MediaFile } from './media-ref.ts';

/** Puts a whole picture into the element and lets it go with it. What the file is does not change while it is shown. */
export function showWhole({ whole }: Media, file: () => MediaFile, onfail: () => void): Attachment<HTMLImageElement> {
  return (image) => {
    const shown = untrack(file);
    let isGone = false;
    image.addEventListener('error', onfail);
    void whole.take(shown).then((read) => {
      if (!read?.ok) onfail();
      else if (isGone) whole.letGo(shown);
      else image.src = read.value;
    });
    return () => {
      isGone = true;
      if (image.src !== '') whole.letGo(shown);
    };
  };
}
