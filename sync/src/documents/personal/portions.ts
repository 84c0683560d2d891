/** Cuts assignments into portions, each of which makes a change that may travel. */
import { utf8 } from '@securechat/crypto';
import { type Assignment, FIELD_LIMITS, type Scalar } from './flat-document.ts';

/** Aimed at; a single value may be larger. A change of 128 KiB is the most that travels. */
const PORTION = { bytes: 48 * 1024, operations: 500 } as const;
/** What an operation takes beside its key and its value: description, predecessors, a share of the actors. */
const OPERATION_BYTES = 48;

/** In their order, each key once: the last assignment of a key counts. Throws RangeError for what is too long. */
export function portionsOf(assignments: readonly Assignment[]): Assignment[][] {
  const last = new Map(assignments.map((assignment) => [`${assignment.table}/${assignment.key}`, assignment]));
  const portions: Assignment[][] = [];
  let room = 0;
  for (const assignment of last.values()) {
    const bytes = bytesOf(assignment);
    const portion = portions.at(-1);
    if (portion === undefined || bytes > room || portion.length === PORTION.operations) {
      portions.push([assignment]);
      room = PORTION.bytes - bytes;
    } else {
      portion.push(assignment);
      room -= bytes;
    }
  }
  return portions;
}

function bytesOf({ key, value }: Assignment): number {
  const [keyBytes, valueBytes] = [utf8(key).length, value === undefined ? 0 : sizeOf(value)];
  if (keyBytes > FIELD_LIMITS.key || valueBytes > FIELD_LIMITS.value) throw new RangeError('a field is too long');
  return keyBytes + valueBytes + OPERATION_BYTES;
}

function sizeOf(value: Scalar): number {
  if (typeof value === 'string') return utf8(value).length;
  return value instanceof Uint8Array ? value.length : 8;
}
