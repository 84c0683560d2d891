/** Eight devices in a call, and the ones that come then. */
import { ready } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { aGroup, NOW, groupFactsOf, groupHeard, hereOf } from '../../../test/support/group-phone.ts';
import { bytesOf, callIdOf, partyOf } from '../../../test/support/phone.ts';
import type { GroupCallEvent, GroupEffect } from './events.ts';
import { groupCallViews } from './group-call-view.ts';
import { groupStep } from './machine.ts';
import { type GroupCallState, NO_GROUP_CALLS, ownCall } from './state.ts';

// The events are made of hashes.
await ready();

const CALL = callIdOf(5);
const me = partyOf('me');
const others = Array.from({ length: 9 }, (_, at) => partyOf(`other ${String(at)}`));

const JOIN: GroupCallEvent = {
  ...{ type: 'join', callId: CALL, chatId: aGroup, video: false, holder: 'tab', mayBegin: true },
  fingerprint: bytesOf('fingerprint me'),
};

/** What these events make of it, one after the other at this time. */
function after(events: readonly GroupCallEvent[], { now = NOW, from = NO_GROUP_CALLS } = {}) {
  let state: GroupCallState = from;
  const effects: GroupEffect[] = [];
  let error: string | undefined;
  for (const event of events) {
    const made = groupStep(state, event, groupFactsOf(me, { now }));
    state = made.state;
    effects.push(...made.effects);
    error = made.error?.type;
  }
  return { state, effects, error };
}

/** These say that they are in it; the first came first. */
const come = (count: number, since = NOW - 60_000): readonly GroupCallEvent[] =>
  others.slice(0, count).map((party, at) => groupHeard(party, CALL, hereOf(party.device, since + at)));

const isFull = (state: GroupCallState): boolean | undefined =>
  groupCallViews(state, { nameOf: () => '', titleOf: () => '', me })[0]?.full;

describe('a call that is full', () => {
  it('S-GCALL-14 eight may be in it; a ninth is refused, and is neither shown nor told anything', () => {
    const eight = after(come(8)).state;
    expect(isFull(eight)).toBe(true);
    const refused = groupStep(eight, JOIN, groupFactsOf(me));
    expect(refused).toMatchObject({ error: { type: 'CallFull', limit: 8 }, effects: [] });
    expect(after(come(9)).state.calls[0]?.others.map(({ party }) => party)).toEqual(others.slice(0, 8));
    const inIt = after([...come(7), JOIN]).state;
    expect([ownCall(inIt)?.others.length, isFull(inIt)]).toEqual([7, true]);
    const late = after([groupHeard(others[7] ?? me, CALL, hereOf('late', NOW + 5))], { now: NOW + 60_000, from: inIt });
    expect(late.effects).toEqual([]);
    expect(ownCall(late.state)?.others.map(({ party }) => party)).toEqual(others.slice(0, 7));
  });

  it('S-GCALL-14 when one goes another may come', () => {
    const [first] = others;
    if (first === undefined) throw new Error('nine');
    const gone = after([...come(8), groupHeard(first, CALL, { type: 'left', joinedAt: NOW })]).state;
    expect(isFull(gone)).toBe(false);
    expect(after([JOIN], { from: gone }).error).toBeUndefined();
  });

  it('S-GCALL-14 of two that come for the last place at once the one that came later goes by itself', () => {
    const [, , , , , , , rival] = others;
    if (rival === undefined) throw new Error('nine');
    const inIt = after([...come(7), JOIN]).state;
    const earlier = after([groupHeard(rival, CALL, hereOf('rival', NOW - 1))], { from: inIt });
    expect(ownCall(earlier.state)).toBeUndefined();
    expect(earlier.effects).toContainEqual(
      expect.objectContaining({
        type: 'sayAll',
        part: expect.objectContaining({ word: { type: 'left', joinedAt: NOW } }) as unknown,
      }),
    );
    const later = after([groupHeard(rival, CALL, hereOf('rival', NOW + 1))], { from: inIt });
    expect(ownCall(later.state)).toBeDefined();
    // Whoever has been in it for long does not go, whatever a newcomer says of its time.
    const claimed = after([groupHeard(rival, CALL, hereOf('rival', 1))], { from: inIt, now: NOW + 60_000 });
    expect(ownCall(claimed.state)).toBeDefined();
  });

  it('S-GCALL-3 of one account five new calls ring in a minute', () => {
    const [caller] = others;
    if (caller === undefined) throw new Error('nine');
    const rings = Array.from({ length: 8 }, (_, at) => {
      const callId = callIdOf(50 + at);
      return [
        groupHeard(caller, callId, hereOf('caller')),
        groupHeard(caller, callId, { type: 'left', joinedAt: NOW }),
      ];
    });
    let state = NO_GROUP_CALLS;
    const rang = rings.map(([begun, over]) => {
      if (begun === undefined || over === undefined) throw new Error('both');
      const on = after([begun], { from: state }).state;
      state = after([over], { from: on }).state;
      return on.calls[0]?.ring;
    });
    expect(rang).toEqual([...Array<string>(5).fill('rings'), ...Array<string>(3).fill('silent')]);
    expect(after([rings[6]?.[0] ?? JOIN], { from: NO_GROUP_CALLS, now: NOW }).state.calls[0]?.ring).toBe('rings');
  });

  it('S-GCALL-3 what looks old rings only when it is said again, and not what has been on for long', () => {
    const [caller] = others;
    if (caller === undefined) throw new Error('nine');
    const old = groupHeard(caller, CALL, hereOf('caller', NOW, { startedAt: NOW - 3_600_000 }));
    const once = after([old]).state;
    expect(once.calls[0]?.ring).toBe('doubted');
    expect(after([old], { from: once }).state.calls[0]?.ring).toBe('rings');
    const long = groupHeard(caller, CALL, hereOf('caller', NOW, { age: 30_000 }));
    expect(after([long, long]).state.calls[0]?.ring).toBe('silent');
  });
});
