/**
 * Record ids. An id sorts by time as a plain string, names its bucket, and commits to the record's content:
 *
 *     id = base64, alphabet in ASCII order, of: ms 6 | counter 2 | first 10 bytes of SHA-256(label || content)
 */
import { hash } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import type { Hlc } from './hlc.ts';
import { ByteCursor, ByteSink } from './cursor.ts';

const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const VALUE_OF = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const LABEL = 'SecureChat record id v1';

/** Bytes of an id, and characters of its text. */
export const ID_BYTES = 18;
const ID_CHARS = 24;
const HASH_BYTES = 10;

/** The id of a record with this time and content. */
export function makeRecordId(time: Hlc, content: Uint8Array): RecordId {
  const commitment = hash(LABEL, content).subarray(0, HASH_BYTES);
  return recordIdFrom(new ByteSink().uint(time.ms, 6).uint(time.counter, 2).put(commitment).finish());
}

/** The text of an id's {@link ID_BYTES} bytes. */
export function recordIdFrom(bytes: Uint8Array): RecordId {
  let text = '';
  for (let at = 0; at < ID_BYTES; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text += ALPHABET.charAt((group >> shift) & 63);
  }
  return text;
}

/** The bytes of an id; throws RangeError for text that {@link isRecordId} refuses. */
export function recordIdBytes(id: RecordId): Uint8Array {
  if (!isRecordId(id)) throw new RangeError('not a record id');
  const bytes = new Uint8Array(ID_BYTES);
  for (let at = 0; at < ID_CHARS; at += 4) {
    let group = 0;
    for (let i = at; i < at + 4; i += 1) group = (group << 6) | (VALUE_OF.get(id.charAt(i)) ?? 0);
    bytes.set([group >> 16, (group >> 8) & 255, group & 255], (at / 4) * 3);
  }
  return bytes;
}

/** Whether `text` has the form of a record id. */
export function isRecordId(text: string): text is RecordId {
  return text.length === ID_CHARS && /^[-0-9A-Z_a-z]*$/.test(text);
}

/** Milliseconds since 1970 of the record with this id. */
export function recordTime(id: RecordId): number {
  return new ByteCursor(recordIdBytes(id)).uint(6);
}
