export interface Tally {
  readonly passed: number;
  readonly failed: number;
}
export interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
    readonly meta?: { readonly screens?: readonly string[] };
  }[];
}
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly VitestFile[];
}
export const NONE: Tally;
export function addTallies(tallies: readonly Tally[]): Tally;
export function tallyOfExit(exit: { readonly code: number }): Tally;
export function tallyOfLastLine(exit: { readonly code: number; readonly output: string }): Tally;
export function tallyOfVitest(exit: { readonly code: number }, report: VitestReport | undefined): Tally;
export function failuresOfVitest(report: VitestReport | undefined, root: string): string[];
export function troubleOfVitest(output: string): string;
export function printTally(tally: Tally): string;
