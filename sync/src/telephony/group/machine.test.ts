/**
 * The state machine of calls of groups: every event in every state that can be reached with two other members and an own second
 * device. Timers fire only if they are armed, so that what they promise is checked too.
 */
import { ready } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { aGroup, NOW, groupFactsOf, groupHeard, hereOf, otherGroup } from '../../../test/support/group-phone.ts';
import { aCandidate, bytesOf, callIdOf, descriptionOf, partyOf } from '../../../test/support/phone.ts';
import { GROUP_CALL_LIMITS } from '../../api-group-call.ts';
import type { GroupCallWord } from '../../payload/group-call-parts.ts';
import type { Party } from '../state.ts';
import type { GroupCallEvent, GroupEffect, GroupStep, GroupTimerName } from './events.ts';
import { groupStep } from './machine.ts';
import { type GroupCallState, NO_GROUP_CALLS, type OwnCall, ownCall, talkingTo } from './state.ts';

// The events are made of hashes.
await ready();

/** A state and the timers that are armed in it, by call and name. */
interface Node {
  readonly state: GroupCallState;
  readonly timers: ReadonlySet<string>;
}

const [LOWER, MINE, HIGHER] = [callIdOf(3), callIdOf(5), callIdOf(7)];
const [ann, tablet, bob, cleo] = [partyOf('ann'), partyOf('ann', 'tablet'), partyOf('bob'), partyOf('cleo')];
const ALL = [ann, tablet, bob, cleo];
const fingerprint = bytesOf('fingerprint ann');
const SILENT = { microphone: false, camera: false, screen: false };

function joined(callId: string, holder = 'tab', chatId = aGroup): Extract<GroupCallEvent, { type: 'join' }> {
  return { type: 'join', callId, chatId, video: false, holder, fingerprint, mayBegin: true };
}

/** What the user and the tab do with one call. */
function done(callId: string): readonly GroupCallEvent[] {
  return [
    joined(callId),
    { type: 'leave', callId },
    { type: 'ignore', callId },
    { type: 'keep', callId, holder: 'tab' },
  ];
}

function doneInTalk(callId: string): readonly GroupCallEvent[] {
  return [
    joined(callId, 'other tab'),
    { type: 'media', callId, media: SILENT, hand: true },
    { type: 'keep', callId, holder: 'other tab' },
    { type: 'send', callId, holder: 'tab', to: bob.device, signal: aCandidate },
    { type: 'send', callId, holder: 'tab', to: cleo.device, signal: descriptionOf('OFFER', bytesOf('another')) },
    { type: 'take', callId, holder: 'tab', from: bob.device, upTo: 1 },
  ];
}

/** What a device says to this one between the stays that began at these times. */
function between(name: string, mine = NOW, yours = NOW): readonly GroupCallWord[] {
  const stays = { mine, yours };
  const offer = descriptionOf('OFFER', bytesOf(`fingerprint ${name}`));
  return [
    { type: 'key', stays, key: { id: 0, key: bytesOf(`key of ${name}`) } },
    { type: 'key', stays, key: { id: 1, key: bytesOf(`next key of ${name}`) } },
    { type: 'signal', stays, seq: 1, signal: offer },
    { type: 'signal', stays, seq: 1, signal: descriptionOf('OFFER', bytesOf('another')) },
    { type: 'got', stays, received: 1, key: 1 },
  ];
}

const said = (from: Party, callId: string, words: readonly GroupCallWord[]): readonly GroupCallEvent[] =>
  words.map((word) => groupHeard(from, callId, word));

function roster(...devices: readonly Party[]): GroupCallEvent {
  return { type: 'roster', chatId: aGroup, devices, blocked: [] };
}

/** One call, with all that may be said in it. */
const TALK: readonly GroupCallEvent[] = [
  ...done(MINE),
  ...doneInTalk(MINE),
  ...said(bob, MINE, [hereOf('bob'), { type: 'left', joinedAt: NOW }, ...between('bob'), ...between('bob', NOW - 1)]),
  groupHeard(bob, MINE, hereOf('bob', NOW + 5)),
  groupHeard(ann, MINE, hereOf('ann')),
  roster(ann, tablet),
  roster(bob),
];

/** Who is in it changes. */
const COMINGS: readonly GroupCallEvent[] = [
  ...done(MINE),
  ...[bob, cleo].flatMap((one) => said(one, MINE, [hereOf('them'), { type: 'left', joinedAt: NOW }])),
  ...said(tablet, MINE, [hereOf('tablet', NOW - 5), { type: 'left', joinedAt: NOW - 5 }]),
  groupHeard(bob, MINE, between('bob')[4] ?? hereOf('bob')),
  groupHeard(cleo, MINE, hereOf('cleo'), { isBlocked: true }),
  roster(...ALL),
  roster(ann, cleo),
  { type: 'roster', chatId: aGroup, devices: ALL, blocked: [bob.account] },
];

