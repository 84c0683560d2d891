/**
 * `npm test`: every check there is, in stages; a failed stage does not hide the next ones. Quiet on success; a failed stage
 * shows what its tool said, and is named once more at the end, with its failed tests if it runs vitest. The last line is always `N passed, N failed`.
 *
 *   --no-browser      leaves out the browser tests (`npm run verify`)
 *   --only lint,unit  runs these stages only
 */
import { parseArgs } from 'node:util';
import { stopCommands } from './command.mjs';
import { planOf } from './stages.mjs';
import { addTallies, printTally } from './tally.mjs';

const { values } = parseArgs({ options: { 'no-browser': { type: 'boolean' }, only: { type: 'string' } } });
const plan = planOf({ withBrowser: !values['no-browser'], only: values.only?.split(',') });
const failedStages = new Set();
const failures = [];

process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
process.on('exit', stopCommands);

async function runStage(stage) {
  const started = performance.now();
  const { tally, output, failures: named = [] } = await outcomeOf(stage);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const failed = tally.failed > 0;
  if (failed) {
    failedStages.add(stage.name);
    failures.push(`FAILED ${stage.name}`, ...named.map((failure) => `  ${failure}`));
  }
  console.log(
    `${failed ? 'FAILED' : 'ok    '} ${stage.name.padEnd(14)} ${seconds.padStart(6)} s   ${printTally(tally)}`,
  );
  if (failed) console.log(indent(output));
  return tally;
}

async function outcomeOf(stage) {
  const missing = (stage.needs ?? []).filter((name) => failedStages.has(name));
  const reason = missing.length > 0 ? `Not run: ${missing.join(', ')} failed.` : stage.before?.();
  return reason === undefined ? stage.run() : { tally: { passed: 0, failed: 1 }, output: reason };
}

async function runLane(stages) {
  const tallies = [];
  for (const stage of stages) tallies.push(await runStage(stage));
  return addTallies(tallies);
}

function indent(output) {
  return output.trimEnd().replace(/^/gm, '       | ');
}

const tallies = [];
for (const lanes of plan) tallies.push(addTallies(await Promise.all(lanes.map(runLane))));
const total = addTallies(tallies);
for (const failure of failures) console.log(failure);
console.log(printTally(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
