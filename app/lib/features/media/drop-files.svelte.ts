/** Files dragged over an element: whether there are some, and what was dropped. */
import type { Attachment } from 'svelte/attachments';

export class DropZone {
  isOver = $state(false);
  readonly #onDrop: (files: readonly File[]) => void;

  constructor(onDrop: (files: readonly File[]) => void) {
    this.#onDrop = onDrop;
  }

  readonly attach: Attachment<HTMLElement> = (element) => {
    // Enter and leave come for each child: only as many leaves as enters mean that it was left.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth += 1;
      this.isOver = true;
    };
    const over = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const leave = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      this.isOver = depth > 0;
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      this.isOver = false;
      const files = filesOf(event.dataTransfer);
      if (files.length > 0) this.#onDrop(files);
    };
    const gone = new AbortController();
    const { signal } = gone;
    element.addEventListener('dragenter', enter, { signal });
    element.addEventListener('dragover', over, { signal });
    element.addEventListener('dragleave', leave, { signal });
    element.addEventListener('drop', drop, { signal });
    return () => gone.abort();
  };
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}

/** Of what was dropped or pasted; folders, which cannot be read as files, left out. */
export function filesOf(transfer: DataTransfer | null): File[] {
  const entries = [...(transfer?.items ?? [])].filter(({ kind }) => kind === 'file');
  return entries.flatMap((item) => (item.webkitGetAsEntry()?.isDirectory ? [] : (item.getAsFile() ?? [])));
}
