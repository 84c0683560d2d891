/**
 * `npm run fuzz -- --cases N [--seed S] [--target NAME]`: throws bytes at every decoder there is. Each package lists its
 * own in a file `fuzz.ts` (see `FuzzModule`). A decoder may refuse, as a value; it may not throw. The same seed gives the
 * same bytes; a failure prints the shortest bytes that fail and the command that replays it. Last line: `N passed, N failed`.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { hostileBytes } from './hostile-bytes.ts';

/** What a `fuzz.ts` exports. */
export interface FuzzModule {
  /** Name -> decoder. Its answer does not matter, that it answers does. */
  readonly fuzzTargets: Readonly<Record<string, (bytes: Uint8Array) => unknown>>;
  /** Name of a target -> valid inputs, to be bent: these reach deeper than noise. */
  readonly fuzzSamples?: Readonly<Record<string, readonly Uint8Array[]>>;
  /** Called once before the first case. */
  readonly fuzzReady?: () => Promise<unknown>;
}

interface Target {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly samples: readonly Uint8Array[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['crypto', 'relay', 'storage-server', 'sync'];

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
  },
});
const run = { cases: Number(values.cases), seed: Number(values.seed) };

let passed = 0;
let failed = 0;
for (const target of await targets()) {
  const problem = await fuzz(target);
  if (problem === undefined) passed++;
  else failed++;
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${target.name}, ${run.cases} cases`);
  if (problem !== undefined) console.log(problem);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Undefined when every case was answered, else what to tell a person. */
async function fuzz({ name, decode, samples }: Target): Promise<string | undefined> {
  const property = fc.asyncProperty(hostileBytes(samples), async (bytes) => {
    await decode(bytes);
  });
  const details = await fc.check(property, { seed: run.seed, numRuns: run.cases });
  if (!details.failed) return undefined;
  const bytes = details.counterexample?.[0] ?? new Uint8Array();
  const thrown = details.errorInstance instanceof Error ? details.errorInstance.stack : String(details.errorInstance);
  return [
    `  threw after ${details.numRuns} cases, shortened to ${bytes.length} bytes: ${Buffer.from(bytes).toString('hex')}`,
    `  ${thrown}`,
    `  again: npm run fuzz -- --target '${name}' --cases ${run.cases} --seed ${run.seed}`,
  ].join('\n');
}

async function targets(): Promise<Target[]> {
  const files = (await Promise.all(FOLDERS.map((folder) => fuzzFilesBelow(path.join(root, folder))))).flat().sort();
  const found = await Promise.all(files.map(targetsOf));
  return found.flat().filter(({ name }) => values.target === undefined || name === values.target);
}

async function targetsOf(file: string): Promise<Target[]> {
  const module = (await import(pathToFileURL(file).href)) as FuzzModule;
  await module.fuzzReady?.();
  const owner = path.relative(root, path.dirname(file)).replace(/\/(src|test)(\/|$)/, '$2');
  return Object.entries(module.fuzzTargets).map(([name, decode]) => ({
    name: `${owner} ${name}`,
    decode,
    samples: module.fuzzSamples?.[name] ?? [],
  }));
}

async function fuzzFilesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const below = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') files.push(...(await fuzzFilesBelow(below)));
    if (entry.name === 'fuzz.ts') files.push(below);
  }
  return files;
}
