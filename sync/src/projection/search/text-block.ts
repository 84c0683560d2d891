/**
 * The folded texts of one timeline leaf, packed so that one native string search looks through all of them. Pure.
 *
 *     block = JSON [1, ids (joined), [length...], folded texts joined by U+007F]
 *
 * U+007F is a control character, which folding turns into a blank: no text and no term holds it.
 */
import { utf8 } from '@securechat/crypto';
import type { RecordId } from '../../api.ts';
import { parseJson } from '../json.ts';
import { RECORD_ID_LENGTH } from '../record.ts';

const VERSION = 1;
const SEPARATOR = '\u007f';

/** Ids ascend; one text each, none empty. */
export interface TextBlock {
  readonly ids: readonly RecordId[];
  readonly lengths: readonly number[];
  readonly joined: string;
}

/** Packs texts; an empty one (deleted) is left out, so that nothing of it stays. */
export function packTexts(texts: ReadonlyMap<RecordId, string>): TextBlock {
  const entries = [...texts].filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ids: entries.map(([id]) => id),
    lengths: entries.map(([, text]) => text.length),
    joined: entries.map(([, text]) => text).join(SEPARATOR),
  };
}

export function unpackTexts({ ids, lengths, joined }: TextBlock): Map<RecordId, string> {
  const texts = new Map<RecordId, string>();
  let at = 0;
  ids.forEach((id, index) => {
    const length = lengths[index] ?? 0;
    texts.set(id, joined.slice(at, at + length));
    at += length + SEPARATOR.length;
  });
  return texts;
}

/** Ids of the texts that hold `term` (folded, not empty), ascending. */
export function searchBlock({ ids, lengths, joined }: TextBlock, term: string): RecordId[] {
  const found: RecordId[] = [];
  let index = 0;
  let end = lengths[0] ?? 0;
  for (let at = joined.indexOf(term); at >= 0; at = joined.indexOf(term, end + SEPARATOR.length)) {
    while (end < at) {
      index += 1;
      end += SEPARATOR.length + (lengths[index] ?? joined.length);
    }
    const id = ids[index];
    if (id !== undefined) found.push(id);
  }
  return found;
}

export function encodeBlock({ ids, lengths, joined }: TextBlock): Uint8Array {
  return utf8(JSON.stringify([VERSION, ids.join(''), lengths, joined]));
}

/** Undefined for anything that {@link encodeBlock} did not make. */
export function decodeBlock(bytes: Uint8Array): TextBlock | undefined {
  const value = parseJson(bytes);
  if (!Array.isArray(value) || value.length !== 4 || value[0] !== VERSION) return undefined;
  const [, idText, lengths, joined] = value as unknown[];
  if (typeof idText !== 'string' || typeof joined !== 'string' || !isLengths(lengths)) return undefined;
  const total = lengths.reduce((sum, length) => sum + length, Math.max(0, lengths.length - 1));
  if (idText.length !== lengths.length * RECORD_ID_LENGTH || joined.length !== total) return undefined;
  const ids = lengths.map((_, index) => idText.slice(index * RECORD_ID_LENGTH, (index + 1) * RECORD_ID_LENGTH));
  return { ids, lengths, joined };
}

function isLengths(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) > 0);
}
