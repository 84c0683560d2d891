/**
 * Chats for tests: seeded scripts of records by known authors, and the *oracle*: a deliberately dumb projection that
 * folds everything anew for every question.
 */
import { toBase64Url } from '@securechat/crypto';
import type { AccountId, ChatId, RecordId } from '../api.ts';
import type { Poll } from '../records/index.ts';
import { fold } from './fold.ts';
import type { ProjectableBody, ProjectableRecord } from './record.ts';
import { rowOf, type MessageRow } from './row.ts';
import type { Marks } from './unread.ts';

export const ME: AccountId = 'account-me';
export const PEER: AccountId = 'account-peer';
export const CHAT: ChatId = 'chat-one';
export const START = Date.UTC(2026, 0, 1);

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
/** Author keys: mine, two devices of my peer, and one that nobody vouched for. */
export const AUTHORS = { me: key(1), peer: key(2), peerTablet: key(3), nobody: key(4) } as const;
export type AuthorName = keyof typeof AUTHORS;

const ACCOUNTS = new Map<string, AccountId>([
  [toBase64Url(AUTHORS.me), ME],
  [toBase64Url(AUTHORS.peer), PEER],
  [toBase64Url(AUTHORS.peerTablet), PEER],
]);

export const accountOf = (_chatId: ChatId, author: string): AccountId | undefined => ACCOUNTS.get(author);

const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';

/** A number as fixed-width digits that sort as it does. */
function digits(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 64)) text = ALPHABET.charAt(rest % 64) + text;
  return text;
}

/** 24 characters that sort by time, as real record ids do. */
export function idAt(ms: number, salt = 0): RecordId {
  return digits(ms, 12) + digits(salt, 12);
}

/** Writes one chat's records; counts each author's `n` and the time. */
export class ScriptWriter {
  readonly records: ProjectableRecord[] = [];
  readonly #counters = new Map<AuthorName, number>();
  readonly #chatId: ChatId;
  #ms = START;

  constructor(chatId: ChatId = CHAT) {
    this.#chatId = chatId;
  }

  add(author: AuthorName, body: ProjectableBody, ms = (this.#ms += 1000)): ProjectableRecord {
    const n = (this.#counters.get(author) ?? 0) + 1;
    this.#counters.set(author, n);
    const id = idAt(ms, this.records.length);
    const record = { id, chatId: this.#chatId, author: AUTHORS[author], n, time: { ms }, body };
    this.records.push(record);
    return record;
  }

  say(author: AuthorName, text: string, replyTo?: RecordId): RecordId {
    return this.add(author, { kind: 'message', text, ...(replyTo !== undefined && { replyTo }) }).id;
  }
}

/** A repeatable stream of numbers in [0, 1). */
export function seededNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const WORDS = [
  'breakfast',
  'Ärger',
  'ＦＵＬＬ',
  '東京タワー',
  'ﾊﾟｽﾀ',
  'ok',
  'İstanbul',
  'zebra 🦓',
  'ΣΊΣΥΦΟΣ',
  '한국어',
];

/** A random script: messages, polls, votes, edits, deletes and reactions, some by people who may not, some about nothing. */
export function randomScript(seed: number, size: number): ProjectableRecord[] {
  const random = seededNumbers(seed);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const writer = new ScriptWriter();
  const messages: RecordId[] = [];
  while (writer.records.length < size) {
    const author = pick(['me', 'peer', 'peer', 'peerTablet', 'nobody'] as const) ?? 'me';
    const target = random() < 0.05 ? idAt(START - 1, writer.records.length) : (pick(messages.slice(-40)) ?? idAt(1));
    const text = `${pick(WORDS) ?? ''} ${Math.floor(random() * 1000)} ${pick(WORDS) ?? ''}`;
    const dice = random();
    const mentions = random() < 0.2 ? { mentions: [{ at: 0, length: 2, account: pick([ME, PEER]) ?? ME }] } : {};
    if (dice < 0.5) messages.push(writer.say(author, text, random() < 0.2 ? target : undefined));
    else if (dice < 0.55) messages.push(writer.add(author, { kind: 'message', text, expires: 60, ...mentions }).id);
    else if (dice < 0.6) messages.push(writer.add(author, { kind: 'message', text, poll: randomPoll(random) }).id);
    else if (dice < 0.65) writer.add(author, { kind: 'vote', target, choices: Math.floor(random() * 9) });
    else if (dice < 0.66) writer.add(author, { kind: 'close', target });
    else if (dice < 0.72) writer.add(author, { kind: 'edit', target, text, ...mentions });
    else if (dice < 0.8) writer.add(author, { kind: 'delete', target });
    else if (dice < 0.85) writer.add(author, { kind: 'reaction', target });
    else if (dice < 0.98) writer.add(author, { kind: 'reaction', target, emoji: pick(['👍', '❤️', '😂']) });
    else writer.add(author, { kind: 'unknown' });
  }
  return writer.records;
}

function randomPoll(random: () => number): Poll {
  return { options: WORDS.slice(0, 2 + Math.floor(random() * 3)), multiple: random() < 0.5 };
}

/** The same records in any order, some of them twice. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const again = items.filter(() => random() < 0.2);
  return [...items, ...again]
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Cuts a list into runs of random length. */
export function cutInBatches<T>(items: readonly T[], longest: number, random: () => number): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += batches.at(-1)?.length ?? 1) {
    batches.push(items.slice(at, at + 1 + Math.floor(random() * longest)));
  }
  return batches;
}

/** The oracle: every message of the records, oldest first. */
export function expectedRows(records: readonly ProjectableRecord[]): MessageRow[] {
  const rows = [...fold(records, accountOf).values()].flatMap((state) => rowOf(CHAT, ME, state) ?? []);
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The oracle: others' undeleted messages above the marks, oldest first. */
export function expectedUnread(rows: readonly MessageRow[], marks: Marks): MessageRow[] {
  return rows.filter((row) => !row.mine && !row.deleted && row.n > (marks.get(row.author) ?? 0));
}
