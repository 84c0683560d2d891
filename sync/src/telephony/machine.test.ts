/**
 * The state machine of calls: every event in every state that can be reached with one contact of two devices, another contact,
 * and an own second device. Timers fire only if they are armed, so that what they promise is checked too.
 */
import { ready } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import {
  aCandidate,
  aChat,
  callIdOf,
  descriptionOf,
  factsOf,
  heard,
  keysOf,
  partyOf,
} from '../../test/support/phone.ts';
import type { PhoneWord } from '../payload/phone-parts.ts';
import { commitmentTo } from './comparison.ts';
import type { Facts, PhoneEvent, Step, TimerName } from './events.ts';
import { step } from './machine.ts';
import { isWritten } from './outcome.ts';
import { type Call, NO_CALLS, type Party, type PhoneState, holderOf, idOf, liveCall } from './state.ts';

// The events are made of hashes.
await ready();

/** A state and the timers that are armed in it, by call and name. */
interface Node {
  readonly state: PhoneState;
  readonly timers: ReadonlySet<string>;
}

const MINE = callIdOf(5);
/** Of Bob, before and after the own one in order, and of Cleo. */
const [LOWER, HIGHER, CLEOS] = [callIdOf(3), callIdOf(7), callIdOf(6)];
/** Of whoever moves a call at the same time. */
const OTHERS = callIdOf(4);

const [ann, tablet, laptop] = [partyOf('ann'), partyOf('ann', 'tablet'), partyOf('ann', 'laptop')];
const [bob, bob2, cleo] = [partyOf('bob'), partyOf('bob', 'bob 2'), partyOf('cleo')];

function ringOf(callId: string, startedAt = 1_000_000): PhoneWord {
  return { type: 'ring', video: false, startedAt, commitment: commitmentTo(callId, keysOf('bob')) };
}

const WORDS: readonly PhoneWord[] = [
  { type: 'ringing' },
  { type: 'accept', ...keysOf('bob') },
  { type: 'taken', deviceId: ann.device },
  { type: 'taken', deviceId: tablet.device },
  { type: 'reveal', ...keysOf('bob') },
  { type: 'decline' },
  { type: 'busy' },
  { type: 'end', reason: 'hungUp' },
];

const WORDS_IN_TALK: readonly PhoneWord[] = [
  { type: 'reveal', ...keysOf('mallory') },
  { type: 'end', reason: 'glare' },
  { type: 'signal', seq: 1, signal: descriptionOf('OFFER', keysOf('bob').fingerprint) },
  { type: 'signal', seq: 1, signal: descriptionOf('OFFER', keysOf('mallory').fingerprint) },
  { type: 'signal', seq: 3, signal: aCandidate },
  { type: 'status', received: 1, held: true, media: { microphone: true, camera: false, screen: false } },
];

/** What the user and the tab do with one call. */
function done(callId: string): readonly PhoneEvent[] {
  return [
    { type: 'answer', callId, holder: 'tab', keys: keysOf('ann') },
    { type: 'decline', callId },
    { type: 'hangUp', callId },
    { type: 'dismiss', callId },
    { type: 'report', callId, holder: 'tab', state: 'connected' },
    { type: 'keep', callId, holder: 'tab' },
  ];
}

function doneInTalk(callId: string): readonly PhoneEvent[] {
  return [
    { type: 'hold', callId, held: true },
    { type: 'send', callId, holder: 'tab', signal: aCandidate },
    { type: 'send', callId, holder: 'other tab', signal: aCandidate },
    { type: 'take', callId, holder: 'tab', upTo: 1 },
    { type: 'report', callId, holder: 'tab', state: 'lost' },
    { type: 'report', callId, holder: 'tab', state: 'failed' },
  ];
}

const STARTS = [true, false].map((isReachable): PhoneEvent => {
  const about = { callId: MINE, chatId: aChat, peer: bob.account, video: true, holder: 'tab', keys: keysOf('ann') };
  return { type: 'start', ...about, isReachable };
});

const said = (from: Party, callId: string, words: readonly PhoneWord[]): readonly PhoneEvent[] =>
  words.map((word) => heard(from, callId, word));

