/**
 * Where a file that the app makes goes: straight to the disk where the browser lets the person choose a place, else into
 * memory and out as a download. Ask for one in the click itself, or the browser refuses.
 */
import type { Millis } from '@securechat/sync/api';

type Part = string | Uint8Array<ArrayBuffer>;

export interface FileSink {
  write(part: Part): Promise<void>;
  /** The file is complete. Nothing of it is there before. */
  close(): Promise<void>;
  /** Leaves no file. */
  abort(): Promise<void>;
}

export interface FileKind {
  readonly name: string;
  readonly type: `${string}/${string}`;
  readonly extension: `.${string}`;
}

/** Chromium's; in no other browser yet. */
interface Picker {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: readonly { accept: Readonly<Record<string, readonly string[]>> }[];
  }): Promise<FileSystemFileHandle>;
}

/** Undefined when the person closes the browser's question. */
export async function openFileSink(kind: FileKind): Promise<FileSink | undefined> {
  const { showSaveFilePicker } = globalThis as Picker;
  if (!showSaveFilePicker) return downloadSink(kind);
  const options = { suggestedName: kind.name, types: [{ accept: { [kind.type]: [kind.extension] } }] };
  try {
    const handle = await showSaveFilePicker.call(globalThis, options);
    return await handle.createWritable();
  } catch (error) {
    // Forbidden rather than declined, as in a frame of another site: a download is still allowed.
    return error instanceof DOMException && error.name === 'AbortError' ? undefined : downloadSink(kind);
  }
}

/** Collects the file in memory and hands it to the browser as a download. */
export function downloadSink({ name, type }: FileKind): FileSink {
  let parts: Part[] = [];
  return {
    write(part) {
      parts.push(part);
      return Promise.resolve();
    },
    close() {
      download(new Blob(parts, { type }), name);
      parts = [];
      return Promise.resolve();
    },
    abort() {
      parts = [];
      return Promise.resolve();
    },
  };
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has to have started reading before the URL goes.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

/** 2026-05-20, for the name of a file. */
export function dateForName(now: Millis): string {
  return new Date(now).toISOString().slice(0, 10);
}
