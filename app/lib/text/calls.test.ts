import { describe, expect, it } from 'vitest';
import type { CallEnd, CallEntry, CallEvent, CallOutcome, CallView } from '@securechat/sync/api';
import { describeCallEvent, describeEnd, describeEntry, describePhase, describeTrouble, isMissed } from './calls.ts';

const off = { microphone: false, camera: false, screen: false };
const view: CallView = {
  ...{ callId: 'c', chatId: 'chat', peer: 'bob', name: 'Bob', outgoing: true, video: false, phase: 'ringing' },
  ...{ since: 0, reached: false, held: { mine: false, theirs: false }, theirs: off },
};

it('says in words how far a call is', () => {
  expect(describePhase(view, 0)).toBe('Calling…');
  expect(describePhase({ ...view, reached: true }, 0)).toBe('Ringing…');
  expect(describePhase({ ...view, outgoing: false, video: true }, 0)).toBe('Incoming video call');
  expect(describePhase({ ...view, phase: 'connecting' }, 0)).toBe('Connecting…');
  expect(describePhase({ ...view, phase: 'active', answeredAt: 1_000 }, 66_000)).toBe('1:05');
  expect(describePhase({ ...view, phase: 'active', answeredAt: 9_000 }, 1_000)).toBe('0:00');
  expect(describePhase({ ...view, phase: 'active', held: { mine: false, theirs: true } }, 0)).toBe(
    'Bob put the call on hold',
  );
  expect(describePhase({ ...view, phase: 'ended', end: 'declined' }, 0)).toBe('Bob declined');
});

it('has words for every way in which a call ends, and tells apart who called', () => {
  const ends: Record<CallEnd, true> = {
    ...{ hungUp: true, cancelled: true, declined: true, busy: true, missed: true, elsewhere: true },
    ...{ failed: true, tampered: true, unreachable: true, lost: true, moved: true },
  };
  for (const end of Object.keys(ends) as CallEnd[])
    for (const outgoing of [true, false]) expect(describeEnd(end, 'Bob', outgoing).title).toMatch(/\w{4}/);
  expect(describeEnd('missed', 'Bob', true).title).toBe('Bob did not answer');
  expect(describeEnd('missed', 'Bob', false).title).toBe('Missed call');
  expect(describeEnd('moved', 'Bob', false, 'Laptop').title).toBe('Moved to Laptop');
  expect(describeEnd('moved', 'Bob', false).title).toBe('Moved to another device');
});

describe('a call in its chat', () => {
  const event = (outcome: CallOutcome, byMe: boolean): CallEvent => ({
    ...{ type: 'Call', by: 'bob', callId: 'c', video: false, outcome, seconds: outcome === 'answered' ? 185 : 0 },
    names: { by: 'Bob', byMe },
  });

  it.each<[CallOutcome, string, string]>([
    ['answered', 'Voice call, 3:05', 'Voice call, 3:05'],
    ['missed', 'Voice call, no answer', 'Missed voice call'],
    ['cancelled', 'Voice call, cancelled', 'Missed voice call'],
    ['busy', 'Voice call, they were in another call', 'Missed voice call'],
    ['declined', 'Voice call, declined', 'Voice call, declined'],
    ['failed', 'Voice call, no connection', 'Voice call, no connection'],
  ])('that was %s reads “%s” to who called and “%s” to who was called', (outcome, mine, theirs) => {
    expect([describeCallEvent(event(outcome, true)), describeCallEvent(event(outcome, false))]).toEqual([mine, theirs]);
  });
});

it('knows in the list what was missed, and which way a call went', () => {
  const entry: CallEntry = {
    ...{ id: 'record', callId: 'c', chatId: 'chat', peer: 'bob', name: 'Bob', outgoing: false, video: true },
    ...{ outcome: 'cancelled', time: 0, seconds: 0 },
  };
  expect([
    isMissed(entry),
    isMissed({ ...entry, outgoing: true }),
    isMissed({ ...entry, outcome: 'declined' }),
  ]).toEqual([true, false, false]);
  expect(describeEntry(entry)).toBe('Missed video call');
  expect(describeEntry({ ...entry, outcome: 'answered', seconds: 61 })).toBe('Incoming video call, 1:01');
  const { peer: _, ...inGroup } = { ...entry, name: 'Climbing' };
  expect(describeEntry({ ...inGroup, by: 'Bob' })).toBe('Missed video call, from Bob');
  expect(describeEntry({ ...inGroup, by: '', outcome: 'answered' })).toBe('Incoming video call, 0:00, from Somebody');
  expect(describeEntry({ ...inGroup, outgoing: true, outcome: 'missed' })).toBe('Video call, no answer');
});

it('says what to do when the browser gives no microphone', () => {
  expect(describeTrouble('microphone', 'denied').text).toContain('allow it there');
  expect(describeTrouble('camera', 'busy').text).toContain('Another program uses the camera');
});
