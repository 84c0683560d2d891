/**
 * `npm run simulate -- --scenario direct|devices|groups|status|calls --seeds N --from S [--jobs J]`: plays N seeds from S on, J at a time, prints
 * for each failing seed what broke and the command that plays it again, and ends with `N passed, N failed`. Several scenarios
 * are told at once as `--scenario direct:200,status:100`: a process that has played much plays faster, and none waits for another.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Game, type Scenario, type Series, gamesOf, isCount, parseSeries, replayOf } from './game.ts';

type Play = (game: Game) => Promise<readonly string[]>;

interface Score {
  passed: number;
  failed: number;
  /** Of play, in all processes. */
  seconds: number;
}

const PLAYER = fileURLToPath(new URL('player.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'direct' },
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});

const series = parseSeries(values.scenario, { from: Number(values.from), seeds: Number(values.seeds) });
const jobs = Number(values.jobs);
if (typeof series === 'string' || !isCount(jobs)) {
  console.error(`simulate: ${typeof series === 'string' ? series : '--jobs takes a whole number'}`);
  process.exit(2);
}
await playAll(series);

async function playAll(all: readonly Series[]): Promise<void> {
  const games = gamesOf(all);
  const scores = new Map(
    all.map(({ scenario }): [Scenario, Score] => [scenario, { passed: 0, failed: 0, seconds: 0 }]),
  );
  const queue = [...games];
  const players = jobs <= 1 || games.length <= 1 ? [await playerHere()] : Array.from({ length: jobs }, playerElsewhere);
  await Promise.all(players.map((play) => playOn(play, { queue, scores })));
  for (const { scenario, from, seeds } of all) {
    const { passed = 0, failed = 0, seconds = 0 } = scores.get(scenario) ?? {};
    const range = `seeds ${String(from)} to ${String(from + seeds - 1)}`;
    console.log(
      `scenario ${scenario}, ${range}: ${String(passed)} passed, ${String(failed)} failed, ${seconds.toFixed(0)} s`,
    );
  }
  const { passed, failed } = sumOf(scores);
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  process.exit(failed > 0 || games.length === 0 ? 1 : 0);
}

/** Plays game after game until none is left. */
async function playOn(
  play: Play,
  { queue, scores }: { readonly queue: Game[]; readonly scores: ReadonlyMap<Scenario, Score> },
): Promise<void> {
  for (let game = queue.shift(); game !== undefined; game = queue.shift()) {
    const started = performance.now();
    const violations = await play(game);
    const score = scores.get(game.scenario);
    if (score !== undefined) {
      score.seconds += (performance.now() - started) / 1000;
      if (violations.length === 0) score.passed += 1;
      else score.failed += 1;
    }
    if (violations.length > 0) tell(game, violations);
    const { passed, failed } = sumOf(scores);
    if ((passed + failed) % 50 === 0)
      console.log(`${String(passed + failed)} seeds, ${String(failed)} failed, ${String(queue.length)} to go`);
  }
}

function tell(game: Game, violations: readonly string[]): void {
  console.log(`${game.scenario}, seed ${String(game.seed)}:\n  ${violations.join('\n  ')}`);
  console.log(`  replay: ${replayOf(game)}`);
}

function sumOf(scores: ReadonlyMap<Scenario, Score>): { readonly passed: number; readonly failed: number } {
  let [passed, failed] = [0, 0];
  for (const score of scores.values()) {
    passed += score.passed;
    failed += score.failed;
  }
  return { passed, failed };
}

/** In this process, where a debugger and a profiler see it. */
async function playerHere(): Promise<Play> {
  const { play } = await import('./scenarios.ts');
  return play;
}

/** In a process of its own; when that dies, what it played has failed, and the next game gets another process. */
function playerElsewhere(): Play {
  let current: ChildProcess | undefined;
  const start = (): ChildProcess => {
    const child = fork(PLAYER, { execArgv: ['--import', 'tsx'] });
    child.once('exit', () => {
      current = undefined;
    });
    return child;
  };
  return (game) =>
    new Promise((resolve) => {
      const child = (current ??= start());
      const onMessage = (violations: unknown): void => {
        child.off('exit', onExit);
        resolve(violations as readonly string[]);
      };
      const onExit = (code: number | null, signal: string | null): void => {
        child.off('message', onMessage);
        resolve([`the process died: ${signal ?? `exit code ${String(code)}`}`]);
      };
      child.once('message', onMessage);
      child.once('exit', onExit);
      child.send(game);
    });
}
