/** Calls about polls: asking, voting, closing. */
import { type ClientError, POLL_LIMITS } from '../api.ts';
import type { Engine } from '../engine.ts';
import type { MessageRow } from '../projection/row.ts';
import { type Handlers, refused } from './answers.ts';
import { checkOwn, compose, composeAbout } from './composing.ts';

export function pollCalls(engine: Engine): Handlers<'createPoll' | 'vote' | 'closePoll'> {
  return {
    async createPoll({ id, chatId, question, options, multiple }) {
      const poll = { options: options.map((option) => wellFormed(option.trim())), multiple };
      const text = question.trim();
      const problem = checkQuestion(text) ?? checkOptions(poll.options);
      if (problem !== undefined) return refused(problem);
      return compose(engine, { id, chatId }, { kind: 'message', text, poll });
    },
    async vote({ chatId, recordId, choices }) {
      const check = (row: MessageRow) => checkVote(row, choices);
      const bits = choices.reduce((sum, choice) => sum | (1 << choice), 0);
      return composeAbout(engine, { chatId, recordId, check }, { kind: 'vote', target: recordId, choices: bits });
    },
    async closePoll({ chatId, recordId }) {
      const check = (row: MessageRow) => checkOwn(row) ?? checkOpen(row);
      return composeAbout(engine, { chatId, recordId, check }, { kind: 'close', target: recordId });
    },
  };
}

/** As the record will say it: two choices that differ in broken characters only would be the same there. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function checkQuestion(text: string): ClientError | undefined {
  return text === '' || text.length > POLL_LIMITS.question
    ? { type: 'TooLong', limit: POLL_LIMITS.question }
    : undefined;
}

function checkOptions(options: readonly string[]): ClientError | undefined {
  const { leastOptions, options: most, option: longest } = POLL_LIMITS;
  const isCount = options.length >= leastOptions && options.length <= most;
  const areTexts = options.every((option) => option !== '' && option.length <= longest);
  const isDistinct = new Set(options).size === options.length;
  return isCount && areTexts && isDistinct ? undefined : { type: 'PollInvalid' };
}

function checkVote(row: MessageRow, choices: readonly number[]): ClientError | undefined {
  const problem = checkOpen(row);
  if (problem !== undefined || row.poll === undefined) return problem;
  const { options, multiple } = row.poll;
  const isThere = choices.every((choice) => options[choice] !== undefined);
  return isThere && (multiple || choices.length <= 1) ? undefined : { type: 'PollInvalid' };
}

function checkOpen({ poll }: MessageRow): ClientError | undefined {
  if (poll === undefined) return { type: 'UnknownMessage' };
  return poll.closed ? { type: 'PollClosed' } : undefined;
}
