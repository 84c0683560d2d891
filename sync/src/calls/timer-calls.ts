/** The call that sets after how long the messages of a chat disappear: an act in a group, a record elsewhere. */
import type { ChatId } from '@securechat/crypto';
import { TIMER_LIMIT } from '../api.ts';
import type { Engine } from '../engine.ts';
import { type Handlers, done, refused } from './answers.ts';
import { writable } from './composing.ts';
import { writeAct } from './group-calls.ts';

export function timerCalls(engine: Engine): Handlers<'setTimer'> {
  return {
    async setTimer({ chatId, seconds }) {
      if (!Number.isInteger(seconds) || seconds < 0 || seconds > TIMER_LIMIT)
        return refused({ type: 'TooLong', limit: TIMER_LIMIT });
      const chat = engine.chats.get(chatId as ChatId);
      if (chat === undefined) return refused({ type: 'UnknownChat' });
      // What is so already is not said again: it would be a line in the chat.
      if (engine.timers.secondsOf(chat) === seconds) return done(null);
      if (chat.with.type === 'group') return writeAct(engine, chat.with.groupId, { type: 'timer', seconds });
      const open = await writable(engine, chatId);
      if ('type' in open) return refused(open);
      if (engine.composer.isFull) return refused({ type: 'StorageFull' });
      await engine.lane.run(() => engine.composer.compose(open, { kind: 'timer', seconds }));
      return done(null);
    },
  };
}
