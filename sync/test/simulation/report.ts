/** How the simulations say what went wrong. */

/** What only one of two lists of lines has, the first few of each. */
export function difference(a: readonly string[], b: readonly string[]): string {
  const [onlyA, onlyB] = [a.filter((line) => !b.includes(line)), b.filter((line) => !a.includes(line))];
  return [
    ...onlyA.slice(0, 8).map((line) => `  first only:  ${line}`),
    ...onlyB.slice(0, 8).map((line) => `  second only: ${line}`),
  ].join('\n');
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
