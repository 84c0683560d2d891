import type { Attachment } from 'svelte/attachments';

/** Shows or plays what is in this page's memory, for as long as the element is there. */
export function showBlob(blob: Blob): Attachment<HTMLImageElement | HTMLMediaElement> {
  return (element) => {
    const url = URL.createObjectURL(blob);
    element.src = url;
    return () => URL.revokeObjectURL(url);
  };
}
