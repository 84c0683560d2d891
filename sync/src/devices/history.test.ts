import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import type { Chat } from '../chats/chat-book.ts';
import { History } from './history.ts';

function open(...chats: { records: number; filling: number | undefined }[]) {
  const clock = new VirtualClock(0);
  const history = new History({ chats: { all: () => chats.values() as IterableIterator<Chat> }, clock });
  return { history, clock, chats };
}

describe('history', () => {
  it('S-OWN-9 says how much is here of the chats that are being filled, and nothing when all is', () => {
    const done = { records: 50, filling: undefined };
    const [one, two] = [
      { records: 10, filling: 100 as number | undefined },
      { records: 0, filling: 20 as number | undefined },
    ];
    const { history } = open(one, done, two);
    expect(history.progress).toEqual({ have: 10, total: 120, waiting: false });
    one.records = 130; // more came than was told of
    expect(history.progress).toEqual({ have: 130, total: 150, waiting: false });
    one.filling = undefined;
    expect(history.progress).toEqual({ have: 0, total: 20, waiting: false });
    two.filling = undefined;
    expect(history.progress).toBeNull();
    expect(open(done).history.progress).toBeNull();
  });

  it('S-OWN-9 says that it waits when nothing came for half a minute', () => {
    const chat = { records: 1, filling: 9 };
    const { history, clock } = open(chat);
    const after = (ms: number): boolean | undefined => {
      clock.step(clock.now() + ms);
      return history.progress?.waiting;
    };
    expect([after(0), after(30_000), after(1_000)]).toEqual([false, false, true]);
    chat.records = 2;
    expect([after(1_000), after(30_000), after(1)]).toEqual([false, false, true]);
  });
});
