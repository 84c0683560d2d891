/** The microphone while it is recorded from: the browser's recorder, and how loud it is right now. */
import type { Result } from '@securechat/sync/api';
import { Loudness } from '$lib/media/loudness.ts';

/** WebM where it can be written: every browser of today plays it. */
const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];
const BITS_PER_SECOND = 32_000;

export type MicrophoneFailure = 'denied' | 'none' | 'failed';

export class Microphone {
  readonly #stream: MediaStream;
  readonly #recorder: MediaRecorder;
  readonly #loudness: Loudness;
  readonly #parts: Blob[] = [];

  private constructor(stream: MediaStream) {
    this.#stream = stream;
    this.#loudness = new Loudness(stream);
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const options = { audioBitsPerSecond: BITS_PER_SECOND };
    this.#recorder = new MediaRecorder(stream, mimeType === undefined ? options : { ...options, mimeType });
    this.#recorder.addEventListener('dataavailable', ({ data }) => this.#parts.push(data));
    this.#recorder.start();
  }

  /** Asks for it and begins to record. */
  static async open(): Promise<Result<Microphone, MicrophoneFailure>> {
    try {
      const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
      return { ok: true, value: new Microphone(await navigator.mediaDevices.getUserMedia({ audio })) };
    } catch (error) {
      return { ok: false, error: failureOf(error) };
    }
  }

  /** How loud it is, 0..1. */
  get level(): number {
    return this.#loudness.level;
  }

  /** Ends it; resolves with what was recorded. */
  async stop(): Promise<Blob> {
    const { mimeType } = this.#recorder;
    // It ends by itself when the microphone is pulled out.
    if (this.#recorder.state !== 'inactive')
      await new Promise((resolve) => {
        this.#recorder.addEventListener('stop', resolve, { once: true });
        this.#recorder.stop();
      });
    this.close();
    return new Blob(this.#parts, { type: mimeType });
  }

  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#loudness.close();
  }
}

function failureOf(error: unknown): MicrophoneFailure {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' ? 'none' : 'failed';
}
