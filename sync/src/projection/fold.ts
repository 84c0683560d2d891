/**
 * `fold(records) -> states`: pure, order-independent, tolerant of duplicates (DESIGN 5). Everything a person sees of a
 * chat is made from this; `apply.ts` joins its result with what is stored.
 */
import { toBase64Url } from '@securechat/crypto';
import type { AccountId, ChatId, RecordId } from '../api.ts';
import { type MessageBody, isRecordId } from '../records/index.ts';
import type { ProjectableRecord } from './record.ts';
import { emptyState, joinStates, type MessageState } from './state.ts';

/** Which account an author key (base64url) of a chat belongs to; undefined: nobody vouched for it, so its records are ignored. */
export type AccountOf = (chatId: ChatId, author: string) => AccountId | undefined;

/**
 * The records of one chat, folded, by the message that each is or is about. Ids of targets come from other people: only
 * well-formed ones count.
 */
export function fold(records: Iterable<ProjectableRecord>, accountOf: AccountOf): Map<RecordId, MessageState> {
  const states = new Map<RecordId, MessageState>();
  const names = new Map<Uint8Array, string>();
  for (const record of records) {
    const author = names.get(record.author) ?? toBase64Url(record.author);
    names.set(record.author, author);
    const account = accountOf(record.chatId, author);
    const state = account === undefined ? undefined : stateOf(record, author, account);
    if (state !== undefined && isRecordId(state.id)) addState(states, state);
  }
  return states;
}

function addState(states: Map<RecordId, MessageState>, state: MessageState): void {
  states.set(state.id, joinStates(states.get(state.id) ?? emptyState(state.id), state));
}

/** What one record says, and of which message; undefined for kinds that say nothing about messages. */
function stateOf(record: ProjectableRecord, author: string, account: AccountId): MessageState | undefined {
  const { id, n, time, body } = record;
  switch (body.kind) {
    case 'message':
      return { ...emptyState(id), message: { account, author, n, time: time.ms, ...saidIn(body) } };
    case 'edit': {
      const { target, text, mentions } = body;
      return { ...emptyState(target), edits: [{ account, id, text, ...(mentions && { mentions }) }] };
    }
    case 'delete':
      return { ...emptyState(body.target), deletedBy: [account] };
    case 'reaction': {
      const emoji = body.emoji === undefined ? {} : { emoji: body.emoji };
      return { ...emptyState(body.target), reactions: [{ account, id, ...emoji }] };
    }
    case 'vote':
      return { ...emptyState(body.target), votes: [{ account, id, choices: body.choices }] };
    case 'close':
      return { ...emptyState(body.target), closedBy: [{ account, id }] };
    default:
      return undefined;
  }
}

/** Text and fields of a message, without a quote of what is no id. */
function saidIn({ kind: _, replyTo, ...said }: MessageBody): Omit<MessageBody, 'kind'> {
  return replyTo === undefined || !isRecordId(replyTo) ? said : { ...said, replyTo };
}