/** Several calls at once, some of which look old. */
const SEVERAL: readonly GroupCallEvent[] = [
  ...[LOWER, MINE, HIGHER].flatMap(done),
  groupHeard(bob, LOWER, hereOf('bob')),
  groupHeard(bob, LOWER, hereOf('bob', NOW, { age: 2_000, startedAt: 5 })),
  groupHeard(cleo, HIGHER, hereOf('cleo', NOW, { startedAt: 5 })),
  groupHeard(cleo, HIGHER, { type: 'left', joinedAt: NOW }),
  groupHeard(bob, LOWER, { type: 'left', joinedAt: NOW }),
  groupHeard(cleo, LOWER, hereOf('cleo'), { chatId: otherGroup }),
  groupHeard(bob, MINE, between('bob')[0] ?? hereOf('bob')),
  groupHeard(tablet, LOWER, { type: 'ignored' }),
  groupHeard(bob, MINE, { type: 'ignored' }),
];

/** In a group in which not all may write. */
const ANNOUNCED: readonly GroupCallEvent[] = [
  ...done(MINE),
  { ...joined(LOWER), mayBegin: false },
  groupHeard(bob, MINE, hereOf('bob'), { mayBegin: false }),
  groupHeard(cleo, MINE, hereOf('cleo')),
  groupHeard(tablet, MINE, { type: 'ignored' }),
  ...[bob, cleo].flatMap((one) => said(one, MINE, [{ type: 'left', joinedAt: NOW }])),
];

function timersOf({ timers }: Node): readonly GroupCallEvent[] {
  return [...timers].map((armed): GroupCallEvent => {
    const at = armed.indexOf(' ');
    return { type: 'timer', callId: armed.slice(0, at), name: armed.slice(at + 1) as GroupTimerName };
  });
}

/** As `group-telephony.ts` does it: a timer that fires is not armed any more. */
function after(node: Node, event: GroupCallEvent, { state, effects }: GroupStep): Node {
  const timers = new Set(node.timers);
  if (event.type === 'timer') timers.delete(`${event.callId} ${event.name}`);
  for (const effect of effects) {
    if (effect.type === 'timer') timers.add(`${effect.callId} ${effect.name}`);
    if (effect.type === 'stop')
      for (const armed of timers)
        if (armed === `${effect.callId} ${effect.name ?? ''}` || (!effect.name && armed.startsWith(effect.callId)))
          timers.delete(armed);
  }
  return { state, timers };
}

/** Equal for states between which no event tells a difference. */
function keyOf({ state, timers }: Node): string {
  const calls = state.calls.map((call) => ({ ...call, mine: call.mine && { ...call.mine, said: 0 } }));
  const gone = state.gone.map(({ callId, device, joinedAt }) => `${callId} ${device} ${String(joinedAt)}`).sort();
  return plain([calls, gone, [...state.rung].sort(), [...timers].sort()]);
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? 0 : each));
}

/** What breaks a promise in this step, in words. */
function broken(node: Node, event: GroupCallEvent, made: GroupStep, next: Node): readonly string[] {
  const before = node.state;
  const { state, effects, error } = made;
  const [own, was] = [ownCall(state), ownCall(before)];
  const faults: readonly (readonly [string, boolean])[] = [
    ['a refused wish changed something', error !== undefined && (state !== before || effects.length > 0)],
    ['in two calls', state.calls.filter(({ mine }) => mine !== undefined).length > 1],
    ['two calls in one group', !areDifferent(state.calls.map(({ chatId }) => chatId))],
    ['two calls with one id', !areDifferent(state.calls.map(({ callId }) => callId))],
    ['a call that nobody is in', state.calls.some(({ others, mine }) => others.length === 0 && !mine)],
    ['too many in it', state.calls.some(({ others }) => others.length > GROUP_CALL_LIMITS.members)],
    ['a device twice, or this one', state.calls.some(({ others }) => !areDifferent([ann, ...devicesIn(others)]))],
    ['whoever left is in it', state.calls.some((call) => call.others.some((one) => isGone(state, call.callId, one)))],
    ['too much to do', effects.length > 24],
    ['a key for somebody else', keysTold(effects).some(({ device }) => !isTalkedTo(own, device))],
    ['a signal for somebody else', told(effects, 'signal').some(({ device }) => !isTalkedTo(own, device))],
    ['the same key for others', isSameKeyForOthers(was, own)],
    ['others, and not all have the key', isOther(was, own) && !isToldToAll(own, effects)],
    ['a key of its own making', isInvented(was, own)],
    ['two records', effects.filter(({ type }) => type === 'record').length > 1],
    ['a record of what it is in', effects.some((effect) => isRecordOf(effect, own?.callId))],
    ['a record of what it did not begin', effects.some((effect) => effect.type === 'record' && !was?.mine.began)],
    ['it began it and tells nothing', was?.mine.began === true && own === undefined && !hasRecord(effects)],
    ['rings while it is in it', own !== undefined && own.ring !== 'silent'],
    ['rings again', state.calls.some((call) => call.ring !== 'silent' && isSilenced(before, call.callId))],
    ['begun by who may not', event.type === 'join' && !event.mayBegin && own?.mine.began === true && was === undefined],
    ['rings for who may not begin', isRungBy(event, false) && rings(state) && !rings(before)],
    ['timers', lacking(next).length > 0],
    ['a timer of nothing', [...next.timers].some((armed) => !isFor(state, armed))],
  ];
  return faults.flatMap(([fault, is]) =>
    is ? [`${fault} ${lacking(next).join()}: ${plain(event)}: ${plain(before)} -> ${plain(state)}`] : [],
  );
}

