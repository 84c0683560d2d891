import type { Attachment } from 'svelte/attachments';

/** Keeps a textarea as high as its text; CSS bounds it. */
export function autoGrow(value: () => string): Attachment<HTMLTextAreaElement> {
  return (element) => {
    $effect(() => {
      const isEmpty = value() === '';
      element.style.height = 'auto';
      // An empty box has the height of its one row. Measuring makes the browser lay out the whole page at once.
      if (isEmpty) return;
      element.style.height = `${String(element.scrollHeight)}px`;
    });
  };
}
