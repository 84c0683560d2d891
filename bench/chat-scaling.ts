/** Does a chat's cost stay flat as its history grows? The same work at 1,000 and 100,000 messages, beside three peers. */
import { ready } from '@securechat/crypto';
import { initAutomerge } from '../sync/src/documents/index.ts';
import { nodeAutomergeWasm } from '../sync/src/documents/node-wasm.ts';
import { automergeSystem } from './chat-systems/automerge-map.ts';
import { documentsSystem } from './chat-systems/documents.ts';
import { Messages } from './chat-systems/messages.ts';
import { sqliteSystem } from './chat-systems/sqlite-rows.ts';
import type { Chat, ChatSystem } from './chat-systems/system.ts';
import { yjsSystem } from './chat-systems/yjs-map.ts';
import { type BenchTable, median, short, timed } from './table.ts';

const SHORT = 1000;
const LONG = 100_000;

type Row = BenchTable['rows'][number];

/** Medians in milliseconds; short and long histories take turns within one run. */
export async function run(): Promise<BenchTable> {
  await ready();
  await initAutomerge(await nodeAutomergeWasm());
  const messages = new Messages();
  messages.at(LONG + 2000);
  const rows: Row[] = [];
  for (const make of [documentsSystem, automergeSystem, yjsSystem, sqliteSystem]) {
    rows.push(...(await measure(make(messages))));
  }
  return {
    title: 'Chat: cost by length of history',
    columns: ['system', 'work', 'at 1,000', 'at 100,000', 'ratio'],
    rows,
    notes: [
      'milliseconds, medians; the two lengths take turns within one run',
      'all store the same signed records of about 100 characters; only SecureChat signs, verifies, guards and seals them',
      'SecureChat: sealed memory storage; open includes loading the newest segment for writing and reading 50 records',
      'Automerge and Yjs: in memory, no storage writes; SQLite: file, WAL, synchronous=NORMAL, a transaction a call',
    ],
  };
}

async function measure(system: ChatSystem): Promise<Row[]> {
  const chats: [Chat, Chat] = [await system.create(SHORT), await system.create(LONG)];
  const row = (work: string, [small, large]: readonly [number, number]): Row => [
    system.name,
    work,
    short(small),
    short(large),
    short(large / small),
  ];
  const { rounds } = system;
  const rows = [
    row('append', await medians(chats, rounds.append, async (chat) => () => chat.append())),
    row('ingest one', await medians(chats, rounds.ingest, async (chat) => () => chat.ingestOne())),
    row('drain 1,000', await medians(chats, rounds.drain, (chat) => chat.prepareDrain())),
    row('open, last 50', await medians(chats, rounds.open, async (chat) => () => chat.open())),
    row('stored bytes a message', [chats[0].bytes() / SHORT, chats[1].bytes() / LONG]),
  ];
  for (const chat of chats) chat.close();
  globalThis.gc?.();
  return rows;
}

type Prepare = (chat: Chat) => Promise<() => Promise<unknown>>;

/** One warm-up round, then the middle of `rounds` for both chats in turn. */
async function medians(chats: readonly [Chat, Chat], rounds: number, prepare: Prepare): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round += 1) {
    for (const i of [0, 1] as const) {
      const time = await timed(await prepare(chats[i]));
      if (round >= 0) times[i].push(time);
    }
  }
  return [median(times[0]), median(times[1])];
}
