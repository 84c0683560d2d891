/** What comes in pieces of any size, into a file of the cache, in few large writes. */
import type { BlobCache } from '../ports/blob-cache.ts';

/**
 * Bytes of one write, and what one begins at a multiple of: a browser has work for each write besides that for its bytes, and less for
 * one that is aligned (`docs/decisions/2026-11-30-few-large-writes.md`).
 */
export const WRITE_BYTES = 4 * 1024 * 1024;

export interface LargeWritesInput {
  readonly cache: BlobCache;
  /** Where in the cache. */
  readonly file: string;
  /** Where the first byte goes, and where the last one ends. */
  readonly from: number;
  readonly to: number;
}

/** Keeps up to {@link WRITE_BYTES} in memory. One call after the other; each rejects with the cache's errors. */
export class LargeWrites {
  readonly #input: LargeWritesInput;
  readonly #buffer: Uint8Array;
  #filled = 0;
  #written: number;

  constructor(input: LargeWritesInput) {
    this.#input = input;
    this.#written = input.from;
    this.#buffer = new Uint8Array(Math.min(WRITE_BYTES, input.to - input.from));
  }

  /** Up to where the cache has it. */
  get written(): number {
    return this.#written;
  }

  /** Up to where it has come. */
  get added(): number {
    return this.#written + this.#filled;
  }

  /** Copies: the caller may overwrite them when it resolves. Rejects with a RangeError when they go beyond the end. */
  async add(bytes: Uint8Array): Promise<void> {
    if (this.added + bytes.length > this.#input.to) throw new RangeError('more than was to come');
    let rest = bytes;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#end() - this.added);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
      if (this.added === this.#end()) await this.write();
    }
  }

  /** Writes what was added and is not written yet, without waiting for more. */
  async write(): Promise<void> {
    if (this.#filled === 0) return;
    await this.#input.cache.write(this.#input.file, this.#written, this.#buffer.subarray(0, this.#filled));
    this.#written += this.#filled;
    this.#filled = 0;
  }

  /** Of what is being gathered. */
  #end(): number {
    return Math.min(this.#input.to, (Math.floor(this.#written / WRITE_BYTES) + 1) * WRITE_BYTES);
  }
}
