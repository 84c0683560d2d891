/** What a group's acts say as lines in its chat. Acts that do not count make no line. */
import { accountIdOf, toAccountKey, toBase64Url } from '@securechat/crypto';
import type { GroupEvent } from '../api.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { GroupState } from '../governance/index.ts';
import { type Act, type VerifiedRecord, actIdOf } from '../records/index.ts';

interface ActLine {
  readonly id: string;
  readonly time: number;
  readonly event: GroupEvent;
}

export function eventsOf(records: readonly VerifiedRecord[], root: Chat, state: GroupState): readonly ActLine[] {
  return records.flatMap((record) => {
    const { body, time } = record;
    const by = root.authors.get(toBase64Url(record.author))?.accountId;
    const id = body.kind === 'act' ? actIdOf(record) : undefined;
    if (body.kind !== 'act' || id === undefined || by === undefined) return [];
    if (state.refused.has(id) || state.pending.has(id)) return [];
    return saying(body.act).map((what, index): ActLine => {
      const event: GroupEvent = { type: 'Group', by, act: id, ...what };
      return { id: `act-${id}-${String(index)}`, time: time.ms, event };
    });
  });
}

type Said = Omit<GroupEvent, 'type' | 'by' | 'act'>;

function saying(act: Act): readonly Said[] {
  switch (act.type) {
    case 'found':
      return [{ what: 'founded', text: act.name }];
    case 'add':
      return act.members.flatMap(({ accountKey }) => {
        const key = toAccountKey(accountKey);
        return key === undefined ? [] : [{ what: 'added', whom: accountIdOf(key) }];
      });
    case 'remove':
      return [{ what: act.ban ? 'banned' : 'removed', whom: act.account }];
    case 'unban':
      return [{ what: 'unbanned', whom: act.account }];
    case 'role':
      return [{ what: act.role, whom: act.account }];
    case 'info':
      return act.name === undefined ? [{ what: 'described' }] : [{ what: 'named', text: act.name }];
    case 'permissions':
      return [{ what: 'permitted' }];
    case 'pin':
      return [{ what: act.pinned ? 'pinned' : 'unpinned', target: act.target }];
    case 'timer':
      return [{ what: 'timed', seconds: act.seconds }];
    default:
      return [];
  }
}
