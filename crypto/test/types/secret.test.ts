import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

it('C-CODEC-3 the types that must not compile are part of what tsc checks', () => {
  const source = readFileSync(path.join(import.meta.dirname, 'secret.test-d.ts'), 'utf8');
  expect(source.match(/@ts-expect-error/g)?.length).toBeGreaterThan(15);
  const config = readFileSync(path.resolve(import.meta.dirname, '../../../tsconfig.json'), 'utf8');
  expect(config).toMatch(/"include": \[[^\]]*"crypto"/);
});
