/** The tab that holds a call: what it says of itself, and how long it may be silent. */
import type { PhoneKeys } from '../payload/phone-parts.ts';
import type { Holding } from './state.ts';

/** A tab says every few seconds that it is there, at least every ten; a busy engine may hear it later. */
export const HOLDER_PATIENCE = 12_000;

/** As a call begins: the microphone is on, and with video the camera. */
export function newHolding(holder: string, keys: PhoneKeys, video: boolean): Holding {
  return { holder, keys, held: false, media: { microphone: true, camera: video, screen: false } };
}
