/**
 * The stages of a test run: what each one runs and how its outcome is counted. `PLAN` is a list of steps; the lanes of one
 * step run side by side (two, for two cores), the stages of a lane one after another.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, runCommand, tool } from './command.mjs';
import {
  addTallies,
  failuresOfVitest,
  tallyOfExit,
  tallyOfLastLine,
  tallyOfVitest,
  troubleOfVitest,
} from './tally.mjs';

/** Seeds of each scenario of the simulation; each one counts as a test. */
const SEEDS = { direct: 200, devices: 200, groups: 200, status: 100, calls: 200 };
const FUZZ_CASES = 2000;

const node = (script, ...args) => [process.execPath, '--import', 'tsx', script, ...args];

/** Several commands in order, each counted as one check. All are run, whatever the first says. */
function checks(name, ...commands) {
  return {
    name,
    run: async () => {
      const results = [];
      for (const command of commands) results.push(await runCommand(command));
      return {
        tally: addTallies(results.map(tallyOfExit)),
        output: results
          .filter(({ code }) => code !== 0)
          .map(({ output }) => output)
          .join('\n'),
      };
    },
  };
}

/** One command that ends with `N passed, N failed`. */
function counted(name, command) {
  return {
    name,
    run: async () => {
      const result = await runCommand(command);
      return { tally: tallyOfLastLine(result), output: result.output };
    },
  };
}

/** Vitest's projects of this name. */
function vitest(name, project, extra = {}) {
  return {
    name,
    ...extra,
    run: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'securechat-test-'));
      const report = path.join(folder, 'report.json');
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const result = await runCommand([...tool('vitest/vitest.mjs'), 'run', '--project', project, ...reporters]);
      const parsed = existsSync(report) ? JSON.parse(await readFile(report, 'utf8')) : undefined;
      await rm(folder, { recursive: true });
      return {
        tally: tallyOfVitest(result, parsed),
        output: troubleOfVitest(result.output),
        failures: failuresOfVitest(parsed, root),
      };
    },
  };
}

const types = checks(
  'types',
  [...tool('typescript/bin/tsc'), '-p', 'tsconfig.json'],
  [...tool('@sveltejs/kit/svelte-kit.js'), 'sync'],
  [...tool('svelte-check/bin/svelte-check'), '--tsconfig', 'app/tsconfig.json', '--fail-on-warnings'],
);
const lint = checks('lint', [...tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0']);
const format = checks('format', [...tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']);
const unit = vitest('unit', 'unit*');
/** All of it in two processes that share the seeds: what is loaded and compiled once is fast for all that follows. */
const simulation = counted(
  'simulation',
  node(
    'sync/test/simulation/run.ts',
    '--scenario',
    Object.entries(SEEDS)
      .map(([scenario, seeds]) => `${scenario}:${seeds}`)
      .join(),
    ...['--jobs', '2'],
  ),
);
const fuzz = counted('fuzz', node('scripts/fuzz.ts', '--cases', String(FUZZ_CASES)));
const build = checks('build', [process.execPath, path.join(root, 'scripts/build.mjs')]);
const start = { ...counted('start', [process.execPath, path.join(root, 'scripts/start-check.mjs')]), needs: ['build'] };
const browser = vitest('browser', 'e2e*', { needs: ['build'], before: whyNoBrowser });

/** The plan: without a browser its stage is left out; with `only`, every stage that is not named. */
export function planOf({ withBrowser, only }) {
  const plan = [
    [[types], [lint, format]],
    // Before the unit tests: those of whole servers start what was built, in a sixth of the time.
    [[build, start], [fuzz]],
    [[unit]],
    [[simulation]],
    ...(withBrowser ? [[[browser]]] : []),
  ];
  const isWanted = ({ name }) => only === undefined || only.includes(name);
  return plan.map((lanes) => lanes.map((stages) => stages.filter(isWanted)));
}

function whyNoBrowser() {
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const install = 'Install it: bash scripts/install.sh --with-browser';
  if (!existsSync(chromium)) return `There is no Chromium at ${chromium}. ${install} (or set CHROMIUM).`;
  const isTurnHere = (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((dir) => existsSync(path.join(dir, 'turnserver')));
  return isTurnHere ? undefined : `There is no turnserver (coturn) in the PATH. ${install}.`;
}
