/**
 * A recovery phrase as people write it down: BIP-39 with 128 bits, twelve words of the English list. Only the list and the
 * checksum are BIP-39's; its seed derivation for wallets is not used. The one file that imports the list.
 *
 *     bits = secret 128 | first 4 bits of SHA-256(secret)        word n = list[bits 11n .. 11n + 10]
 */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { wipe } from '../bytes.ts';
import { asSecret } from '../keys.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { sha256 } from '../sodium.ts';
import { RECOVERY_BYTES, type RecoverySecret } from './recovery-key.ts';

/**
 * Why text is no phrase, first reason first. `index` counts from 0. `word` is what was typed there: for the screen, not for
 * logs. One word taken for another from the list is found by the checksum in 15 of 16 cases.
 */
export type PhraseError =
  | { readonly type: 'WrongLength'; readonly words: number }
  | { readonly type: 'UnknownWord'; readonly index: number; readonly word: string }
  | { readonly type: 'BadChecksum' };

const WORDS = 12;
const BITS = 11;
/** The secret, a byte whose upper half is the checksum, and one more so that the last word can be read as the others. */
const PACKED_BYTES = RECOVERY_BYTES + 2;
/** Numbers before the words, as phrases are often printed. */
const NUMBERING = /^\d{1,2}[.):]*/;

/** The twelve words. As secret as the secret. */
export function recoveryWords(secret: RecoverySecret): readonly string[] {
  const packed = new Uint8Array(PACKED_BYTES);
  packed.set(secret);
  packed[RECOVERY_BYTES] = checksumOf(secret);
  const words = Array.from({ length: WORDS }, (_, place) => wordlist[valueAt(packed, place)] ?? '');
  wipe(packed);
  return words;
}

/** The secret of a typed phrase, in any case, with any blanks, commas and numbering between the words. */
export function readRecoveryWords(text: string): Result<RecoverySecret, PhraseError> {
  const words = wordsOf(text);
  if (words.length !== WORDS) return err({ type: 'WrongLength', words: words.length });
  const values = words.map((word) => wordlist.indexOf(word));
  const index = values.indexOf(-1);
  if (index >= 0) return err({ type: 'UnknownWord', index, word: words[index] ?? '' });
  const packed = new Uint8Array(PACKED_BYTES);
  values.forEach((value, place) => putValue(packed, place, value));
  const secret = asSecret<'Recovery'>(packed.slice(0, RECOVERY_BYTES));
  const isWhole = packed[RECOVERY_BYTES] === checksumOf(secret);
  wipe(packed);
  return isWhole ? ok(secret) : err({ type: 'BadChecksum' });
}

function wordsOf(text: string): readonly string[] {
  const parts = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[\s,;]+/);
  return parts.map((part) => part.replace(NUMBERING, '')).filter((word) => word !== '');
}

function checksumOf(secret: RecoverySecret): number {
  return (sha256(secret)[0] ?? 0) & 0xf0;
}

/** 11 bits from bit 11 * place on: they lie within three bytes. */
function valueAt(packed: Uint8Array, place: number): number {
  const [byte, shift] = bitsAt(place);
  const [a = 0, b = 0, c = 0] = packed.subarray(byte, byte + 3);
  return (((a << 16) | (b << 8) | c) >> shift) & (2 ** BITS - 1);
}

function putValue(packed: Uint8Array, place: number, value: number): void {
  const [byte, shift] = bitsAt(place);
  const bits = value << shift;
  for (let at = 0; at < 3; at++) packed[byte + at] = (packed[byte + at] ?? 0) | ((bits >> (16 - 8 * at)) & 255);
}

/** First byte of a word's three, and how far its bits are from their end. */
function bitsAt(place: number): readonly [number, number] {
  const bit = place * BITS;
  return [bit >> 3, 24 - BITS - (bit & 7)];
}