/** One call at a time, with all that may be said and done in it. */
const TALK = [MINE, LOWER].map((callId): readonly PhoneEvent[] => [
  ...(callId === MINE ? STARTS : [heard(bob, LOWER, ringOf(LOWER)), heard(bob, LOWER, ringOf(LOWER, 0))]),
  ...done(callId),
  ...doneInTalk(callId),
  ...said(bob, callId, [...WORDS, ...WORDS_IN_TALK]),
  ...said(bob2, callId, WORDS),
  ...said(cleo, callId, [...WORDS, ...WORDS_IN_TALK, ringOf(callId)]),
  ...said(tablet, callId, WORDS),
  { type: 'left', account: bob.account, devices: [] },
  { type: 'left', account: bob.account, devices: [bob2.device] },
]);

const talkWith = (callId: string): readonly PhoneEvent[] => [
  { type: 'report', callId, holder: 'tab', state: 'connected' },
  { type: 'report', callId, holder: 'tab', state: 'lost' },
  { type: 'hangUp', callId },
  ...said(bob, callId, [...WORDS, ...WORDS_IN_TALK.slice(1, 3), { type: 'end', reason: 'moved' }]),
];

/** Bob moves the call to his second device, and another own device takes it over at the same time. */
const THEIRS = [LOWER, HIGHER].map((part): readonly PhoneEvent[] => {
  const asked = (replaces: string): PhoneWord => {
    return { type: 'move', replaces, commitment: commitmentTo(part, keysOf('bob')) };
  };
  return [
    STARTS[0],
    ...talkWith(MINE),
    ...[bob, bob2, cleo].map((from) => heard(from, part, asked(MINE))),
    heard(bob2, part, asked(CLEOS)),
    heard(bob2, OTHERS, asked(MINE)),
    heard(tablet, OTHERS, asked(MINE)),
    heard(tablet, OTHERS, { type: 'end', reason: 'failed' }),
    ...['tab', 'tab 2'].map((holder): PhoneEvent => ({ type: 'answer', callId: part, holder, keys: keysOf('ann') })),
    { type: 'decline', callId: part },
    { type: 'hangUp', callId: part },
    { type: 'keep', callId: part, holder: 'tab 2' },
    { type: 'media', callId: part, media: { microphone: false, camera: false, screen: false } },
    ...(['connected', 'failed'] as const).map((state): PhoneEvent => ({
      type: 'report',
      callId: part,
      holder: 'tab 2',
      state,
    })),
    { type: 'send', callId: part, holder: 'tab 2', signal: aCandidate },
    ...said(bob2, part, [...WORDS, ...WORDS_IN_TALK.slice(0, 3), { type: 'end', reason: 'cancelled' }]),
    { type: 'left', account: bob.account, devices: [bob.device] },
    { type: 'left', account: bob.account, devices: [bob2.device] },
    { type: 'left', account: bob.account, devices: [] },
  ].filter((event): event is PhoneEvent => event !== undefined);
});

const movesHere = (from: string): PhoneEvent => {
  return { type: 'move', callId: MINE, from, holder: 'tab', keys: keysOf('ann') };
};

/** The tablet talks with Bob, and its user goes on here. */
const OURS = [true, false].map((outgoing): readonly PhoneEvent[] => [
  heard(tablet, LOWER, hereOf(LOWER, outgoing)),
  movesHere(LOWER),
  ...done(MINE),
  ...doneInTalk(MINE),
  ...said(bob, MINE, [...WORDS, ...WORDS_IN_TALK, { type: 'end', reason: 'moved' }]),
  heard(laptop, OTHERS, { type: 'move', replaces: MINE, commitment: commitmentTo(OTHERS, keysOf('ann')) }),
  { type: 'left', account: bob.account, devices: [bob2.device] },
]);

/** What is known of calls of other own devices, which ring here too. */
const KNOWN = [
  [
    ...[LOWER, HIGHER].map((callId) => heard(tablet, callId, hereOf(LOWER, true))),
    heard(laptop, CLEOS, hereOf(CLEOS, false)),
    ...[LOWER, CLEOS].map(movesHere),
    heard(bob, LOWER, ringOf(LOWER)),
    ...said(tablet, LOWER, [
      { type: 'end', reason: 'moved' },
      { type: 'taken', deviceId: tablet.device },
    ]),
    { type: 'hangUp', callId: MINE },
    ...said(bob, MINE, [
      { type: 'accept', ...keysOf('bob') },
      { type: 'end', reason: 'lost' },
    ]),
    heard(bob2, MINE, { type: 'accept', ...keysOf('bob') }),
    { type: 'left', account: bob.account, devices: [bob2.device] },
  ] satisfies readonly PhoneEvent[],
];

function hereOf(first: string, outgoing: boolean): PhoneWord {
  const { account: peer, device: deviceId } = bob;
  const ages = { rang: 30_000, answered: 20_000, connected: 10_000 };
  return { type: 'here', peer, deviceId, first, outgoing, video: true, microphone: false, camera: true, ...ages };
}

