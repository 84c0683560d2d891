/** Writing down a call that is over: the caller's device does it, once. Knows nothing of how calls go. */
import type { ChatId } from '@securechat/crypto';
import type { CallId, CallOutcome, RecordId } from '../api.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Chat, ChatBook } from '../chats/chat-book.ts';
import type { Composer } from '../chats/composer.ts';
import type { Groups } from '../groups/groups.ts';
import type { Store } from '../ports/store.ts';
import { CALL_RECORD_LIMITS } from '../records/index.ts';

export interface CallWriter {
  readonly store: Store;
  readonly chats: Pick<ChatBook, 'get'>;
  readonly composer: Pick<Composer, 'compose'>;
  readonly groups: Pick<Groups, 'refusalToWrite'>;
}

/** One call that is over, which this account's device made or began. */
export interface EndedCall {
  readonly chatId: ChatId;
  readonly callId: CallId;
  /** It was begun with video. */
  readonly video: boolean;
  readonly outcome: CallOutcome;
  /** How long it was on; what is more than a record can say is cut. Of no account unless answered. */
  readonly seconds: number;
  /** Milliseconds; when it began to ring. */
  readonly startedAt: number;
}

/**
 * Lane job: writes the call into its chat. `along` is part of the same commit, so that whoever remembers that it is to be
 * written can forget it there; repeated within a day it writes nothing more. Undefined, with `along` done all the same:
 * there is no such chat, or this account may not write to its group.
 */
export async function writeEndedCall(
  { store, chats, composer, groups }: CallWriter,
  { chatId, callId, video, outcome, seconds, startedAt }: EndedCall,
  along: (batch: Batch) => void = () => undefined,
): Promise<RecordId | undefined> {
  const chat = chats.get(chatId);
  if (chat === undefined || !isOfCalls(chat, groups)) {
    await inBatch(store, along);
    return undefined;
  }
  const length = outcome === 'answered' ? Math.min(Math.max(0, Math.round(seconds)), CALL_RECORD_LIMITS.seconds) : 0;
  const body = { kind: 'call', callId, video, outcome, seconds: length, startedAt: Math.round(startedAt) } as const;
  return composer.compose(chat, body, `phone-${callId}`, along);
}

/** A chat of two, or a group that this account may write to. */
function isOfCalls({ with: to }: Chat, groups: CallWriter['groups']): boolean {
  return to.type === 'contact' || (to.type === 'group' && groups.refusalToWrite(to.groupId) === undefined);
}
