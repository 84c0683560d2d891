/** Bytes as lower-case hex, the form in which Automerge names changes and actors. */

const BYTE_TEXT = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += BYTE_TEXT[byte] ?? '';
  return text;
}

/** Inverse of {@link toHex}; the caller knows that `text` is hex of whole bytes. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** Value of '0'-'9' and 'a'-'f' by character code. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
