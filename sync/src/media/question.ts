/** A file that was asked for: what is stored of the question, and what goes on with it while this device runs. */
import type { AccountId, ChatId } from '@securechat/crypto';
import { storeKey } from '../ports/store-key.ts';
import type { MediaPointer } from '../records/index.ts';
import type { Place } from './places.ts';

/** Who may be asked, in the order of asking: own devices, as one account, always; of others some in each round. */
export interface Audience {
  readonly own: readonly AccountId[];
  readonly others: readonly AccountId[];
}

/** Of which chat which file. */
export interface Wanted {
  readonly pointer: MediaPointer;
  readonly chatId: ChatId;
}

/** `question : blob  ->  QuestionRow` */
export interface QuestionRow extends Wanted {
  /** Of the message. */
  readonly author: AccountId;
  /** When it was first asked, and last. */
  readonly since: number;
  readonly at: number;
  /** Times that it was asked, some of those who may be asked at a time; and how often all of them were. */
  readonly rounds: number;
  readonly passes: number;
  readonly asked: readonly AccountId[];
}

export interface Question {
  row: QuestionRow;
  /** Somebody was asked less than a minute ago. */
  isFresh: boolean;
  /** Cancels what is planned next. */
  rest: () => void;
  /** Who said where it is, and was not tried yet. */
  readonly answers: Map<AccountId, Place>;
  /** Whose answer is being tried. */
  trying: AccountId | undefined;
  /** What they answered was not the file. */
  readonly unbelieved: Set<AccountId>;
}

export function questionKey(blob: string): string {
  return storeKey('question', blob);
}

export function questionOf(row: QuestionRow): Question {
  return {
    ...{ row, isFresh: false, rest: () => undefined, trying: undefined },
    ...{ answers: new Map(), unbelieved: new Set() },
  };
}

/** Of others, asked at a time. */
const AT_A_TIME = 2;
/** Whoever is there answers sooner. */
export const PATIENCE = 60_000;
const FIRST_PAUSE = 3_600_000;
const LONGEST_PAUSE = 24 * 3_600_000;

/** The next round: who is asked in it, and the row after it. */
export function nextRound(
  row: QuestionRow,
  { own, others }: Audience,
  now: number,
): { readonly ask: readonly AccountId[]; readonly row: QuestionRow } {
  const inAll = Math.max(1, Math.ceil(others.length / AT_A_TIME));
  const turn = row.rounds % inAll;
  const ask = [...own, ...others.slice(turn * AT_A_TIME, (turn + 1) * AT_A_TIME)];
  return {
    ask,
    row: {
      ...{ ...row, at: now, rounds: row.rounds + 1, asked: [...new Set([...row.asked, ...ask])] },
      passes: turn === inAll - 1 ? row.passes + 1 : row.passes,
    },
  };
}

/** How long after its last round the next one is: soon until all were asked once, then after pauses that grow to a day. */
export function pauseOf({ passes }: QuestionRow): number {
  return passes === 0 ? PATIENCE : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 3 ** (passes - 1));
}
