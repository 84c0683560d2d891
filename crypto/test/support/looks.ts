/** What somebody who sees only bytes can tell of them. */

/** Pearson's statistic of byte values against equal shares: 255 degrees of freedom. */
export function chiSquare(bytes: readonly number[]): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const expected = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const P = 2n ** 255n - 19n;
const A = 486_662n;

/**
 * Whether 32 bytes are the u of a point of Curve25519 (RFC 7748, 4.1): v^2 = u^3 + 486662 u^2 + u has a root. Every X25519
 * public key is one; of random numbers half are on the twist.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  const u = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) % P;
  const square = (u * u * u + A * u * u + u) % P;
  return square === 0n || power(square, (P - 1n) / 2n) === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
