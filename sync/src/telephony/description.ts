/**
 * What a WebRTC description in a signal says of the certificate that its side will use: the one that was announced, and no
 * other. The engine understands nothing else of a signal.
 */
import type { CallSignal } from '../api-phone.ts';

const WORD = /fingerprint/gi;
const LINE = /^a=fingerprint:sha-256 ([0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i;

/**
 * Whether a signal may be used at an end whose other side announced this fingerprint: OFFER and ANSWER must be JSON in
 * which the word stands at least once, and nowhere but in lines that name the SHA-256 that was announced.
 */
export function isAnnounced({ type, payload }: CallSignal, fingerprint: Uint8Array): boolean {
  if (type !== 'OFFER' && type !== 'ANSWER') return true;
  const texts = textsIn(payload);
  const named = texts.flatMap((text) => text.split(/\r\n|\n|\r/)).flatMap((line) => LINE.exec(line)?.[1] ?? []);
  const words = texts.reduce((count, text) => count + (text.match(WORD)?.length ?? 0), 0);
  const announced = toColonHex(fingerprint);
  return named.length > 0 && named.length === words && named.every((value) => value.toUpperCase() === announced);
}

/** Every text in a JSON value; none when it is no JSON. */
function textsIn(json: string): readonly string[] {
  const texts: string[] = [];
  const open: unknown[] = [];
  try {
    open.push(JSON.parse(json));
  } catch {
    return [];
  }
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) open.push(...Object.values(value));
  }
  return texts;
}

function toColonHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}
