/** The rules of all SPEC files against the names of all tests: a rule without a test, or a test of no rule, fails. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const FOLDERS = ['crypto', 'relay', 'storage-server', 'sync', 'app'];
const ID = /[A-Z]+(?:-[A-Z]+)*-\d+/;

const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.join(entry.parentPath, entry.name)),
);
const specs = files.filter((file) => /^SPEC.*\.md$/.test(path.basename(file)));
const tests = files.filter((file) => /\.(test|test-d|contract|e2e)\.ts$/.test(file));

/** A rule is a list item that begins with its id in bold. */
function rulesOf(file: string): string[] {
  return matches(file, new RegExp(`^- \\*\\*(${ID.source})\\*\\*`, 'gm')).map(([, id = '']) => id);
}

/** A test names its rules first, one or several: `ST-9 ST-18 a blob comes back`, `D-1: keeps the order`. */
function idsOf(file: string): string[] {
  const title = new RegExp(`['"\`]((?:${ID.source}(?:[:,]? (?:and )?|(?=['"\`])))+)`, 'g');
  return matches(file, title).flatMap(([, ids = '']) => ids.match(new RegExp(ID.source, 'g')) ?? []);
}

function matches(file: string, pattern: RegExp): RegExpExecArray[] {
  return [...readFileSync(file, 'utf8').matchAll(pattern)];
}

const family = (id: string) => id.replace(/-\d+$/, '');
const rules = specs.flatMap((file) => rulesOf(file));
const tested = new Set(tests.flatMap(idsOf));

describe('rules and tests', () => {
  it.each(specs.map((file) => path.relative(root, file)))('%s has a test for each rule', (file) => {
    expect(rulesOf(path.join(root, file)).filter((id) => !tested.has(id))).toEqual([]);
  });

  it('no rule has two meanings', () => {
    expect(rules.filter((id, index) => rules.indexOf(id) !== index)).toEqual([]);
  });

  it('no test claims a rule that there is not', () => {
    const families = new Set(rules.map(family));
    expect([...tested].filter((id) => families.has(family(id)) && !rules.includes(id))).toEqual([]);
  });
});
