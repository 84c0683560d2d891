/**
 * Byte reader and writer for what travels inside a sealed session message. Big-endian, length-prefixed, capped: a
 * reader never allocates more than it was handed, and every over-run or over-cap is a {@link Unreadable} that the one
 * caller, `decodePayload`, turns into an error value.
 */

/** Thrown by {@link ByteReader} and caught by the decoder that owns it; never leaves the payload folder. */
export class Unreadable extends Error {}

const text = new TextEncoder();
const fatalText = new TextDecoder('utf-8', { fatal: true });

export class ByteWriter {
  #buffer = new Uint8Array(512);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  u8(value: number): this {
    this.#reserve(1);
    this.#view.setUint8(this.#length, value);
    this.#length += 1;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
    return this;
  }

  fixed(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).fixed(bytes);
  }

  string(value: string): this {
    return this.bytes(text.encode(value));
  }

  /** A count, then each item as `write` puts it. */
  list<T>(items: readonly T[], write: (writer: ByteWriter, item: T) => void): this {
    this.u32(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  /** A presence byte, then the value if there is one. */
  optional<T>(value: T | undefined, write: (writer: ByteWriter, value: T) => void): this {
    this.u8(value === undefined ? 0 : 1);
    if (value !== undefined) write(this, value);
    return this;
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + extra));
    grown.set(this.#buffer);
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  fixed(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.slice(start, start + length);
  }

  bytes(cap: number): Uint8Array {
    const length = this.u32();
    if (length > cap) throw new Unreadable(`${String(length)} bytes where ${String(cap)} are allowed`);
    return this.fixed(length);
  }

  /** `cap` is in UTF-8 bytes. */
  string(cap: number): string {
    const bytes = this.bytes(cap);
    try {
      return fatalText.decode(bytes);
    } catch {
      throw new Unreadable('not UTF-8');
    }
  }

  list<T>(cap: number, read: (reader: ByteReader) => T): T[] {
    const count = this.u32();
    if (count > cap) throw new Unreadable(`${String(count)} items where ${String(cap)} are allowed`);
    const items: T[] = [];
    for (let i = 0; i < count; i += 1) items.push(read(this));
    return items;
  }

  optional<T>(read: (reader: ByteReader) => T): T | undefined {
    const flag = this.u8();
    if (flag > 1) throw new Unreadable('presence byte is neither 0 nor 1');
    return flag === 1 ? read(this) : undefined;
  }

  /** Trailing bytes are an error, not padding. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw new Unreadable('trailing bytes');
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length > this.#bytes.length - start) throw new Unreadable('ends too early');
    this.#offset = start + length;
    return start;
  }
}
