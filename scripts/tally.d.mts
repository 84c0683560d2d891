export interface Tally {
  readonly passed: number;
  readonly failed: number;
}
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}
export const NONE: Tally;
export function addTallies(tallies: readonly Tally[]): Tally;
export function tallyOfExit(exit: { readonly code: number }): Tally;
export function tallyOfLastLine(exit: { readonly code: number; readonly output: string }): Tally;
export function tallyOfVitest(exit: { readonly code: number }, report: VitestReport | undefined): Tally;
export function printTally(tally: Tally): string;
