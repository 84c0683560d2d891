/**
 * What two people compare to know that no key was swapped between them: 60 digits to read aloud, or a QR code. Follows
 * Signal's published numeric fingerprint: an iterated hash per side, 30 digits each, the smaller half first, so both
 * screens show the same number.
 *
 *     digest_0 = SHA-512("SecureChat safety number v1" || key)       digest_i = SHA-512(digest_(i-1) || key), 5,200 rounds
 *     digits   = six groups of 5 bytes, each mod 100,000
 *     QR text  = "securechat-safety:1:" base64url(digest of the one who shows it)[0..32] ":" ... of the other side
 */
import { concat, equalBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import type { Public } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { sha512 } from '../sodium.ts';

/** Makes a search for a look-alike key dearer by this factor; the value Signal uses. */
const ROUNDS = 5_200;
const GROUPS = 6;
const GROUP_BYTES = 5;
const QR_PREFIX = 'securechat-safety:1:';
const QR_DIGEST_BYTES = 32;

/** 60 digits over both account keys; the same from either side. */
export function safetyNumber(a: Public<'Account'>, b: Public<'Account'>): string {
  return [digitsOf(fingerprint(a)), digitsOf(fingerprint(b))].sort().join('');
}

/** What `mine` shows to `theirs` as a QR code. */
export function safetyNumberQr(mine: Public<'Account'>, theirs: Public<'Account'>): string {
  return QR_PREFIX + [mine, theirs].map((key) => toBase64Url(shortened(key))).join(':');
}

/** Whether a code scanned from the other person's screen names the same two keys, seen from there. */
export function matchSafetyNumberQr(mine: Public<'Account'>, theirs: Public<'Account'>, scanned: string): boolean {
  if (!scanned.startsWith(QR_PREFIX)) return false;
  const [shown, other, ...more] = scanned.slice(QR_PREFIX.length).split(':').map(fromBase64Url);
  if (shown === undefined || other === undefined || more.length > 0) return false;
  return equalBytes(shown, shortened(theirs)) && equalBytes(other, shortened(mine));
}

function shortened(key: Public<'Account'>): Uint8Array {
  return fingerprint(key).slice(0, QR_DIGEST_BYTES);
}

function fingerprint(key: Public<'Account'>): Uint8Array {
  let digest = sha512(concat(utf8(LABELS.safetyNumber), key));
  for (let round = 0; round < ROUNDS; round++) digest = sha512(concat(digest, key));
  return digest;
}

/** 5 bytes are 40 bits: the bias of the remainder is below 2^-23. */
function digitsOf(digest: Uint8Array): string {
  const view = new DataView(digest.buffer, digest.byteOffset);
  let digits = '';
  for (let at = 0; at < GROUPS * GROUP_BYTES; at += GROUP_BYTES) {
    const group = view.getUint32(at) * 256 + view.getUint8(at + 4);
    digits += String(group % 100_000).padStart(5, '0');
  }
  return digits;
}
