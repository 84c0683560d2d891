/** Tracks and a connection by hand, for the tests of view models. */
import type { Result } from '@securechat/sync/api';
import type { CaptureFailure } from '$lib/calls/capture.ts';
import type { LinkOptions } from '$lib/calls/call-link.ts';
import type { Counts } from '$lib/calls/quality.ts';
import type { Link } from './call-session.svelte.ts';
import type { CallTools } from './calls.svelte.ts';

export class FakeTrack extends EventTarget {
  enabled = true;
  isStopped = false;
  readonly kind: string;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** As a device that is pulled out. */
  end(): void {
    this.dispatchEvent(new Event('ended'));
  }
}

export class FakeLink implements Link {
  readonly options: LinkOptions;
  readonly done: string[] = [];
  counts: Counts | undefined;

  constructor(options: LinkOptions) {
    this.options = options;
  }

  receive({ type }: { type: string }): void {
    this.done.push(`receive ${type}`);
  }
  setAudio(track: MediaStreamTrack): void {
    this.done.push(`audio ${String(track.enabled)}`);
  }
  setVideo(track: MediaStreamTrack | undefined): void {
    this.done.push(`video ${(track as unknown as FakeTrack | undefined)?.kind ?? 'none'}`);
  }
  setLimits({ video }: { video: number }): void {
    this.done.push(`limit ${String(video)}`);
  }
  count(): Promise<Counts | undefined> {
    return Promise.resolve(this.counts);
  }
  close(): void {
    this.done.push('close');
  }
}

/** A browser that gives what it is asked for, unless `refuses` says why not. */
export class FakeBrowser implements CallTools {
  refuses: Partial<Record<'microphone' | 'camera' | 'screen', CaptureFailure>> = {};
  /** Connections cannot be made. */
  failing = false;
  readonly given: FakeTrack[] = [];
  readonly links: FakeLink[] = [];
  readonly openMicrophone = (): ReturnType<CallTools['openMicrophone']> => this.#give('microphone');
  readonly openCamera = (): ReturnType<CallTools['openCamera']> => this.#give('camera');
  readonly openScreen = (): ReturnType<CallTools['openScreen']> => this.#give('screen');

  createIdentity(): ReturnType<CallTools['createIdentity']> {
    return Promise.resolve({ certificate: {} as RTCCertificate, fingerprint: new Uint8Array(32).fill(7) });
  }

  readonly connect = (options: LinkOptions): Promise<FakeLink> => {
    if (this.failing) return Promise.reject(new Error('it could not be loaded'));
    const link = new FakeLink(options);
    this.links.push(link);
    return Promise.resolve(link);
  };

  get open(): readonly string[] {
    return this.given.filter(({ isStopped }) => !isStopped).map(({ kind }) => kind);
  }

  #give(kind: 'microphone' | 'camera' | 'screen'): Promise<Result<MediaStreamTrack, CaptureFailure>> {
    const failure = this.refuses[kind];
    if (failure !== undefined) return Promise.resolve({ ok: false, error: failure });
    const track = new FakeTrack(kind);
    this.given.push(track);
    return Promise.resolve({ ok: true, value: track as unknown as MediaStreamTrack });
  }
}
