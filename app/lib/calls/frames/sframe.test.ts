/** RFC 9605, appendix C.3: the vector of cipher suite 4. */
import { expect, it } from 'vitest';
import { deriveKey, nonceOf, protect, unprotect, type Bytes } from './sframe.ts';

const bytes = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, 'hex'));

const ID = 0x123;
const COUNTER = 0x4567;
const BASE = bytes('000102030405060708090a0b0c0d0e0f');
const SALT = bytes('75234edefe07819026751816');
const HEADER = '9901234567';
const METADATA = '4945544620534672616d65205747';
const PLAIN = bytes('64726166742d696574662d736672616d652d656e63');
const SEALED = bytes('b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb');

it('FRAME-1 derives the salt of the RFC', async () => {
  expect((await deriveKey(ID, BASE)).salt).toEqual(SALT);
});

it('FRAME-1 makes the nonce of the RFC', () => {
  expect(nonceOf(SALT, COUNTER)).toEqual(bytes('75234edefe07819026755d71'));
});

it('FRAME-1 seals and opens as the RFC does', async () => {
  const key = await deriveKey(ID, BASE);
  const aad = bytes(HEADER + METADATA);
  expect(await protect(key, COUNTER, { bytes: PLAIN, aad })).toEqual(SEALED);
  expect(await unprotect(key, COUNTER, { bytes: SEALED, aad })).toEqual(PLAIN);
});

it('FRAME-2 opens nothing that differs in id, base key, counter or what is authenticated', async () => {
  const key = await deriveKey(ID, BASE);
  const content = { bytes: SEALED, aad: bytes(HEADER + METADATA) };
  expect(await unprotect(await deriveKey(ID + 1, BASE), COUNTER, content)).toBeUndefined();
  expect(await unprotect(await deriveKey(ID, bytes('00')), COUNTER, content)).toBeUndefined();
  expect(await unprotect(key, COUNTER + 1, content)).toBeUndefined();
  expect(await unprotect(key, COUNTER, { ...content, aad: bytes(HEADER) })).toBeUndefined();
});