/** Both call each other. */
const GLARE = [LOWER, HIGHER].map((callId): readonly PhoneEvent[] => [
  ...STARTS,
  ...[MINE, callId].flatMap((each) => [...done(each), ...said(bob, each, WORDS)]),
  heard(bob, callId, ringOf(callId)),
  heard(bob2, callId, ringOf(callId)),
  heard(cleo, CLEOS, ringOf(CLEOS)),
]);

/** One rings while the user is in another call. */
const WAITING = [
  [
    ...STARTS,
    ...[LOWER, CLEOS].flatMap(done),
    ...said(bob, LOWER, [...WORDS, ringOf(LOWER), ringOf(LOWER, 0)]),
    ...said(cleo, CLEOS, [...WORDS, ringOf(CLEOS)]),
    ...said(cleo, HIGHER, [ringOf(HIGHER)]),
    heard(tablet, CLEOS, { type: 'decline' }),
    { type: 'left', account: cleo.account, devices: [] },
  ] satisfies readonly PhoneEvent[],
];

function timersOf({ timers }: Node): readonly PhoneEvent[] {
  return [...timers].map((armed): PhoneEvent => {
    const [callId = '', name] = armed.split(' ');
    return { type: 'timer', callId, name: name as TimerName };
  });
}

/** As `telephony.ts` does it: a timer that fires is not armed any more. */
function after(node: Node, event: PhoneEvent, { state, effects }: Step): Node {
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

/** Equal for states between which no event tells a difference, but for how full the lists are. */
function keyOf({ state, timers }: Node): string {
  const { main, second, handover, elsewhere, over, doubted } = state;
  const lists = [
    over.map(({ callId, say }) => `${callId} ${say ?? ''}`).sort(),
    doubted.map(({ callId }) => callId).sort(),
    [...timers].sort(),
  ];
  return plain([main, second, handover, elsewhere, lists]);
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? each[0] : each));
}

const ORDER: readonly Call['phase'][] = ['dialling', 'moving', 'asked', 'ringing', 'accepting', 'talking', 'ended'];

function callsOf({ main, second, handover }: PhoneState): readonly Call[] {
  return [main, second, handover].filter((call) => call !== undefined);
}

/** What breaks a promise in this step, in words. */
function broken(node: Node, event: PhoneEvent, made: Step, next: Node): readonly string[] {
  const { state: before } = node;
  const { state, effects, error } = made;
  const calls = callsOf(state);
  const isOver = (callId: string, at = state): boolean => at.over.some((over) => over.callId === callId);
  const records = effects.filter((effect) => effect.type === 'record');
  const ended = callsOf(before).filter(({ phase }) => phase !== 'ended');
  const { elsewhere } = state;
  const faults: readonly (readonly [string, boolean])[] = [
    ['a refused wish changed something', error !== undefined && (state !== before || effects.length > 0)],
    ['two calls with one id', new Set(calls.map(({ callId }) => callId)).size < calls.length],
    ['two calls with one holder', hasSharedHolder(calls)],
    ['what takes the place of nothing', state.handover !== undefined && state.main?.phase !== 'talking'],
    ['on here and elsewhere', elsewhere !== undefined && liveCall(state, elsewhere.callId) !== undefined],
    [
      'a second without a first',
      state.second !== undefined && (state.main === undefined || state.main.phase === 'ended'),
    ],
    ['what is over is on', calls.some(({ phase, callId }) => phase !== 'ended' && isOver(callId))],
    ['what was over is not', before.over.some(({ callId }) => !isOver(callId))],
    [
      'it went without being over',
      ended.some(({ callId }) => liveCall(state, callId) === undefined && !isOver(callId)),
    ],
    ['too much to do', effects.length > 24],
    ['two records', records.length > 1],
    ['a record of what is on', records.some(({ record }) => isOurLive(state, record.callId))],
    ['a record of what was not on', records.some(({ record }) => !isOurLive(before, record.callId))],
    [
      'a record of what goes on elsewhere',
      records.length > 0 && state.main?.phase === 'ended' && state.main.end === 'moved',
    ],
    ['back to an earlier phase', calls.some((call) => isBack(before, call))],
    ['another holder', calls.some((call) => isOtherHolder(before, call))],
    ['told to nobody', effects.some((effect) => effect.type === 'tell' && effect.to.account === '')],
    ...calls.map((call) => [`${call.phase} without its timers`, lacksTimers(call, next)] as const),
    [
      'a timer of what is over',
      [...next.timers].some(
        (armed) => !armed.endsWith(' elsewhere') && !calls.some(({ callId }) => armed.startsWith(callId)),
      ),
    ],
    ['a silence that nobody notices', elsewhere !== undefined && !next.timers.has(`${elsewhere.callId} elsewhere`)],
  ];
  return faults.flatMap(([fault, is]) =>
    is ? [`${fault}: ${event.type} ${plain(event)}: ${plain(before)} -> ${plain(state)}`] : [],
  );
}

