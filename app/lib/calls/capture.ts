/** Microphone, camera and screen of this device, and which of them there are. */
import type { Result } from '@securechat/sync/api';

/** denied: by the user, or by the system. none: there is no such device. busy: another program has it. */
export type CaptureFailure = 'denied' | 'none' | 'busy' | 'failed';
type Captured = Promise<Result<MediaStreamTrack, CaptureFailure>>;

export interface CaptureOptions {
  /** One of {@link listDevices}; another one is taken when it is not there. */
  readonly deviceId?: string | undefined;
}

export function openMicrophone(options: CaptureOptions & { readonly noiseSuppression: boolean }): Captured {
  const { noiseSuppression } = options;
  return capture({ audio: { ...chosen(options), noiseSuppression, echoCancellation: true, autoGainControl: true } });
}

export function openCamera(options: CaptureOptions & { readonly isSmall: boolean }): Captured {
  const size = options.isSmall ? { width: { ideal: 640 }, height: { ideal: 360 } } : LARGE;
  const facing = options.deviceId === undefined ? { facingMode: { ideal: 'user' } } : {};
  return capture({ video: { ...chosen(options), ...facing, ...size, frameRate: { ideal: 30 } } });
}

const LARGE = { width: { ideal: 1280 }, height: { ideal: 720 } };

/** Asks which screen, window or tab. `denied` also when the question is closed. */
export async function openScreen(): Captured {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: false });
    const [track] = stream.getVideoTracks();
    if (!track) return { ok: false, error: 'failed' };
    track.contentHint = 'detail';
    return { ok: true, value: track };
  } catch (error) {
    return { ok: false, error: failureOf(error) };
  }
}

export type DeviceKind = 'audioinput' | 'videoinput' | 'audiooutput';

export interface Device {
  readonly id: string;
  /** Empty until the user has allowed a device of this kind. */
  readonly label: string;
}

export async function listDevices(): Promise<Readonly<Record<DeviceKind, readonly Device[]>>> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: DeviceKind): readonly Device[] =>
    all.filter((device) => device.kind === kind && device.deviceId !== '').map(toDevice);
  return { audioinput: of('audioinput'), videoinput: of('videoinput'), audiooutput: of('audiooutput') };
}

const toDevice = ({ deviceId, label }: MediaDeviceInfo): Device => ({ id: deviceId, label });

/** What can be done here at all. */
export const can = {
  shareScreen: (): boolean => 'getDisplayMedia' in navigator.mediaDevices,
  chooseSpeaker: (): boolean => 'setSinkId' in HTMLMediaElement.prototype,
  showInPicture: (): boolean => document.pictureInPictureEnabled,
};

async function capture(constraints: MediaStreamConstraints): Captured {
  try {
    const [track] = (await navigator.mediaDevices.getUserMedia(constraints)).getTracks();
    return track ? { ok: true, value: track } : { ok: false, error: 'none' };
  } catch (error) {
    return { ok: false, error: failureOf(error) };
  }
}

function chosen({ deviceId }: CaptureOptions): { deviceId?: { ideal: string } } {
  return deviceId === undefined ? {} : { deviceId: { ideal: deviceId } };
}

/** Pure. */
export function failureOf(error: unknown): CaptureFailure {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}
