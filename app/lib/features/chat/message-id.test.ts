import { expect, it } from 'vitest';
import { newMessageId } from './message-id.ts';

it('is 22 characters of base64url, never the same', () => {
  const ids = Array.from({ length: 500 }, newMessageId);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