function areDifferent(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size === values.length;
}

function devicesIn(others: OwnCall['others']): readonly Party[] {
  return others.map(({ party }) => party);
}

function isGone(state: GroupCallState, call: string, { party, joinedAt }: OwnCall['others'][number]): boolean {
  return state.gone.some((gone) => gone.callId === call && gone.device === party.device && joinedAt <= gone.joinedAt);
}

function told(effects: readonly GroupEffect[], type: GroupCallWord['type']): readonly Party[] {
  return effects.flatMap((effect) => (effect.type === 'tell' && effect.part.word.type === type ? [effect.to] : []));
}

const keysTold = (effects: readonly GroupEffect[]): readonly Party[] => told(effects, 'key');

function isTalkedTo(own: OwnCall | undefined, device: string): boolean {
  return own !== undefined && talkingTo(own).some(({ party }) => party.device === device);
}

function newest({ mine }: OwnCall) {
  return mine.next ?? mine.key;
}

/** In the same stay, those whom this device talks to are others than before. */
function isOther(was: OwnCall | undefined, own: OwnCall | undefined): own is OwnCall {
  if (was === undefined || own === undefined) return false;
  const names = (call: OwnCall): string =>
    talkingTo(call)
      .map(({ party, joinedAt }) => `${party.device} ${String(joinedAt)}`)
      .sort()
      .join();
  return was.callId === own.callId && was.mine.joinedAt === own.mine.joinedAt && names(was) !== names(own);
}

function isSameKeyForOthers(was: OwnCall | undefined, own: OwnCall | undefined): boolean {
  if (was === undefined || !isOther(was, own)) return false;
  const [a, b] = [newest(was), newest(own)];
  return isSame(a.key, b.key) || a.id === b.id;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, at) => byte === b[at]);
}

function isToldToAll(own: OwnCall | undefined, effects: readonly GroupEffect[]): boolean {
  const names = keysTold(effects).map(({ device }) => device);
  return own === undefined || talkingTo(own).every(({ party }) => names.includes(party.device));
}

/** What it seals with was not told to anybody before, although there is somebody. */
function isInvented(was: OwnCall | undefined, own: OwnCall | undefined): boolean {
  if (was === undefined || own?.callId !== was.callId || talkingTo(own).length === 0) return false;
  const known = [was.mine.key, newest(was)];
  return !known.some(({ key }) => isSame(key, own.mine.key.key)) && own.mine.joinedAt === was.mine.joinedAt;
}

function isRecordOf(effect: GroupEffect, callId: string | undefined): boolean {
  return effect.type === 'record' && effect.record.callId === callId;
}

function hasRecord(effects: readonly GroupEffect[]): boolean {
  return effects.some(({ type }) => type === 'record');
}

/** It had rung, or was not to, and does not any more. */
function isSilenced(before: GroupCallState, callId: string): boolean {
  const call = before.calls.find((each) => each.callId === callId);
  return before.rung.includes(callId) && (call === undefined || call.ring === 'silent');
}

function rings({ calls }: GroupCallState): boolean {
  return calls.some(({ ring }) => ring === 'rings');
}

/** Somebody is heard of whom others are told, or not, that they may begin a call. */
function isRungBy(event: GroupCallEvent, mayBegin: boolean): boolean {
  return event.type === 'heard' && event.word.type === 'here' && event.mayBegin === mayBegin;
}

