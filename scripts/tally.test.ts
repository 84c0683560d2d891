import { describe, expect, it } from 'vitest';
import {
  addTallies,
  failuresOfVitest,
  printTally,
  tallyOfExit,
  tallyOfLastLine,
  tallyOfVitest,
  troubleOfVitest,
} from './tally.mjs';

const file = (status: string, tests: number, name = '/here/a.test.ts') => ({
  name,
  status,
  message: tests === 0 ? 'SyntaxError: no\n  at a.test.ts' : '',
  assertionResults: Array.from({ length: tests }, (_, at) => ({
    fullName: `all of it ${String(at)}`,
    status: at === 0 ? status : 'passed',
    failureMessages: at === 0 && status === 'failed' ? ['AssertionError: 1 is not 2\n  at a.test.ts:3'] : [],
  })),
});

describe('the total of a test run', () => {
  it('adds up and is printed in one fixed form', () => {
    const total = addTallies([tallyOfExit({ code: 0 }), tallyOfExit({ code: 2 }), { passed: 40, failed: 1 }]);
    expect(printTally(total)).toBe('41 passed, 2 failed');
  });

  it('believes the last line of a tool', () => {
    expect(tallyOfLastLine({ code: 0, output: 'seed 1\n200 passed, 0 failed\n' })).toEqual({ passed: 200, failed: 0 });
    expect(tallyOfLastLine({ code: 1, output: '198 passed, 2 failed' })).toEqual({ passed: 198, failed: 2 });
  });

  it('counts a tool that died without a word, or against its word, as failed', () => {
    expect(tallyOfLastLine({ code: 0, output: '' })).toEqual({ passed: 0, failed: 1 });
    expect(tallyOfLastLine({ code: 1, output: '7 passed, 0 failed\nError: out of memory' })).toEqual({
      passed: 0,
      failed: 1,
    });
    expect(tallyOfLastLine({ code: 1, output: '7 passed, 0 failed' })).toEqual({ passed: 7, failed: 1 });
  });

  it('counts a test file that could not be loaded', () => {
    const report = { numPassedTests: 3, numFailedTests: 1, testResults: [file('failed', 4), file('failed', 0)] };
    expect(tallyOfVitest({ code: 1 }, report)).toEqual({ passed: 3, failed: 2 });
  });

  it('is not fooled by an empty run, a missing report or an unhandled error', () => {
    const empty = { numPassedTests: 0, numFailedTests: 0, testResults: [] };
    expect(tallyOfVitest({ code: 0 }, empty).failed).toBe(1);
    expect(tallyOfVitest({ code: 1 }, undefined).failed).toBe(1);
    const unhandled = { numPassedTests: 3, numFailedTests: 0, testResults: [file('passed', 3)] };
    expect(tallyOfVitest({ code: 1 }, unhandled)).toEqual({ passed: 3, failed: 1 });
  });

  it('names what failed, a line each, and a file that could not be loaded', () => {
    const testResults = [file('failed', 2), file('passed', 3), file('failed', 0, '/here/b.test.ts')];
    expect(failuresOfVitest({ numPassedTests: 4, numFailedTests: 1, testResults }, '/here')).toEqual([
      'a.test.ts > all of it 0: AssertionError: 1 is not 2',
      'b.test.ts: SyntaxError: no',
    ]);
    expect(failuresOfVitest(undefined, '/here')).toEqual([]);
  });

  it('says what a browser test waited for, and what was to be seen instead', () => {
    const failed = {
      fullName: 'opens',
      status: 'failed',
      failureMessages: [
        "TimeoutError: 60000ms exceeded.\nCall log:\n\u001b[2m  - waiting for getByText('Bob')\u001b[22m\n",
      ],
      meta: { screens: ['Ann at /: Welcome'] },
    };
    const testResults = [{ name: '/here/a.e2e.ts', status: 'failed', message: '', assertionResults: [failed] }];
    expect(failuresOfVitest({ numPassedTests: 0, numFailedTests: 1, testResults }, '/here')).toEqual([
      "a.e2e.ts > opens: TimeoutError: 60000ms exceeded. - waiting for getByText('Bob')",
      '  Ann at /: Welcome',
    ]);
  });

  it('leaves out what passed from what a failed run said', () => {
    const failures = '⎯⎯⎯ Failed Tests 1 ⎯⎯⎯\n FAIL a.test.ts\n';
    expect(troubleOfVitest(` ✓ b.test.ts\n ❯ a.test.ts\n\n${failures}`)).toBe(failures);
    expect(troubleOfVitest('Error: no such project\n')).toBe('Error: no such project\n');
  });
});
