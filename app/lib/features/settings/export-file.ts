/** Writes everything readable here into one JSON file, part by part. */
import type { App } from '$lib/state/app.svelte.ts';
import { dateForName, downloadSink, type FileSink } from '$lib/state/file-sink.ts';

/** True when the file was handed to the browser. `onProgress` gets 0..1. */
export async function exportEverything(app: App, onProgress: (part: number) => void): Promise<boolean> {
  const name = `securechat-${dateForName(Date.now())}.json`;
  const sink = downloadSink({ name, type: 'application/json', extension: '.json' });
  const isWritten = await writeParts(app, sink, onProgress);
  await (isWritten ? sink.close() : sink.abort());
  return isWritten;
}

async function writeParts(app: App, sink: FileSink, onProgress: (part: number) => void): Promise<boolean> {
  let cursor: string | undefined;
  do {
    const result = await app.ask('exportPart', cursor === undefined ? {} : { cursor });
    if (!result?.ok) return false;
    await sink.write(result.value.text);
    onProgress(result.value.total === 0 ? 1 : result.value.done / result.value.total);
    cursor = result.value.next;
  } while (cursor !== undefined);
  return true;
}
