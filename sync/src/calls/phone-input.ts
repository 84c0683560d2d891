/** What the app gives about telephone calls, checked where it comes in. */
import { fromBase64Url, utf8 } from '@securechat/crypto';
import { type CallSignal, PHONE_LIMITS } from '../api.ts';
import { PHONE_PART_LIMITS, SIGNAL_TYPES } from '../payload/phone-parts.ts';

const CALL_ID_BYTES = 16;
const FINGERPRINT_BYTES = 32;
const HOLDER_UNITS = 64;

export function isCallId(callId: string): boolean {
  return fromBase64Url(callId)?.length === CALL_ID_BYTES;
}

export function isFingerprint(fingerprint: Uint8Array): boolean {
  return fingerprint.length === FINGERPRINT_BYTES;
}

export function isHolder(holder: string): boolean {
  return holder.length > 0 && holder.length <= HOLDER_UNITS;
}

/** Whether a signal is of a known kind, and short enough to be sent. */
export function isSendable({ type, payload }: CallSignal): boolean {
  const isLong = payload.length > PHONE_LIMITS.signal || utf8(payload).length > PHONE_PART_LIMITS.signal;
  return !isLong && SIGNAL_TYPES.includes(type);
}
