/** What is said of history that is still on other own devices. Pure; undefined: all of it is here. */
import type { HistoryProgress } from '@securechat/sync/api';
import { text } from '../../text/index.ts';

export interface HistoryState {
  readonly words: string;
  /** What the person can do so that it goes on. */
  readonly hint?: string;
  /** 0..1 */
  readonly part: number;
}

export function describeHistory(progress: HistoryProgress | null | undefined): HistoryState | undefined {
  if (!progress) return undefined;
  const { have, total, waiting } = progress;
  // Messages come in while one counts.
  const most = Math.max(have, total);
  const state = { words: text.history.fetching(have, most), part: most === 0 ? 0 : have / most };
  return waiting ? { ...state, hint: text.history.waiting } : state;
}
