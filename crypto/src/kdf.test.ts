import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { concat, hash, utf8, wipe } from './bytes.ts';
import { expand, hkdf, hkdfPair, messageKeyOf, nextChainKey, NO_SALT } from './kdf.ts';
import { asSecret } from './keys.ts';
import { LABELS } from './labels.ts';
import { seededRandom, systemRandom } from './random.ts';
import { ready } from './sodium.ts';

beforeAll(ready);

const KEY = new Uint8Array(32).map((_, index) => index);

it('C-KDF-1 HKDF is RFC 5869, as another implementation has it', () => {
  for (const length of [1, 32, 33, 64, 96, 255]) {
    const ours = hkdf({ salt: KEY, material: utf8('input'), info: 'label', length });
    expect(ours).toEqual(new Uint8Array(hkdfSync('sha256', utf8('input'), KEY, utf8('label'), length)));
  }
  const [first, second] = hkdfPair({ salt: NO_SALT, material: KEY, info: 'x' });
  expect(concat(new Uint8Array(first), new Uint8Array(second))).toEqual(
    new Uint8Array(hkdfSync('sha256', KEY, NO_SALT, utf8('x'), 64)),
  );
  expect(expand(KEY, utf8('a'), 16)).toEqual(
    new Uint8Array(createHmac('sha256', KEY).update('a\x01').digest()).slice(0, 16),
  );
});

it('C-KDF-1 the chain step is HMAC of 1 and of 2', () => {
  const chain = asSecret<'Chain'>(KEY);
  expect(messageKeyOf(chain)).toEqual(new Uint8Array(createHmac('sha256', KEY).update(Uint8Array.of(1)).digest()));
  expect(nextChainKey(chain)).toEqual(new Uint8Array(createHmac('sha256', KEY).update(Uint8Array.of(2)).digest()));
});

it('C-KDF-2 labels differ, hold no NUL, and none begins another', () => {
  const labels = Object.values(LABELS);
  expect(new Set(labels).size).toBe(labels.length);
  for (const label of labels) {
    expect(label).not.toContain('\0');
    expect(labels.filter((other) => other.startsWith(label))).toEqual([label]);
  }
});

it('C-RANDOM-1 a seeded random repeats itself, draw by draw, and different seeds differ', () => {
  const [a, b, c] = [seededRandom(KEY), seededRandom(KEY), seededRandom(new Uint8Array(32))];
  const draws = [a(32), a(5), a(0), a(64)];
  expect([b(32), b(5), b(0), b(64)]).toEqual(draws);
  expect(draws[0]).not.toEqual(draws[3]?.slice(0, 32));
  expect(c(32)).not.toEqual(draws[0]);
  expect(() => seededRandom(new Uint8Array(31))).toThrow(RangeError);
});

it('the system random fills requests larger than one WebCrypto call', () => {
  const bytes = systemRandom(70_000);
  expect(bytes.length).toBe(70_000);
  expect(bytes.slice(65_536).some((byte) => byte !== 0)).toBe(true);
});

it('hash is SHA-256 of label and parts; wipe leaves zeros', () => {
  const digest = hash('label', utf8('a'), utf8('b'));
  expect(digest).toEqual(new Uint8Array(createHash('sha256').update('labelab').digest()));
  wipe(digest);
  expect(digest).toEqual(new Uint8Array(32));
});
