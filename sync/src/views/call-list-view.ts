/** Calls that are over as the app sees them: lines of their chats, the last word of a chat, and the list over all chats. */
import type { AccountId, ChatId } from '@securechat/crypto';
import { type CallEntry, type CallEvent, type CallOutcome, PHONE_LIMITS, type SystemItem } from '../api.ts';
import type { ChatBook } from '../chats/chat-book.ts';
import type { People } from '../contacts/people.ts';
import type { GroupBook } from '../groups/group-book.ts';
import type { Unread } from '../projection/unread.ts';
import { type CallLog, type LoggedCall, isMissed } from '../telephony/call-log.ts';

export interface CallListOptions {
  readonly log: Pick<CallLog, 'of' | 'chats'>;
  readonly chats: Pick<ChatBook, 'get'>;
  readonly people: People;
  readonly groups: Pick<GroupBook, 'stateOf'>;
  readonly me: () => AccountId;
}

type Marks = ReadonlyMap<string, number>;

export class CallListView {
  readonly #options: CallListOptions;

  constructor(options: CallListOptions) {
    this.#options = options;
  }

  /** Newest first, over all chats but those of strangers whom the user has not accepted. */
  list(): readonly CallEntry[] {
    const entries = this.#options.log.chats().flatMap((chatId) => this.#entriesOf(chatId));
    const newest = entries.sort((a, b) => b.time - a.time || (a.callId < b.callId ? -1 : 1));
    return newest.slice(0, PHONE_LIMITS.entries);
  }

  /** The lines of a chat, oldest first. The id of each is its record's: to have seen it is to have read so far. */
  lines(chatId: ChatId): readonly SystemItem[] {
    return this.#options.log.of(chatId).map((call) => ({
      ...{ type: 'system', id: call.id, time: call.time },
      event: this.#event(call),
    }));
  }

  /** The newest call of a chat, and when its line was written. */
  last(chatId: ChatId): { readonly time: number; readonly mine: boolean; readonly event: CallEvent } | undefined {
    const call = this.#options.log.of(chatId).at(-1);
    return call && { time: call.time, mine: call.by === this.#options.me(), event: this.#event(call) };
  }

  /** What is unread of a chat with the calls that this account missed. */
  unread(chatId: ChatId, marks: Marks, { count, first, mentioned }: Unread): Unread {
    const missed = this.#missed(chatId).filter(({ author, n }) => n > (marks.get(author) ?? 0));
    const ids = [...missed.map(({ id }) => id), ...(first === undefined ? [] : [first])];
    const oldest = ids.sort().at(0);
    return { count: count + missed.length, mentioned, ...(oldest !== undefined && { first: oldest }) };
  }

  /** The marks to set when everything up to `upTo` has been seen: those that messages raise, and missed calls do. */
  marksUpTo(
    chatId: ChatId,
    upTo: string,
    { before, raised }: { readonly before: Marks; readonly raised: Marks },
  ): Marks {
    const all = new Map(raised);
    for (const { author, n, id } of this.#missed(chatId))
      if (id <= upTo && n > Math.max(before.get(author) ?? 0, all.get(author) ?? 0)) all.set(author, n);
    return all;
  }

  #missed(chatId: ChatId): readonly LoggedCall[] {
    return this.#options.log.of(chatId).filter((call) => isMissed(call, this.#options.me()));
  }

  #entriesOf(chatId: ChatId): readonly CallEntry[] {
    const { log, people, me } = this.#options;
    const other = this.#otherSide(chatId);
    if (other === undefined) return [];
    return log.of(chatId).map((call) => {
      const { id, callId, video, seconds, startedAt: time } = call;
      const outgoing = call.by === me();
      const by = other.peer === undefined && !outgoing ? { by: people.nameOf(call.by) } : {};
      return { id, callId, chatId, ...other, ...by, outgoing, video, outcome: this.#outcome(call), time, seconds };
    });
  }

  /** Whom a call in this chat was with; undefined: it is not to be in the list. */
  #otherSide(chatId: ChatId): Pick<CallEntry, 'peer' | 'name'> | undefined {
    const { chats, people, groups } = this.#options;
    const to = chats.get(chatId)?.with;
    if (to?.type === 'group') {
      const name = groups.stateOf(to.groupId)?.info.name;
      return name === undefined ? undefined : { name };
    }
    const state = to?.peer && people.stateOf(to.peer);
    if (to?.peer === undefined || state === undefined || state === 'requesting') return undefined;
    return { peer: to.peer, name: people.nameOf(to.peer) };
  }

  #event(call: LoggedCall): CallEvent {
    const { by, callId, video, seconds } = call;
    const names = { by: this.#options.people.nameOf(by), byMe: by === this.#options.me() };
    return { type: 'Call', by, callId, video, outcome: this.#outcome(call), seconds, names };
  }

  /** To whom it rang it is the same whether the caller gave up or the time did. */
  #outcome({ by, outcome }: LoggedCall): CallOutcome {
    return by !== this.#options.me() && outcome === 'cancelled' ? 'missed' : outcome;
  }
}
