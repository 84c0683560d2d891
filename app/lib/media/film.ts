/** What a film or a sound says of itself, read through the browser's own player; the page only waits. */
import type { Millis } from '@securechat/sync/api';

export interface Film {
  readonly width: number;
  readonly height: number;
  readonly duration: Millis;
  /** An early picture of it, where one could be drawn. */
  readonly frame?: ImageBitmap;
}

const PATIENCE = 15_000;

/** Undefined: this browser cannot play it. */
export function readFilm(file: Blob): Promise<Film | undefined> {
  return withPlayer(document.createElement('video'), file, async (video, loaded) => {
    video.muted = true;
    if (!(await loaded) || video.videoWidth === 0) return undefined;
    const film = { width: video.videoWidth, height: video.videoHeight, duration: millis(video.duration) };
    const seeked = happens(video, 'seeked');
    video.currentTime = Math.min(1, Number.isFinite(video.duration) ? video.duration / 10 : 0);
    const frame = (await seeked) ? await createImageBitmap(video).catch(() => undefined) : undefined;
    return frame ? { ...film, frame } : film;
  });
}

/** Of a sound; undefined: this browser cannot play it. */
export function readLength(file: Blob): Promise<Millis | undefined> {
  return withPlayer(document.createElement('audio'), file, async (audio, loaded) =>
    (await loaded) ? millis(audio.duration) : undefined,
  );
}

async function withPlayer<P extends HTMLMediaElement, T>(
  player: P,
  file: Blob,
  read: (player: P, loaded: Promise<boolean>) => Promise<T>,
): Promise<T> {
  const url = URL.createObjectURL(file);
  const loaded = happens(player, player instanceof HTMLVideoElement ? 'loadeddata' : 'loadedmetadata');
  player.preload = 'auto';
  player.src = url;
  try {
    return await read(player, loaded);
  } finally {
    player.removeAttribute('src');
    player.load();
    URL.revokeObjectURL(url);
  }
}

/** Whether it did, before an error and in a time that one waits. */
function happens(player: HTMLMediaElement, event: string): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE);
    const settle = (value: boolean) => (): void => {
      clearTimeout(timer);
      resolve(value);
    };
    player.addEventListener(event, settle(true), { once: true });
    player.addEventListener('error', settle(false), { once: true });
  });
}

/** A recording of a browser may not know its length. */
function millis(seconds: number): Millis {
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : 0;
}
