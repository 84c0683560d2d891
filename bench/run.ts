/**
 * `npm run bench -- NAME…`: runs the named benchmarks, prints each one's table and writes it to `bench/results/NAME.json`.
 * Without a name it lists them. A benchmark is a file of this folder that exports `run(): Promise<BenchTable>`.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchTable } from './table.ts';
import { printTable } from './print-table.ts';

const here = import.meta.dirname;

/** The benchmarks there are, with the first sentence of what each says of itself. */
async function benches(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of (await readdir(here)).filter((name) => name.endsWith('.ts')).sort()) {
    const source = await readFile(path.join(here, file), 'utf8');
    if (!/^export (async )?function run\b/m.test(source)) continue;
    const about = /^\/\*\*\s*(?:\*\s*)?([^]*?[.?])(?:\s|\*\/)/.exec(source)?.[1] ?? '';
    found.set(path.basename(file, '.ts'), about.replace(/\s*\n \* ?/g, ' '));
  }
  return found;
}

async function runBench(name: string): Promise<void> {
  const bench = (await import(pathToFileURL(path.join(here, `${name}.ts`)).href)) as { run(): Promise<BenchTable> };
  const table = await bench.run();
  console.log(printTable(table));
  await mkdir(path.join(here, 'results'), { recursive: true });
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown' };
  const result = { ...table, machine, at: new Date().toISOString() };
  await writeFile(path.join(here, 'results', `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
}

const known = await benches();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.has(name));
if (wanted.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`No such benchmark: ${unknown.join(', ')}`);
  console.log('npm run bench -- NAME…');
  for (const [name, about] of known) console.log(`  ${name.padEnd(16)} ${about}`);
  process.exitCode = unknown.length > 0 ? 1 : 0;
}
if (unknown.length === 0) for (const name of wanted) await runBench(name);
