/** Reading committed vectors, and the ways of running one: whole, cut at every byte, with every bit changed, too long. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Result } from '../../src/index.ts';
import { flip } from '../support/world.ts';
import type { Vector, VectorName } from './build.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../vectors');

/** The committed text of a vector file. */
export function vectorText(name: VectorName): string {
  return readFileSync(path.join(FOLDER, `${name}.json`), 'utf8');
}

/** A committed vector file. Its type is that of its builder; `vectors.test.ts` checks that they are the same. */
export function loadVector<N extends VectorName>(name: N): Vector<N> {
  return JSON.parse(vectorText(name)) as Vector<N>;
}

type Outcome = Result<unknown, { readonly type: string }>;

/** The tag of an error; `undefined` for a success. */
export function errorOf(outcome: Outcome): string | undefined {
  return outcome.ok ? undefined : outcome.error.type;
}

/**
 * `bytes` opens as it is; and does not after arriving only in part (each prefix, as a stream would show it), with one
 * byte too many, or with any one bit changed (every `stride`-th is tried).
 */
export function opensOnlyWhole(bytes: Uint8Array, open: (bytes: Uint8Array) => Outcome, stride = 1): void {
  expect(errorOf(open(bytes))).toBeUndefined();
  for (let length = 0; length < bytes.length; length += stride) {
    expect(errorOf(open(bytes.slice(0, length))), `first ${length} bytes`).toBeDefined();
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  expect(errorOf(open(longer)), 'a byte too many').toBeDefined();
  for (let bit = 0; bit < bytes.length * 8; bit += stride)
    expect(errorOf(open(flip(bytes, bit))), `bit ${bit}`).toBeDefined();
}
