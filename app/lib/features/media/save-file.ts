/** A received file out to the disk: as bytes, which no browser opens by itself. */
import type { App } from '$lib/state/app.svelte.ts';
import { openFileSink, dateForName } from '$lib/state/file-sink.ts';
import { nameToSay } from '$lib/media/kinds.ts';
import { describeError, text } from '$lib/text/index.ts';
import type { MediaAbout, Millis } from '@securechat/sync/api';
import type { MediaFile } from './media-ref.ts';
import { eachPart } from './whole-files.ts';

export async function saveFile(app: App, file: MediaFile, time: Millis): Promise<void> {
  const name = fileName(file.about, time);
  const sink = await openFileSink({ name, type: 'application/octet-stream', extension: endingOf(name) });
  if (!sink) return;
  const failed = await eachPart(app, file, (part) => sink.write(part));
  await (failed ? sink.abort() : sink.close());
  if (failed) app.toasts.error(describeError(failed.error));
  else app.toasts.info(text.media.saved);
}

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'video/quicktime': 'mov',
  'audio/mpeg': 'mp3',
};

/** The name it came with, cleaned once more; what has none is named by kind and day. Pure. */
export function fileName({ kind, type, name }: MediaAbout, time: Millis): string {
  const said = name === undefined ? '' : nameToSay(name);
  if (said !== '') return said;
  const ending = ENDINGS[type] ?? /^\w+\/([\w]+)/.exec(type)?.[1] ?? 'bin';
  return `${kind}-${dateForName(time)}.${ending}`;
}

function endingOf(name: string): `.${string}` {
  const ending = /\.[A-Za-z0-9]{1,12}$/.exec(name)?.[0] ?? '';
  return `.${ending.slice(1) || 'bin'}`;
}
