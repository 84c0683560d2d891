import type { Poll } from '@securechat/sync/api';

/** What one has chosen after pressing a choice: where one is to be chosen it replaces the other. Pure. */
export function toggledChoices({ options, multiple }: Poll, at: number): readonly number[] {
  if (!multiple) return [at];
  return options.flatMap(({ mine }, place) => ((place === at) !== mine ? [place] : []));
}
