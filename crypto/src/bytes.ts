/**
 * Plain work on bytes: joining, comparing, text, base64url, and the one hash. Knows nothing of keys beyond refusing to
 * print a `Secret`.
 */
import type { Open, Secret } from './keys.ts';
import { asSecret } from './keys.ts';
import { sameBytes, sha256 } from './sodium.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE_OF = new Map([...ALPHABET].map((letter, value) => [letter.charCodeAt(0), value]));

/** `text` as UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** UTF-8 as text; `undefined` when it is not valid UTF-8. Nothing is replaced or stripped. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** All parts, one after the other, in a new buffer. */
export function concat(...parts: readonly Open[]): Uint8Array {
  return join(parts);
}

/** As {@link concat} for key material; the outcome is secret too. */
export function concatSecrets<Name extends string>(...parts: readonly Uint8Array[]): Secret<Name> {
  return asSecret<Name>(join(parts));
}

/** Whether both hold the same bytes; takes the same time wherever they differ. Lengths are not secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && (a.length === 0 || sameBytes(a, b));
}

/**
 * SHA-256(utf8(label) || parts...). The parts are *not* length-prefixed: callers give parts of fixed length, or one
 * part of free length at the end.
 */
export function hash(label: string, ...parts: readonly Open[]): Uint8Array {
  return sha256(join([encoder.encode(label), ...parts]));
}

/** Overwrites buffers that held key material. JavaScript may have copied them before: this narrows a window, no more. */
export function wipe(...buffers: readonly Uint8Array[]): void {
  for (const buffer of buffers) buffer.fill(0);
}

/** Base64url without padding (RFC 4648, section 5). Does not take a `Secret`. */
export function toBase64Url(bytes: Open): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const group = (a << 16) | (b << 8) | c;
    const letters = Math.min(bytes.length - at, 3) + 1;
    for (let letter = 0; letter < letters; letter++) text += ALPHABET.charAt((group >> (18 - 6 * letter)) & 63);
  }
  return text;
}

/** Inverse of {@link toBase64Url}; `undefined` for anything that it would not have printed, such as stray low bits. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [at, group, bits] = [0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const value = VALUE_OF.get(text.charCodeAt(index));
    if (value === undefined) return undefined;
    group = ((group << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (group >> bits) & 255;
  }
  return (group & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
