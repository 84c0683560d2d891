import type { Attachment } from 'svelte/attachments';

/** Keeps a textarea as high as its text; CSS bounds it. */
export function autoGrow(value: () => string): Attachment<HTMLTextAreaElement> {
  return (element) => {
    $effect(() => {
      value();
      element.style.height = 'auto';
      element.style.height = `${String(element.scrollHeight)}px`;
    });
  };
}
