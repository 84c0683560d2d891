/**
 * `npm run simulate -- --scenario direct|devices|groups|status|calls --seeds N --from S [--jobs J]`: plays N seeds from S on, J at a time, prints
 * for each failing seed what broke and the command that plays it again, and ends with `N passed, N failed`.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { playCalls } from './calls.ts';
import { playDevices } from './devices.ts';
import { playDirect } from './direct.ts';
import { playGroups } from './groups.ts';
import { prepare } from './setup.ts';
import { playStatuses } from './statuses.ts';

const SCENARIOS: Readonly<Record<string, (seed: number) => Promise<readonly string[]>>> = {
  direct: playDirect,
  devices: playDevices,
  groups: playGroups,
  status: playStatuses,
  calls: playCalls,
};

interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
}

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'direct' },
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    child: { type: 'boolean', default: false },
  },
});

const play = SCENARIOS[values.scenario];
if (play === undefined) {
  console.error(`simulate: no scenario "${values.scenario}"; there is: ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}
const [seeds, from, jobs] = [Number(values.seeds), Number(values.from), Number(values.jobs)];
if (![seeds, from, jobs].every((n) => Number.isSafeInteger(n) && n >= 0)) {
  console.error('simulate: --seeds, --from and --jobs take whole numbers');
  process.exit(2);
}

if (values.child) await playHere(play, seeds, from, (outcome) => process.send?.(outcome));
else await playAll();

async function playHere(
  scenario: (seed: number) => Promise<readonly string[]>,
  count: number,
  first: number,
  report: (outcome: Outcome) => void,
): Promise<void> {
  await prepare();
  for (let seed = first; seed < first + count; seed += 1) {
    const violations = await scenario(seed).catch((error: unknown) => [
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ]);
    report({ seed, violations });
  }
}

async function playAll(): Promise<void> {
  const started = Date.now();
  let [passed, failed] = [0, 0];
  const report = ({ seed, violations }: Outcome): void => {
    if (violations.length === 0) passed += 1;
    else {
      failed += 1;
      console.log(`seed ${String(seed)}:\n  ${violations.join('\n  ')}`);
      console.log(`  replay: npm run simulate -- --scenario ${values.scenario} --seeds 1 --from ${String(seed)}`);
    }
    if ((passed + failed) % 50 === 0)
      console.log(`${String(passed + failed)} of ${String(seeds)} seeds, ${String(failed)} failed`);
  };
  if (jobs <= 1 || seeds <= 1)
    await playHere(play as (seed: number) => Promise<readonly string[]>, seeds, from, report);
  else await Promise.all(shares().map((share) => inChild(share, report)));
  console.log(
    `scenario ${values.scenario}, seeds ${String(from)} to ${String(from + seeds - 1)}, ${String(Math.round((Date.now() - started) / 1000))} s`,
  );
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  process.exit(failed > 0 || seeds === 0 ? 1 : 0);
}

function shares(): { from: number; count: number }[] {
  const size = Math.ceil(seeds / jobs);
  return Array.from({ length: jobs }, (_, i) => ({
    from: from + i * size,
    count: Math.min(size, seeds - i * size),
  })).filter((s) => s.count > 0);
}

/** Plays a share in a process of its own; when that dies, says at which seed, and goes on behind it. */
function inChild(share: { from: number; count: number }, report: (outcome: Outcome) => void): Promise<void> {
  return new Promise((resolve) => {
    let next = share.from;
    const child = fork(
      fileURLToPath(import.meta.url),
      ['--child', '--scenario', values.scenario, '--seeds', String(share.count), '--from', String(share.from)],
      { execArgv: ['--import', 'tsx'] },
    );
    child.on('message', (outcome) => {
      next += 1;
      report(outcome as Outcome);
    });
    child.on('exit', (code, signal) => {
      const left = share.from + share.count - next;
      if (left === 0) {
        resolve();
        return;
      }
      report({ seed: next, violations: [`the process died: ${signal ?? `exit code ${String(code)}`}`] });
      resolve(left > 1 ? inChild({ from: next + 1, count: left - 1 }, report) : undefined);
    });
  });
}
