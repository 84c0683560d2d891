/**
 * Records a voice message:
 *
 *   idle -> asking -> recording -> recorded -> idle
 *
 * Nothing of it is stored before it is sent.
 */
import type { ChatId, MediaDraft, Millis, RecordId, Result } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { baseType } from '$lib/media/kinds.ts';
import type { Preparer } from '$lib/media/preparer.ts';
import { describeError, text } from '$lib/text/index.ts';
import { newMessageId } from '../chat/message-id.ts';
import { Microphone, type MicrophoneFailure } from './microphone.ts';

/** The longest there is. */
const MOST: Millis = 15 * 60_000;
/** Shorter ones are slips of a finger. */
const LEAST: Millis = 600;
const TICK: Millis = 80;

export interface Recording {
  readonly content: Blob;
  readonly duration: Millis;
  readonly waveform?: Uint8Array;
}

/** What it needs of a microphone. */
type OpenMicrophone = Pick<Microphone, 'level' | 'stop' | 'close'>;
type Open = () => Promise<Result<OpenMicrophone, MicrophoneFailure>>;

export class Recorder {
  state = $state<'idle' | 'asking' | 'recording' | 'recorded'>('idle');
  length = $state<Millis>(0);
  /** The last loudnesses, 0..1, newest last. */
  levels = $state.raw<readonly number[]>([]);
  /** Goes on when the finger is lifted. */
  isLocked = $state(false);
  recording = $state.raw<Recording>();
  readonly #app: App;
  readonly #preparer: Pick<Preparer, 'waveform'>;
  readonly #chatId: ChatId;
  readonly #open: Open;
  #microphone: OpenMicrophone | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #startedAt = 0;
  /** Counts what was begun and discarded: what was waited for may be of an earlier one. */
  #round = 0;

  constructor(app: App, preparer: Pick<Preparer, 'waveform'>, chatId: ChatId, open: Open = () => Microphone.open()) {
    this.#app = app;
    this.#preparer = preparer;
    this.#chatId = chatId;
    this.#open = open;
  }

  async start(): Promise<void> {
    if (this.state !== 'idle') return;
    this.state = 'asking';
    const round = this.#round;
    const opened = await this.#open();
    // Discarded while the browser asked.
    if (round !== this.#round) return opened.ok ? opened.value.close() : undefined;
    if (!opened.ok) {
      this.state = 'idle';
      this.#app.toasts.error(text.voice[opened.error]);
      return;
    }
    this.#microphone = opened.value;
    this.#startedAt = performance.now();
    this.length = 0;
    this.levels = [];
    this.state = 'recording';
    this.#ticking = setInterval(() => this.#tick(), TICK);
  }

  /** To be listened to before it goes. */
  async stop(): Promise<void> {
    const recording = await this.#take();
    if (!recording) return;
    this.recording = recording;
    this.state = 'recorded';
    const { content } = recording;
    const waveform = await this.#preparer.waveform(content);
    if (waveform && this.recording?.content === content) this.recording = { ...recording, waveform };
  }

  /** What is recorded, or is being recorded. Answers whether the engine took it; else it is there again. */
  async send(replyTo?: RecordId): Promise<boolean> {
    // What goes at once is not shown to be listened to.
    const recording = this.state === 'recording' ? await this.#take() : this.recording;
    if (!recording) return false;
    this.#reset();
    const message = { id: newMessageId(), chatId: this.#chatId, items: [await this.#draft(recording)] };
    const result = await this.#app.ask('sendMedia', replyTo === undefined ? message : { ...message, replyTo });
    if (result?.ok) return true;
    if (result) this.#app.toasts.error(describeError(result.error));
    if (this.state === 'idle') {
      this.recording = recording;
      this.length = recording.duration;
      this.state = 'recorded';
    }
    return false;
  }

  discard(): void {
    clearInterval(this.#ticking);
    this.#microphone?.close();
    this.#microphone = undefined;
    this.#reset();
  }

  /** Ends recording; undefined: it was a slip of a finger, or discarded meanwhile. */
  async #take(): Promise<Recording | undefined> {
    const content = await this.#end();
    return content && { content, duration: Math.round(this.length) };
  }

  async #draft({ content, duration, waveform }: Recording): Promise<MediaDraft> {
    const bars = waveform ?? (await this.#preparer.waveform(content));
    const draft = { content, kind: 'voice', type: baseType(content.type), duration } as const;
    return bars ? { ...draft, waveform: bars } : draft;
  }

  async #end(): Promise<Blob | undefined> {
    clearInterval(this.#ticking);
    const microphone = this.#microphone;
    this.#microphone = undefined;
    if (!microphone) return undefined;
    this.length = performance.now() - this.#startedAt;
    const round = this.#round;
    const content = await microphone.stop();
    if (round !== this.#round) return undefined;
    if (this.length >= LEAST && content.size > 0) return content;
    this.#reset();
    return undefined;
  }

  #reset(): void {
    this.#round += 1;
    this.state = 'idle';
    this.isLocked = false;
    this.recording = undefined;
    this.length = 0;
    this.levels = [];
  }

  #tick(): void {
    this.length = performance.now() - this.#startedAt;
    this.levels = [...this.levels, this.#microphone?.level ?? 0].slice(-64);
    if (this.length < MOST) return;
    this.#app.toasts.info(text.voice.longest(MOST / 60_000));
    void this.stop();
  }
}
