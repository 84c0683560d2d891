/** How many checks passed and failed: read from what each tool reports, added up over all stages. */
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** The tally of nothing. */
export const NONE = { passed: 0, failed: 0 };

/** The sum of tallies. */
export function addTallies(tallies) {
  return tallies.reduce(
    (sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
    NONE,
  );
}

/** A tool that only says yes or no counts as one check. */
export function tallyOfExit({ code }) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Reads `N passed, N failed` from the last line that a tool printed. A tool that does not say so, or that exits in anger
 * without naming a failure, counts as one failure.
 */
export function tallyOfLastLine({ code, output }) {
  const match = /^(\d+) passed, (\d+) failed$/.exec(output.trimEnd().split('\n').at(-1) ?? '');
  if (match === null) return { passed: 0, failed: 1 };
  const tally = { passed: Number(match[1]), failed: Number(match[2]) };
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/**
 * Reads vitest's JSON report. A file that could not even be collected has no tests in it: it counts as one failure, and so
 * does a run that failed without a report or without a failed test (an unhandled error), or that ran no test at all.
 */
export function tallyOfVitest({ code }, report) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const tally = { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
  const silent = tally.failed === 0 && (code !== 0 || tally.passed === 0);
  return silent ? { ...tally, failed: 1 } : tally;
}

/**
 * What failed by vitest's JSON report, a line each: `file > test: what went wrong`. Below it what the screens of a browser test
 * showed, if it left that in `meta.screens`.
 */
export function failuresOfVitest(report, root) {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative(root, name);
    if (status === 'failed' && assertionResults.length === 0) return [`${file}: ${gistOf(message)}`];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .flatMap(({ fullName, failureMessages, meta }) => [
        `${file} > ${fullName}: ${gistOf(failureMessages[0])}`,
        ...(meta?.screens ?? []).map((screen) => `  ${screen}`),
      ]);
  });
}

/** What vitest said of what failed, without its list of what passed; all of it when it came to no such part. */
export function troubleOfVitest(output) {
  const at = output.search(/^⎯+ (?:Failed (?:Suites|Tests)|Unhandled Errors?) /mu);
  return at < 0 ? output : output.slice(at);
}

/** The first line of an error; of one that is about something that did not come, also what that was. */
function gistOf(message = '') {
  const lines = stripVTControlCharacters(message).split('\n');
  const awaited = lines.find((line) => line.trim().startsWith('- waiting for '));
  return awaited === undefined ? lines[0] : `${lines[0]} ${awaited.trim()}`;
}

/** The line that a run ends with. */
export function printTally({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}
