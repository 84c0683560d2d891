/** The rules of SPEC.md and the tests that carry their ids are the same set. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.test(-d)?\.ts$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

it('every rule of SPEC.md has a test that starts with its id, and every such test a rule', () => {
  const spec = readFileSync(path.join(ROOT, 'SPEC.md'), 'utf8');
  const rules = [...spec.matchAll(/^- \*\*(C-[A-Z]+-\d+)\*\*/gm)].map(([, id]) => id);
  const tests = testFiles(ROOT).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:it|test|it\.each\([^)]*\))\(\s*['"`](C-[A-Z]+-\d+)/g)].map(
      ([, id]) => id,
    ),
  );
  expect(new Set(rules).size).toBe(rules.length);
  expect([...new Set(tests)].sort()).toEqual([...rules].sort());
});
