/**
 * Bytes for a fuzzer: noise, and valid samples that were bent a little. A bent sample passes the first checks of a decoder
 * and reaches the branches behind them.
 */
import fc from 'fast-check';

const LONGEST_NOISE = 512;
/** Values that sit on the edges of lengths, counts and signs. */
const EDGES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

type Bend = (bytes: Uint8Array) => Uint8Array;

const byte = fc.oneof(fc.nat(255), fc.constantFrom(...EDGES));
/** A place in a sample of any length: a share of it. */
const place = fc.noBias(fc.nat(9999)).map((share) => share / 10_000);

const change: fc.Arbitrary<Bend> = fc.tuple(place, byte).map(([at, value]) => (bytes) => {
  const bent = bytes.slice();
  if (bent.length > 0) bent[Math.floor(at * bent.length)] = value;
  return bent;
});
const flip: fc.Arbitrary<Bend> = fc.tuple(place, fc.nat(7)).map(([at, bit]) => (bytes) => {
  const bent = bytes.slice();
  const index = Math.floor(at * bent.length);
  const old = bent[index];
  if (old !== undefined) bent[index] = old ^ (1 << bit);
  return bent;
});
const cut: fc.Arbitrary<Bend> = fc.tuple(place, fc.nat(16)).map(
  ([at, length]) =>
    (bytes) =>
      splice(bytes, Math.floor(at * bytes.length), length, new Uint8Array()),
);
const insert: fc.Arbitrary<Bend> = fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(
  ([at, extra]) =>
    (bytes) =>
      splice(bytes, Math.floor(at * bytes.length), 0, extra),
);
const truncate: fc.Arbitrary<Bend> = place.map((at) => (bytes) => bytes.slice(0, Math.floor(at * bytes.length)));
const double: fc.Arbitrary<Bend> = fc.constant((bytes) => splice(bytes, bytes.length, 0, bytes));

/** Noise, and when there are `samples` mostly those, bent by one to four changes. */
export function hostileBytes(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const noise = fc.uint8Array({ maxLength: LONGEST_NOISE });
  if (samples.length === 0) return noise;
  const bends = fc.array(fc.oneof(change, flip, cut, insert, truncate, double), { minLength: 1, maxLength: 4 });
  const bent = fc
    .tuple(fc.constantFrom(...samples), bends)
    .map(([sample, list]) => list.reduce((bytes, bend) => bend(bytes), sample));
  return fc.oneof({ weight: 1, arbitrary: noise }, { weight: 4, arbitrary: bent });
}

function splice(bytes: Uint8Array, at: number, remove: number, extra: Uint8Array): Uint8Array {
  const tail = bytes.subarray(at + remove);
  const result = new Uint8Array(Math.min(at, bytes.length) + extra.length + tail.length);
  result.set(bytes.subarray(0, at));
  result.set(extra, at);
  result.set(tail, at + extra.length);
  return result;
}
