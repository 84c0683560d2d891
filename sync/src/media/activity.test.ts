import type { ChatId } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { type Activity, activityOf, isBehind } from './activity.ts';

const STATUS = { secret: new Uint8Array(32), audience: { type: 'all' } } as const;

function sending(id: string, time: number, more: Partial<Activity> & { readonly isMessage?: true } = {}): Activity {
  const { isMessage, ...state } = more;
  const row = { ...{ id, time, chatId: id as ChatId, caption: '', viewOnce: false, isPaused: false, items: [] } };
  return { ...activityOf(isMessage ? row : { ...row, status: STATUS }), ...state };
}

describe('S-STATUS-15 what was shared before', () => {
  it('goes first while it is sealed, waits for its turn, or is under way; also after a restart and within a millisecond', () => {
    for (const state of ['sealing', 'waiting', 'uploading'] as const) {
      const [first, second] = [sending('b', 1, { state }), sending('a', 2)];
      expect([isBehind(second, [second, first]), isBehind(first, [second, first])], state).toEqual([true, false]);
    }
    const [one, twin] = [sending('b', 1), sending('a', 1)];
    expect([isBehind(one, [one, twin]), isBehind(twin, [one, twin])]).toEqual([false, true]);
  });

  it('holds up nobody when it has to be tried again, is paused, or has failed', () => {
    const second = sending('b', 2);
    const resting = sending('a', 1, { rest: () => undefined });
    for (const first of [resting, sending('a', 1, { state: 'paused' }), sending('a', 1, { state: 'failed' })])
      expect(isBehind(second, [first, second]), first.state).toBe(false);
  });

  it('holds up no message, and none holds it up', () => {
    const [message, status] = [sending('a', 1, { isMessage: true }), sending('b', 2)];
    const later = sending('c', 3, { isMessage: true });
    const all = [message, status, later];
    expect(all.map((each) => isBehind(each, all))).toEqual([false, false, false]);
  });
});
