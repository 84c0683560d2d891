/**
 * Reader and writer for canonical bytes: fixed-width big-endian integers and LEB128 in its shortest form, the only
 * number encodings of records and of Automerge's change chunks. A value has exactly one encoding; anything else is
 * {@link Unreadable}, which the decoder that owns the cursor turns into an error value.
 */

/** Thrown by {@link ByteCursor} and caught by the decoder that owns it; never leaves records/ and documents/. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const fatalText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const text = new TextEncoder();

/** Bytes of a number at most: enough for 2^53. */
const LEB_BYTES = 8;

/** Walks over bytes that may come from anybody. Never allocates more than it was handed. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  #offset: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = end;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    const byte = this.#bytes[this.#advance(1)];
    return byte ?? 0;
  }

  /** Big-endian, `width` bytes, at most 6. */
  uint(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i += 1) value = value * 256 + this.u8();
    return value;
  }

  /** Unsigned LEB128, shortest form, at most 2^53 - 1. */
  uleb(): number {
    let value = 0;
    for (let i = 0; i < LEB_BYTES; i += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (byte === 0 && i > 0) throw new Unreadable('number is not in its shortest form');
        if (!Number.isSafeInteger(value)) throw new Unreadable('number is too large');
        return value;
      }
    }
    throw new Unreadable('number is too long');
  }

  /** A copy of the next `length` bytes. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.slice(start, start + length);
  }

  /** A cursor over the next `length` bytes, which this one skips. */
  part(length: number): ByteCursor {
    const start = this.#advance(length);
    return new ByteCursor(this.#bytes, start, start + length);
  }

  /** A copy of all that is left. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** The next `length` bytes as UTF-8; what is not UTF-8 is unreadable. */
  utf8(length: number): string {
    const start = this.#advance(length);
    try {
      return fatalText.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw new Unreadable('not UTF-8');
    }
  }

  /** Trailing bytes are an error, not padding. */
  end(): void {
    if (this.left !== 0) throw new Unreadable('trailing bytes');
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length > this.#end - start) throw new Unreadable('ends too early');
    this.#offset = start + length;
    return start;
  }
}

/** Bytes that a number takes as LEB128. */
export function ulebBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) bytes += 1;
  return bytes;
}

/** Collects bytes; the counterpart of {@link ByteCursor}. */
export class ByteSink {
  #buffer = new Uint8Array(512);
  #length = 0;

  u8(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length] = value;
    this.#length += 1;
    return this;
  }

  /** Big-endian, `width` bytes, at most 6. */
  uint(value: number, width: number): this {
    for (let i = width - 1; i >= 0; i -= 1) this.u8(Math.floor(value / 2 ** (8 * i)) % 256);
    return this;
  }

  uleb(value: number): this {
    let left = value;
    while (left >= 0x80) {
      this.u8((left % 0x80) + 0x80);
      left = Math.floor(left / 0x80);
    }
    return this.u8(left);
  }

  put(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  utf8(value: string): this {
    return this.put(text.encode(value));
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + extra));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}
