/** Looks for a QR code in the camera's picture until one is found or the view is gone. */
import type { Attachment } from 'svelte/attachments';
import { readQr } from './read-qr.ts';

const EVERY = 140;
const SIDE = 480;

export class CameraScan {
  state = $state<'starting' | 'running' | 'denied' | 'none'>('starting');
  readonly #onscan: (value: string) => void;

  constructor(onscan: (value: string) => void) {
    this.#onscan = onscan;
  }

  readonly video: Attachment<HTMLVideoElement> = (video) => {
    const gone = new AbortController();
    void this.#run(video, gone.signal);
    return () => gone.abort();
  };

  async #run(video: HTMLVideoElement, gone: AbortSignal): Promise<void> {
    const stream = await this.#openCamera();
    if (!stream) return;
    const stop = (): void => {
      for (const track of stream.getTracks()) track.stop();
    };
    if (gone.aborted) return stop();
    gone.addEventListener('abort', stop);
    video.srcObject = stream;
    await video.play().catch(() => undefined); // interrupted: the view is gone
    this.state = 'running';
    await this.#look(video, gone);
  }

  async #openCamera(): Promise<MediaStream | undefined> {
    try {
      return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
    } catch (error) {
      this.state = error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'none';
      return undefined;
    }
  }

  async #look(video: HTMLVideoElement, gone: AbortSignal): Promise<void> {
    while (!gone.aborted) {
      const value = await readQr(video, { width: video.videoWidth, height: video.videoHeight }, SIDE);
      if (value !== undefined && !gone.aborted) {
        this.#onscan(value);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }
}
