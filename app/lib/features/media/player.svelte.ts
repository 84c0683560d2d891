/** The one sound that plays: a voice note or a piece of audio. Another that starts ends it; after a voice note comes the next. */
import type { Millis } from '@securechat/sync/api';
import { refKey, type MediaFile } from './media-ref.ts';
import { openSource, type Source } from './sources.ts';
import type { Streams } from './streams.ts';
import type { WholeFiles } from './whole-files.ts';

const RATES = [1, 1.5, 2] as const;
type Rate = (typeof RATES)[number];

/** What is played after a file, if anything. */
export type After = (file: MediaFile) => MediaFile | undefined;

export class Player {
  playing = $state(false);
  failed = $state(false);
  at = $state<Millis>(0);
  rate = $state<Rate>(1);
  #file = $state.raw<MediaFile>();
  #source: Source | undefined;
  #after: After = () => undefined;
  #audio: HTMLAudioElement | undefined;
  readonly #whole: WholeFiles;
  readonly #streams: Streams;

  constructor(whole: WholeFiles, streams: Streams) {
    this.#whole = whole;
    this.#streams = streams;
  }

  isAt(file: MediaFile): boolean {
    return this.#file !== undefined && refKey(this.#file) === refKey(file);
  }

  async toggle(file: MediaFile, after: After): Promise<void> {
    this.#after = after;
    if (!this.isAt(file) || this.failed) await this.#start(file, 0);
    else if (this.playing) this.#audio?.pause();
    else await this.#play();
  }

  /** Starts there when it was not the one. */
  async seek(file: MediaFile, at: Millis, after: After): Promise<void> {
    if (!this.isAt(file)) {
      this.#after = after;
      await this.#start(file, at);
    } else if (this.#audio) {
      this.#audio.currentTime = at / 1000;
      this.at = at;
    }
  }

  nextRate(): void {
    this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length] ?? 1;
    if (this.#audio) this.#audio.playbackRate = this.rate;
  }

  stop(): void {
    this.#audio?.pause();
    this.#audio?.removeAttribute('src');
    this.#source?.close();
    this.#source = undefined;
    this.#file = undefined;
    this.playing = false;
    this.failed = false;
    this.at = 0;
  }

  async #start(file: MediaFile, at: Millis): Promise<void> {
    this.stop();
    this.#file = file;
    this.at = at;
    const source = await openSource(this.#whole, this.#streams, file);
    if (this.#file !== file) return source?.close();
    this.#source = source;
    if (!source) {
      this.failed = true;
      return;
    }
    const audio = this.#element();
    audio.src = source.url;
    audio.playbackRate = this.rate;
    if (at > 0) audio.currentTime = at / 1000;
    await this.#play();
  }

  /** A player that is stopped or changed meanwhile breaks its promise. */
  async #play(): Promise<void> {
    await this.#audio?.play().catch(() => undefined);
  }

  #element(): HTMLAudioElement {
    if (this.#audio) return this.#audio;
    const audio = new Audio();
    audio.addEventListener('play', () => (this.playing = true));
    audio.addEventListener('pause', () => (this.playing = false));
    audio.addEventListener('timeupdate', () => (this.at = audio.currentTime * 1000));
    audio.addEventListener('error', () => {
      // Taking the address away is no failure.
      this.failed = audio.hasAttribute('src');
      this.playing = false;
    });
    audio.addEventListener('ended', () => this.#goOn());
    this.#audio = audio;
    return audio;
  }

  #goOn(): void {
    const next = this.#file && this.#after(this.#file);
    if (next) void this.#start(next, 0);
    else this.stop();
  }
}
