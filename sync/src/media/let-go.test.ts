import { expect, it } from 'vitest';
import { letGo } from './let-go.ts';

it('what is let go is gone at once, from everybody who sees the same memory', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const part = bytes.subarray(1);
  letGo(part);
  expect([bytes.length, part.length]).toEqual([0, 0]);
});
