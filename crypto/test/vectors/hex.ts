/** Bytes as hexadecimal text, and a `Random` that answers what a vector lists. */
import type { Random } from '../../src/index.ts';

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Inverse of {@link hex}. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** 32 bytes that are easy to recognise in a vector: `first`, `first + 1`, ... */
export function counted(first: number, length = 32): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 255);
}

/** Answers the listed draws in order; throws when the code asks for another length or for more. */
export function scripted(draws: readonly string[]): Random {
  let at = 0;
  return (length) => {
    const draw = unhex(draws[at++] ?? '');
    if (draw.length !== length) throw new Error(`draw ${at - 1} has ${draw.length} bytes, ${length} were asked for`);
    return draw;
  };
}

/** A copy with the bit of value 1 of byte `at` changed. */
export function tampered(bytes: Uint8Array, at: number): Uint8Array {
  const place = at < 0 ? bytes.length + at : at;
  return bytes.map((byte, index) => (index === place ? byte ^ 1 : byte));
}