function isBack(before: PhoneState, call: Call): boolean {
  const was = callsOf(before).find((each) => each.callId === call.callId);
  return was !== undefined && ORDER.indexOf(call.phase) < ORDER.indexOf(was.phase);
}

function isOtherHolder(before: PhoneState, call: Call): boolean {
  const was = callsOf(before).find((each) => each.callId === call.callId);
  return was !== undefined && holderOf(was) !== undefined && holderOf(was) !== holderOf(call);
}

/** What this device would have to write down: of what comes to it, once it is on here. */
function isOurLive(state: PhoneState, id: string): boolean {
  return callsOf(state).some((call) => call.phase !== 'ended' && idOf(call) === id && isWritten(call));
}

function hasSharedHolder(calls: readonly Call[]): boolean {
  const holders = calls.filter(({ phase }) => phase !== 'ended').flatMap((call) => holderOf(call) ?? []);
  return new Set(holders).size < holders.length;
}

/** Without them nothing would end it, or nobody would hear of it. */
function lacksTimers(call: Call, { timers }: Node): boolean {
  return needed(call).some((name) => !timers.has(`${call.callId} ${name}`));
}

function needed(call: Call): readonly TimerName[] {
  switch (call.phase) {
    case 'dialling':
      return ['giveUp', 'holder'];
    case 'moving':
      return ['ring', 'giveUp', 'holder'];
    case 'asked':
      return ['giveUp'];
    case 'ringing':
      return ['giveUp', 'quiet'];
    case 'accepting':
      return ['accept', 'connect', 'holder'];
    case 'talking':
      return [
        'beat',
        'holder',
        ...(call.line === 'connecting' ? (['connect'] as const) : []),
        ...(call.line === 'reconnecting' ? (['reconnect'] as const) : []),
        ...(call.signals.unacked.length > 0 ? (['resend'] as const) : []),
      ];
    case 'ended':
      return ['shown'];
  }
}

/** Longer rows of signals than this are like this one. */
function isEnough({ state: { main, handover } }: Node): boolean {
  if (handover?.phase === 'talking' && handover.signals.sent + handover.signals.received > 0) return true;
  return main?.phase === 'talking' && (main.signals.sent > 1 || main.signals.received > 1);
}

function explore(
  events: readonly PhoneEvent[],
  facts: Facts,
): {
  readonly states: number;
  readonly steps: number;
  readonly faults: readonly string[];
} {
  const start: Node = { state: NO_CALLS, timers: new Set() };
  const seen = new Map([[keyOf(start), start]]);
  const faults: string[] = [];
  let steps = 0;
  for (const node of seen.values()) {
    if (faults.length >= 3) break;
    for (const event of [...events, ...timersOf(node)]) {
      const made = step({ ...node.state, lately: [] }, event, facts);
      const again = made.error === undefined ? made : { ...made, state: node.state };
      const next = after(node, event, again);
      steps += 1;
      if (faults.length < 10) faults.push(...broken(node, event, again, next));
      const key = keyOf(next);
      if (!seen.has(key) && !isEnough(next)) seen.set(key, next);
    }
  }
  return { states: seen.size, steps, faults };
}

describe('the calls of a device', () => {
  const alphabets = {
    'one call': TALK,
    'both call': GLARE,
    'one more rings': WAITING,
    'they move it': THEIRS,
    'it moves here': OURS,
    'it is on elsewhere': KNOWN,
  };
  const cases = Object.entries(alphabets).flatMap(([name, all]) =>
    all.flatMap((events, index) => [true, false].map((siblings) => ({ name, index, events, siblings }))),
  );

  it.each(cases)('S-PHONE-1 whatever happens in whatever state: $name, $index, siblings $siblings', (one) => {
    const found = explore(one.events, factsOf(ann, { hasSiblings: one.siblings, theirDevices: one.siblings ? 2 : 1 }));
    expect(found.faults).toEqual([]);
    expect(found.states).toBeGreaterThan(100);
  });
});