/** Timers that should be armed and are not: without them nothing would end it, or nobody would hear of it. */
function lacking({ state, timers }: Node): readonly string[] {
  return state.calls.flatMap((call) => {
    const { mine, others, ring } = call;
    const isUnheard =
      mine !== undefined &&
      talkingTo(call).some(({ link }) => link.signals.unacked.length > 0 || link.has !== (mine.next ?? mine.key).id);
    const needed: readonly string[] = [
      ...others.map(({ party }) => `gone ${party.device}`),
      ...(mine === undefined ? [] : ['here', 'holder']),
      ...(mine?.next === undefined ? [] : ['key']),
      ...(isUnheard ? ['again'] : []),
      ...(ring === 'rings' ? ['ring'] : []),
    ];
    return needed.filter((name) => !timers.has(`${call.callId} ${name}`));
  });
}

function isFor({ calls }: GroupCallState, armed: string): boolean {
  const at = armed.indexOf(' ');
  const [callId, name] = [armed.slice(0, at), armed.slice(at + 1)];
  const call = calls.find((each) => each.callId === callId);
  if (call === undefined) return false;
  if (name.startsWith('gone ')) return call.others.some(({ party }) => `gone ${party.device}` === name);
  return name === 'ring' ? call.ring === 'rings' : call.mine !== undefined;
}

/** Longer stories than this are like this one. */
function isEnough({ state }: Node): boolean {
  const own = ownCall(state);
  const links = own?.others.flatMap(({ link }) => link ?? []) ?? [];
  const isLong = links.some(({ signals }) => signals.sent > 1 || signals.received > 1);
  return isLong || state.gone.some(({ joinedAt }) => joinedAt > NOW + 5) || (own !== undefined && newest(own).id > 2);
}

/** States that are looked at, those with the shortest stories first. */
const MOST = 500;

function explore(events: readonly GroupCallEvent[]) {
  const start: Node = { state: NO_GROUP_CALLS, timers: new Set() };
  const seen = new Map([[keyOf(start), start]]);
  const faults: string[] = [];
  for (const node of seen.values()) {
    if (faults.length >= 3) break;
    for (const event of [...events, ...timersOf(node)]) {
      const state = { ...node.state, lately: [] };
      const made = groupStep(state, event, groupFactsOf(ann));
      const again =
        made.error === undefined ? made : { ...made, state: made.state === state ? node.state : made.state };
      const next = after(node, event, again);
      if (faults.length < 10) faults.push(...broken(node, event, again, next));
      const key = keyOf(next);
      if (!seen.has(key) && !isEnough(next) && seen.size < MOST) seen.set(key, next);
    }
  }
  return { states: seen.size, faults };
}

describe('the calls of groups of a device', () => {
  const alphabets = {
    'one call': TALK,
    'who is in it changes': COMINGS,
    'several calls': SEVERAL,
    'not all may begin': ANNOUNCED,
  };
  it.each(Object.entries(alphabets))(
    'S-GCALL-1 whatever happens in whatever state: %s',
    { timeout: 60_000 },
    (_, events) => {
      const found = explore(events);
      expect(found.faults).toEqual([]);
      expect(found.states).toBeGreaterThan(100);
    },
  );
});

describe('S-GCALL-17 a device in another call than it was in', () => {
  const step = (state: GroupCallState, event: GroupCallEvent): GroupCallState =>
    groupStep(state, event, groupFactsOf(ann)).state;
  const after = (...events: readonly GroupCallEvent[]): GroupCallState => events.reduce(step, NO_GROUP_CALLS);

  it.each([
    ['first', LOWER],
    ['last', HIGHER],
  ])('has left that one, and the new one rings, also if its id comes %s', (_, next) => {
    const state = after(
      ...[groupHeard(bob, MINE, hereOf('bob')), { type: 'ignore', callId: MINE } as const],
      groupHeard(bob, next, hereOf('bob', NOW + 1)),
    );
    expect(state.calls.map(({ callId, ring }) => [callId, ring])).toEqual([[next, 'rings']]);
  });

  it('is out of the call that this device goes on in', () => {
    const state = after(
      ...[joined(MINE), groupHeard(bob, MINE, hereOf('bob')), groupHeard(cleo, MINE, hereOf('cleo'))],
      groupHeard(bob, HIGHER, hereOf('bob', NOW + 1)),
    );
    expect(ownCall(state)?.others.map(({ party }) => party)).toEqual([cleo]);
  });

  it('is still in the one that it came to last when an older word comes late', () => {
    const state = after(groupHeard(bob, MINE, hereOf('bob', NOW + 1)), groupHeard(bob, HIGHER, hereOf('bob')));
    expect(state.calls.map(({ callId, others }) => [callId, others.length])).toEqual([[MINE, 1]]);
  });
});
