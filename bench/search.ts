/** Search over a long history, beside the physical limit: the same term sought in one string that is in memory. */
import { foldText } from '../sync/src/projection/search/folded-text.ts';
import { CHAT, ChatHistory, RARE_WORD } from './chat-history.ts';
import { type BenchTable, median, short, timed } from './table.ts';

const ROUNDS = 7;
const TERMS = [RARE_WORD.slice(2), 'tomorrow', '会議', 'not in any message'] as const;

/** Medians in milliseconds over a sealed store in memory: no disk in it. */
export async function run(): Promise<BenchTable> {
  const rows: (string | number)[][] = [];
  const lengths = [1000, 100_000];
  const histories = await Promise.all(lengths.map((length) => ChatHistory.of(length)));
  for (const term of TERMS) {
    for (const history of histories) rows.push(await measure(history, term));
  }
  return {
    title: 'Search: 50 newest hits',
    columns: ['term', 'messages', 'hits', 'ms to first hit', 'ms to done', 'ms, one string in memory'],
    rows,
    notes: ['sealed memory store: every block is unsealed and parsed, no disk'],
  };
}

async function measure(history: ChatHistory, term: string): Promise<(string | number)[]> {
  const first: number[] = [];
  const done: number[] = [];
  let hits = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let seen: number | undefined;
    const take = (results: { readonly hits: readonly unknown[] }): void => {
      hits = results.hits.length;
      if (hits > 0) seen ??= performance.now() - start;
    };
    await history.projection.search({ text: term, chatId: CHAT, limit: 50 }, take, new AbortController().signal);
    done.push(performance.now() - start);
    if (seen !== undefined) first.push(seen);
  }
  const limit = await physicalLimit(history.length, term);
  return [
    term,
    history.length,
    hits,
    first.length === 0 ? '-' : short(median(first)),
    short(median(done)),
    short(limit),
  ];
}

/** `indexOf` through as many characters, with nothing stored, sealed or split. */
async function physicalLimit(messages: number, term: string): Promise<number> {
  const text =
    'hello good morning 東京 evening weather ticket number and so on until about 100 characters are there now. '.repeat(
      messages,
    );
  const folded = foldText(term);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await timed(async () => text.indexOf(`${folded}\u007f`)));
  return median(times);
}
