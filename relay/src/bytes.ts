/** Small byte questions that the whole relay asks. */

/** A string that is equal exactly when the bytes are: a key for maps. Not for people, not for logs. */
export function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Whether two byte strings are the same. Not constant time: never for secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
