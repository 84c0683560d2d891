/** Does the projection's cost stay flat? The same work on a short and on a long history, turn by turn in one run. */
import { CHAT, ChatHistory } from './chat-history.ts';
import { type BenchTable, median, short, timed } from './table.ts';

const SHORT = 1000;
const LONG = 100_000;

interface Work {
  readonly name: string;
  readonly rounds: number;
  readonly run: (history: ChatHistory) => Promise<unknown>;
}

const READ = new Map([[toPeerKey(), 10_000_000]]);

const WORKS: readonly Work[] = [
  { name: 'apply and commit 1 message', rounds: 400, run: (history) => history.append(1) },
  { name: 'apply and commit 1,000 messages', rounds: 9, run: (history) => history.append(1000) },
  {
    name: 'page: last 50',
    rounds: 200,
    run: ({ projection }) => projection.page({ chatId: CHAT, anchor: 'end', older: 50, newer: 0 }),
  },
  { name: 'last message', rounds: 400, run: ({ projection }) => projection.lastMessage(CHAT) },
  { name: 'unread, all read', rounds: 400, run: ({ projection }) => projection.unread(CHAT, READ) },
];

/** Medians in milliseconds over a sealed store in memory: no disk in it. */
export async function run(): Promise<BenchTable> {
  const rows: (string | number)[][] = [];
  const large = await ChatHistory.of(LONG);
  for (const work of WORKS) {
    const small = await ChatHistory.of(SHORT);
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < work.rounds; round++) {
      times[0].push(await timed(() => work.run(small)));
      times[1].push(await timed(() => work.run(large)));
    }
    rows.push([
      work.name,
      short(median(times[0])),
      short(median(times[1])),
      short(median(times[1]) / median(times[0])),
    ]);
  }
  return {
    title: 'Projection: cost by length of history',
    columns: ['work', 'ms at 1,000', 'ms at 100,000', 'ratio'],
    rows,
    notes: ['sealed memory store: every value sealed and every key blinded, no disk'],
  };
}

/** Author key of the peer in {@link ChatHistory}, base64url of 32 bytes of 2. */
function toPeerKey(): string {
  return Buffer.from(new Uint8Array(32).fill(2)).toString('base64url');
}
