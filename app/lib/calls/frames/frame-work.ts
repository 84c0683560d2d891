/** The page's side of the worker that seals and opens frames: one for a call, gone with it, and its keys with it. */
import type { DeviceId, FrameKey } from '@securechat/sync/api';
import type { Kind } from './frame.ts';
import type { FrameOrder, StreamPurpose } from './orders.ts';

/** That this browser can seal frames: without, there are no calls of groups. */
export function canSealFrames(): boolean {
  return 'RTCRtpScriptTransform' in globalThis;
}

export class FrameWork {
  readonly #worker: Worker;

  /** `worker`: runs `frame-worker.ts`, and is this one's from now on. `onbroken`: it could not be loaded, or died. */
  constructor(worker: Worker, onbroken: () => void) {
    this.#worker = worker;
    worker.addEventListener('error', onbroken);
  }

  /** What goes out is sealed with this key from now on; before there was one nothing goes out. */
  seal(key: FrameKey): void {
    this.#order({ type: 'seal', key });
  }

  /** What opens the frames of a device; none: nothing does any more. */
  open(from: DeviceId, keys: readonly FrameKey[]): void {
    this.#order({ type: 'open', from, keys });
  }

  /**
   * Seals what goes out over a connection with a device, and opens what comes in. To be called before anything is negotiated:
   * with a transform that is set when a track comes in no frame is decoded. Returns what comes in: a track that the other side
   * adds besides has no transform, and must not be played.
   */
  attach(connection: RTCPeerConnection, from: DeviceId): MediaStream {
    const tracks = connection.getTransceivers().map(({ sender, receiver }) => {
      const kind = receiver.track.kind as Kind;
      sender.transform = this.#transform({ kind });
      receiver.transform = this.#transform({ kind, from });
      return receiver.track;
    });
    return new MediaStream(tracks);
  }

  close(): void {
    this.#worker.terminate();
  }

  #order(order: FrameOrder): void {
    this.#worker.postMessage(order);
  }

  #transform(purpose: StreamPurpose): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, purpose);
  }
}
