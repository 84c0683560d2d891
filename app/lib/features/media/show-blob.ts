import type { Attachment } from 'svelte/attachments';

/** Shows a picture that is in this page's memory, for as long as the element is there. */
export function showBlob(blob: Blob): Attachment<HTMLImageElement> {
  return (image) => {
    const url = URL.createObjectURL(blob);
    image.src = url;
    return () => URL.revokeObjectURL(url);
  };
}
