/** A received file out to the disk: as bytes, which no browser opens by itself. */
import type { App } from '$lib/state/app.svelte.ts';
import { openFileSink, dateForName } from '$lib/state/file-sink.ts';
import { firstSnapshot } from '$lib/state/live.ts';
import { nameToSay } from '$lib/media/kinds.ts';
import { describeError, text } from '$lib/text/index.ts';
import type { MediaAbout, MediaState, Millis } from '@securechat/sync/api';
import { refOf, type MediaFile } from './media-ref.ts';
import { eachPart } from './whole-files.ts';

export async function saveFile(app: App, file: MediaFile, time: Millis): Promise<void> {
  const name = fileName(file.about, time);
  const sink = await openFileSink({ name, type: 'application/octet-stream', extension: endingOf(name) });
  if (!sink) return;
  const { state, failure } = await fetchWhole(app, file);
  const failed = state === 'here' ? await eachPart(app, file, (part) => sink.write(part)) : undefined;
  const isSaved = state === 'here' && !failed;
  await (isSaved ? sink.close() : sink.abort());
  if (isSaved) app.toasts.info(text.media.saved);
  else if (failed) app.toasts.error(describeError(failed.error));
  else if (failure) app.toasts.error(text.media.failures[failure]);
}

/** Only a file that is here as a whole is known to be what was sent. Answers how that ended; `absent`: it was cancelled. */
async function fetchWhole(app: App, file: MediaFile): Promise<Pick<MediaState, 'state' | 'failure'>> {
  const { chatId, recordId, index } = file;
  await app.ask('loadMedia', refOf(file));
  const isOver = (states: readonly MediaState[]): boolean => states[index]?.state !== 'loading';
  const states = await firstSnapshot(app.api, 'media', { chatId, recordId }, isOver);
  return states[index] ?? { state: 'absent' };
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
