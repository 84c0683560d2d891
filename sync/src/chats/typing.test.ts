import type { AccountId, ChatId, GroupSecret } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import type { Batch } from '../batch.ts';
import type { GroupState } from '../governance/index.ts';
import type { Chat } from './chat-book.ts';
import { OwnTyping } from './own-typing.ts';
import { TYPING_MEMBERS, Typing } from './typing.ts';

const CHAT = 'chat' as ChatId;
const account = (n: number): AccountId => `account ${String(n)}` as AccountId;

describe('who is typing', () => {
  it('S-TYPING-1 is forgotten 8 s after it was last said; who goes on keeps their place', () => {
    const clock = new VirtualClock(0);
    let changes = 0;
    const typing = new Typing(clock, () => (changes += 1));
    typing.set(CHAT, account(1), true);
    typing.set(CHAT, account(2), true);
    pass(clock, 5_000);
    typing.set(CHAT, account(1), true);
    expect(typing.in(CHAT)).toEqual([account(1), account(2)]);
    expect(changes).toBe(2);
    pass(clock, 5_000);
    expect(typing.in(CHAT)).toEqual([account(1)]);
    typing.set(CHAT, account(1), false);
    typing.set(CHAT, account(1), false);
    expect([typing.in(CHAT), changes]).toEqual([[], 4]);
  });

  it('S-TYPING-2 remembers no more of them than the largest group in which it is told', () => {
    const typing = new Typing(new VirtualClock(0), () => undefined);
    for (let n = 0; n < TYPING_MEMBERS + 10; n++) typing.set(CHAT, account(n), true);
    expect(typing.in(CHAT)).toHaveLength(TYPING_MEMBERS);
    typing.stop();
    expect(typing.in(CHAT)).toEqual([]);
  });
});

describe('telling it', () => {
  it('S-TYPING-2 in a group at most every 5 s, never taken back, and not with more than 50 members', () => {
    const clock = new VirtualClock(0);
    const told: number[] = [];
    let members = TYPING_MEMBERS;
    const own = new OwnTyping({
      outbox: { tell: () => undefined, addForGroup: () => told.push(clock.now()) },
      book: { stateOf: () => ({ members: { size: members } }) as GroupState },
      now: () => clock.now(),
    });
    const group = { groupId: CHAT, part: 'talk', secret: new Uint8Array(32) as GroupSecret } as const;
    const chat = { chatId: CHAT, with: { type: 'group', ...group } } as Chat;
    const batch = {} as Batch;
    for (let second = 0; second < 12; second += 3) {
      own.tell(batch, chat, true);
      own.tell(batch, chat, false);
      pass(clock, 3_000);
    }
    expect(told).toEqual([0, 6_000]);
    members += 1;
    pass(clock, 60_000);
    own.tell(batch, chat, true);
    expect(told).toHaveLength(2);
  });
});

function pass(clock: VirtualClock, ms: number): void {
  const end = clock.now() + ms;
  while (clock.step(end)) continue;
}
