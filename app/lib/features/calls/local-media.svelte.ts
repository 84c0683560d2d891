/** This side's sound and picture during a call: what is on, and the tracks that go out. */
import type { CallMedia, Result } from '@securechat/sync/api';
import type { CaptureFailure, openCamera, openMicrophone, openScreen } from '$lib/calls/capture.ts';
import type { Picture } from '$lib/calls/limits.ts';
import type { CallPreferences } from './preferences.svelte.ts';

export interface Capturing {
  readonly openMicrophone: typeof openMicrophone;
  readonly openCamera: typeof openCamera;
  readonly openScreen: typeof openScreen;
}

/** What was wanted of the browser, and why it did not come about. */
export interface CaptureProblem {
  readonly what: 'microphone' | Picture;
  readonly failure: CaptureFailure;
}

/** Undefined: it worked, or there was nothing to do. */
type Attempt = Promise<CaptureProblem | undefined>;

export class LocalMedia {
  microphone: MediaStreamTrack = $state.raw() as unknown as MediaStreamTrack;
  camera = $state.raw<MediaStreamTrack>();
  screen = $state.raw<MediaStreamTrack>();
  isMuted = $state(false);
  /** What the other side is told. */
  readonly told: CallMedia = $derived({
    microphone: !this.isMuted,
    camera: this.camera !== undefined,
    screen: this.screen !== undefined,
  });
  /** Tracks or what is told of them changed. */
  onchange: () => void = () => undefined;
  /** A microphone or camera ended by itself: it was pulled out. */
  onlost: (what: 'microphone' | 'camera') => void = () => undefined;
  readonly #capturing: Capturing;
  readonly #preferences: CallPreferences;
  #isHeld = false;
  #isClosed = false;

  private constructor(capturing: Capturing, preferences: CallPreferences, microphone: MediaStreamTrack) {
    this.#capturing = capturing;
    this.#preferences = preferences;
    this.#useMicrophone(microphone);
  }

  /** Asks for the microphone. */
  static async open(capturing: Capturing, preferences: CallPreferences): Promise<Result<LocalMedia, CaptureProblem>> {
    const { microphone: deviceId, noiseSuppression } = preferences.current;
    const opened = await capturing.openMicrophone({ deviceId, noiseSuppression });
    return opened.ok
      ? { ok: true, value: new LocalMedia(capturing, preferences, opened.value) }
      : { ok: false, error: { what: 'microphone', failure: opened.error } };
  }

  /** What is shown to the other side. */
  get video(): MediaStreamTrack | undefined {
    return this.screen ?? this.camera;
  }

  get picture(): Picture {
    return this.screen ? 'screen' : 'camera';
  }

  setMuted(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.#changed();
  }

  /** On hold nothing is heard or seen, whatever is on. */
  setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#enable();
  }

  async setCamera(isOn: boolean): Attempt {
    if (isOn === (this.camera !== undefined)) return undefined;
    if (isOn) return this.#openCamera();
    this.#useCamera(undefined);
    this.#changed();
    return undefined;
  }

  /** Takes the microphone or camera that the choices name now. */
  async reopen(what: 'microphone' | 'camera'): Attempt {
    if (what === 'camera') return this.camera ? this.#openCamera() : undefined;
    const { microphone: deviceId, noiseSuppression } = this.#preferences.current;
    const opened = await this.#capturing.openMicrophone({ deviceId, noiseSuppression });
    if (!opened.ok) return { what, failure: opened.error };
    if (this.#isClosed) return void opened.value.stop();
    this.microphone.stop();
    this.#useMicrophone(opened.value);
    this.#changed();
    return undefined;
  }

  /** Shows a screen instead of the camera, or no longer. */
  async setScreen(isOn: boolean): Attempt {
    if (!isOn) {
      this.#useScreen(undefined);
      this.#changed();
      return undefined;
    }
    const opened = await this.#capturing.openScreen();
    // Who closed the browser's question knows it.
    if (!opened.ok) return opened.error === 'denied' ? undefined : { what: 'screen', failure: opened.error };
    if (this.#isClosed) return void opened.value.stop();
    this.#useScreen(opened.value);
    // The browser's own button ends it too.
    opened.value.addEventListener('ended', () => {
      if (this.screen === opened.value) void this.setScreen(false);
    });
    this.#changed();
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.microphone.stop();
    this.#useCamera(undefined);
    this.#useScreen(undefined);
  }

  async #openCamera(): Attempt {
    const { camera: deviceId, lowBandwidth: isSmall } = this.#preferences.current;
    // Some systems give a camera once only: the old one has to be let go first.
    this.camera?.stop();
    const opened = await this.#capturing.openCamera({ deviceId, isSmall });
    if (this.#isClosed) return opened.ok ? void opened.value.stop() : undefined;
    this.#useCamera(opened.ok ? opened.value : undefined);
    this.#changed();
    return opened.ok ? undefined : { what: 'camera', failure: opened.error };
  }

  #useMicrophone(track: MediaStreamTrack): void {
    this.microphone = track;
    track.addEventListener('ended', () => {
      if (this.microphone === track && !this.#isClosed) this.onlost('microphone');
    });
    this.#enable();
  }

  #useCamera(track: MediaStreamTrack | undefined): void {
    this.camera?.stop();
    this.camera = track;
    track?.addEventListener('ended', () => {
      if (this.camera !== track || this.#isClosed) return;
      this.#useCamera(undefined);
      this.#changed();
      this.onlost('camera');
    });
  }

  #useScreen(track: MediaStreamTrack | undefined): void {
    this.screen?.stop();
    this.screen = track;
  }

  #changed(): void {
    this.#enable();
    this.onchange();
  }

  #enable(): void {
    this.microphone.enabled = !this.isMuted && !this.#isHeld;
    for (const track of [this.camera, this.screen]) if (track) track.enabled = !this.#isHeld;
  }
}
