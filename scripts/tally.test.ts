import { describe, expect, it } from 'vitest';
import { addTallies, printTally, tallyOfExit, tallyOfLastLine, tallyOfVitest } from './tally.mjs';

const file = (status: string, tests: number) => ({
  status,
  assertionResults: Array.from({ length: tests }, () => ({})),
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
});
