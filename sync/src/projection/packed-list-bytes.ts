/**
 * The bytes of packed lists. All entries of a list have one width, which the reader knows.
 *
 *     directory = JSON [1, next, [no...], first1 first2 ... (joined), [count...]]   leaf 0's first is ""; last count is 0
 *     leaf      = "1" entry entry entry ...                                         ascending, no duplicates
 */
import { utf8 } from '@securechat/crypto';
import { parseJson } from './json.ts';
import type { Directory } from './packed-list.ts';

const VERSION = 1;

/** Entries must be ASCII, ascending and of one width. */
export function encodeLeaf(entries: readonly string[]): Uint8Array {
  return utf8(`${VERSION}${entries.join('')}`);
}

/** Undefined when the bytes are not a leaf of entries of this width. */
export function decodeLeaf(bytes: Uint8Array, width: number): string[] | undefined {
  if (bytes[0] !== 0x30 + VERSION || (bytes.length - 1) % width !== 0) return undefined;
  const joined = latin1.decode(bytes.subarray(1));
  return cut(joined, width);
}

/** One character a byte, whatever the byte: entries are ASCII, so this is the identity on what was stored. */
const latin1 = new TextDecoder('latin1');

/** A directory as JSON, to be stored alone or inside another value. */
export function directoryToJson({ next, leaves }: Directory): unknown {
  const rest = leaves.slice(1);
  return [
    VERSION,
    next,
    leaves.map((leaf) => leaf.no),
    rest.map((leaf) => leaf.first).join(''),
    leaves.map((leaf) => leaf.count),
  ];
}

/** Undefined when the value is not a directory over entries of this width. */
export function directoryFromJson(value: unknown, width: number): Directory | undefined {
  if (!Array.isArray(value) || value.length !== 5 || value[0] !== VERSION) return undefined;
  const [, next, numbers, joined, counts] = value as unknown[];
  if (!isCounts(numbers) || !isCounts(counts) || typeof joined !== 'string') return undefined;
  if (numbers.length === 0 || counts.length !== numbers.length) return undefined;
  if (joined.length !== (numbers.length - 1) * width || !isCounts([next])) return undefined;
  const firsts = ['', ...cut(joined, width)];
  const leaves = numbers.map((no, index) => ({ no, first: firsts[index] ?? '', count: counts[index] ?? 0 }));
  return { next: next as number, leaves };
}

/** A directory that is a value of its own. */
export function encodeDirectory(directory: Directory): Uint8Array {
  return utf8(JSON.stringify(directoryToJson(directory)));
}

/** Undefined when the bytes are not a directory over entries of this width. */
export function decodeDirectory(bytes: Uint8Array, width: number): Directory | undefined {
  return directoryFromJson(parseJson(bytes), width);
}

function cut(joined: string, width: number): string[] {
  return Array.from({ length: joined.length / width }, (_, index) => joined.slice(index * width, (index + 1) * width));
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
