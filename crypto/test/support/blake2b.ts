/** A second, deliberately plain BLAKE2b (RFC 7693) in big integers: OpenSSL has neither keys nor other lengths than 64. */

const MASK = (1n << 64n) - 1n;
const IV = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const LANES = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];
const BLOCK = 128;

/** BLAKE2b of `length` bytes, keyed when `key` is not empty. */
export function blake2b(message: Uint8Array, key: Uint8Array = new Uint8Array(), length = 32): Uint8Array {
  const keyBlock = key.length === 0 ? Buffer.alloc(0) : Buffer.concat([key, Buffer.alloc(BLOCK - key.length)]);
  const input = Buffer.concat([keyBlock, message]);
  const state = [...IV];
  state[0] = at(state, 0) ^ 0x01010000n ^ (BigInt(key.length) << 8n) ^ BigInt(length);
  const blocks = Math.max(1, Math.ceil(input.length / BLOCK));
  for (let block = 0; block < blocks; block++) {
    const bytes = Buffer.alloc(BLOCK);
    input.copy(bytes, 0, block * BLOCK, (block + 1) * BLOCK);
    const isLast = block === blocks - 1;
    compress(state, bytes, BigInt(isLast ? input.length : (block + 1) * BLOCK), isLast);
  }
  const out = Buffer.alloc(64);
  state.forEach((word, index) => out.writeBigUInt64LE(word, index * 8));
  return new Uint8Array(out.subarray(0, length));
}

function compress(state: bigint[], block: Buffer, count: bigint, isLast: boolean): void {
  const words = Array.from({ length: 16 }, (_, index) => block.readBigUInt64LE(index * 8));
  const v = [...state, ...IV];
  v[12] = at(v, 12) ^ count;
  if (isLast) v[14] = at(v, 14) ^ MASK;
  for (let round = 0; round < 12; round++) {
    const order = SIGMA[round % 10] ?? [];
    LANES.forEach((lane, index) => {
      mix(v, lane, at(words, order[2 * index] ?? 0), at(words, order[2 * index + 1] ?? 0));
    });
  }
  state.forEach((word, index) => {
    state[index] = word ^ at(v, index) ^ at(v, index + 8);
  });
}

function mix(v: bigint[], [a = 0, b = 0, c = 0, d = 0]: readonly number[], x: bigint, y: bigint): void {
  for (const [word, first, second] of [
    [x, 32n, 24n],
    [y, 16n, 63n],
  ] as const) {
    v[a] = (at(v, a) + at(v, b) + word) & MASK;
    v[d] = rotate(at(v, d) ^ at(v, a), first);
    v[c] = (at(v, c) + at(v, d)) & MASK;
    v[b] = rotate(at(v, b) ^ at(v, c), second);
  }
}

function rotate(word: bigint, by: bigint): bigint {
  return ((word >> by) | (word << (64n - by))) & MASK;
}

function at(words: readonly bigint[], index: number): bigint {
  return words[index] ?? 0n;
}
