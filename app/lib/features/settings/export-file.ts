/** Writes everything readable here into one JSON file, part by part. */
import type { App } from '$lib/state/app.svelte.ts';

/** True when the file was handed to the browser. `onProgress` gets 0..1. */
export async function exportEverything(app: App, onProgress: (part: number) => void): Promise<boolean> {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const result = await app.ask('exportPart', cursor === undefined ? {} : { cursor });
    if (!result?.ok) return false;
    parts.push(result.value.text);
    onProgress(result.value.total === 0 ? 1 : result.value.done / result.value.total);
    cursor = result.value.next;
  } while (cursor !== undefined);
  save(new Blob(parts, { type: 'application/json' }), `securechat-${new Date().toISOString().slice(0, 10)}.json`);
  return true;
}

function save(blob: Blob, name: string): void {
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
