/** Which games are asked for, in the words of the command line. It knows no story, so that reading it costs nothing. */

export const SCENARIOS = ['direct', 'devices', 'groups', 'status', 'calls'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface Game {
  readonly scenario: Scenario;
  readonly seed: number;
}

/** So many seeds of a scenario, from one on. */
export interface Series {
  readonly scenario: Scenario;
  readonly from: number;
  readonly seeds: number;
}

/** Reads `direct:200,status:100`; what names no number has `seeds`. Answers what is wrong with it in words. */
export function parseSeries(text: string, about: { readonly from: number; readonly seeds: number }): Series[] | string {
  const series: Series[] = [];
  for (const part of text.split(',')) {
    const [name, count] = part.split(':');
    const scenario = SCENARIOS.find((known) => known === name);
    if (scenario === undefined) return `no scenario "${part}"; there is: ${SCENARIOS.join(', ')}`;
    series.push({ scenario, from: about.from, seeds: count === undefined ? about.seeds : Number(count) });
  }
  const isWhole = series.every(({ from, seeds }) => [from, seeds].every(isCount));
  return isWhole ? series : '--seeds and --from take whole numbers';
}

export function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

/** One scenario after another. */
export function gamesOf(series: readonly Series[]): Game[] {
  return series.flatMap(({ scenario, from, seeds }) =>
    Array.from({ length: seeds }, (_, i) => ({ scenario, seed: from + i })),
  );
}

/** The command that plays it again. */
export function replayOf({ scenario, seed }: Game): string {
  return `npm run simulate -- --scenario ${scenario} --seeds 1 --from ${String(seed)}`;
}
