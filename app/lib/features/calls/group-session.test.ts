import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { GroupCallMember, GroupCallView, GroupCallWire, GroupWirePeer } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { FakeBrowser, type FakeLink } from './fake-media.ts';
import { GroupSession } from './group-session.svelte.ts';
import { LocalMedia } from './local-media.svelte.ts';
import { CallPreferences } from './preferences.svelte.ts';

const OFF = { microphone: true, camera: false, screen: false };
const CAMERA = { ...OFF, camera: true };

const member = (deviceId: string, joinedAt: number, rest: Partial<GroupCallMember> = {}): GroupCallMember => ({
  ...{ deviceId, joinedAt, accountId: `of ${deviceId}`, name: deviceId, me: false, media: OFF },
  ...rest,
});
const ME = member('m', 5, { me: true });

const peer = (deviceId: string, rest: Partial<GroupWirePeer> = {}): GroupWirePeer => ({
  ...{
    deviceId,
    accountId: `of ${deviceId}`,
    stay: '1 1',
    offers: true,
    fingerprint: new Uint8Array(32),
    signals: [],
    keys: [],
  },
  ...rest,
});

let client: FakeClient;
let browser: FakeBrowser;
let session: GroupSession;
let media: LocalMedia;
let framed: string[];
let breakFrames: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  client = new FakeClient();
  for (const name of [
    'leaveGroupCall',
    'tellGroupCall',
    'sendGroupSignal',
    'takeGroupSignals',
    'keepGroupCall',
  ] as const)
    client.on(name, () => done(null));
  browser = new FakeBrowser();
  framed = [];
  const preferences = new CallPreferences({ recall: () => undefined, remember: () => undefined });
  const opened = await LocalMedia.open(browser, preferences);
  if (!opened.ok) throw new Error('no microphone');
  media = opened.value;
  session = new GroupSession({
    ...{ app: new App(client), holder: 'tab', media, preferences, identity: await browser.createIdentity() },
    connect: browser.connect,
    frames: (onbroken) => {
      breakFrames = onbroken;
      return {
        seal: ({ id }) => framed.push(`seal ${String(id)}`),
        open: (from) => framed.push(`open ${from}`),
        attach: () => ({}) as MediaStream,
        close: () => framed.push('close'),
      };
    },
  });
  return () => {
    session.close();
    vi.useRealTimers();
  };
});

function publish(members: readonly GroupCallMember[], rest: Partial<GroupCallWire> = {}): Promise<unknown> {
  const callId = rest.callId ?? 'c';
  const view: GroupCallView = {
    ...{ callId, chatId: 'g', title: 'Group', video: true, startedAt: 0, ringing: false, by: 'a', holder: 'tab' },
    ...{ members, full: false },
  };
  const peers = members.filter(({ me }) => !me).map(({ deviceId }) => peer(deviceId));
  client.publish('groupCallWire', { callId, holder: 'tab', key: { id: 3, key: new Uint8Array(32) }, peers, ...rest });
  client.publish('groupCalls', [
    { ...view, callId: 'other', chatId: 'h', holder: 'another tab', members: [member('x', 0)] },
    view,
  ]);
  return vi.advanceTimersByTimeAsync(0);
}

function link(i: number): FakeLink {
  const found = browser.links[i];
  if (!found) throw new Error('no such connection');
  return found;
}

it('MESH-1 connects with everybody when the engine says that it is in the call, and shows how each is', async () => {
  client.publish('groupCallWire', null);
  expect([session.isClosed, session.members]).toEqual([false, []]);
  await publish([member('a', 1), ME, member('b', 9)]);
  expect(session.callId).toBe('c');
  expect(framed).toEqual(['seal 3', 'open a', 'open b']);
  const stream = {} as MediaStream;
  link(0).options.onstream(stream);
  link(0).options.onstate('connected');
  link(0).counts = { at: 0, bytes: 0, received: 100, lost: 0, frames: 1, sounds: 1, level: 0.25 };
  await vi.advanceTimersByTimeAsync(2000);
  expect(
    session.members.map(({ deviceId, state, stream, quality, level }) => [deviceId, state, stream, quality, level]),
  ).toEqual([
    ['a', 'connected', stream, 'poor', 0.25],
    ['m', 'connected', undefined, undefined, 0],
    ['b', 'connecting', undefined, undefined, 0],
  ]);
});

it('tells the engine what is on, whether the hand is raised, and that it is there', async () => {
  await publish([ME]);
  expect(client.inputs('tellGroupCall')).toEqual([{ callId: 'c', media: OFF, hand: false }]);
  session.setHand(true);
  media.setMuted(true);
  expect(client.inputs('tellGroupCall').at(-1)).toEqual({
    callId: 'c',
    media: { ...OFF, microphone: false },
    hand: true,
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(client.inputs('keepGroupCall')).toEqual(Array(2).fill({ callId: 'c', holder: 'tab' }));
});

it('carries what connections say, and says how far it has come', async () => {
  const signals = [{ type: 'OFFER', payload: '{}', n: 1 } as const];
  await publish([member('a', 1), ME], { peers: [peer('a', { signals })] });
  expect(link(0).done).toContain('receive OFFER');
  expect(client.inputs('takeGroupSignals')).toEqual([{ callId: 'c', holder: 'tab', from: 'a', upTo: 1 }]);
  link(0).options.send({ type: 'ANSWER', payload: '{}' });
  expect(client.inputs('sendGroupSignal')).toEqual([
    { callId: 'c', holder: 'tab', to: 'a', signal: { type: 'ANSWER', payload: '{}' } },
  ]);
});

it('MESH-3 sends its picture only when not too many others’ come before it', async () => {
  const others = ['a', 'b', 'c', 'd'].map((name, i) => member(name, i, { media: CAMERA }));
  await publish([...others, ME]);
  await media.setCamera(true);
  await vi.advanceTimersByTimeAsync(0);
  const own = (): boolean | undefined => session.members.find(({ me }) => me)?.isShown;
  expect([own(), link(0).done.filter((word) => word.startsWith('video'))]).toEqual([false, []]);
  await publish([...others.slice(1), ME]);
  expect([own(), link(1).done.at(-1)]).toEqual([true, 'video camera']);
  await media.setCamera(false);
  await vi.advanceTimersByTimeAsync(0);
  expect([own(), link(1).done.findLast((word) => word.startsWith('video'))]).toEqual([false, 'video none']);
});

it('MESH-4 sends each less when there are more', async () => {
  await publish([member('a', 1), ME]);
  await publish([member('a', 1), member('b', 1), member('d', 1), member('e', 1), ME]);
  expect(link(0).done.findLast((word) => word.startsWith('limit'))).toBe('limit 750000');
});

it('goes on when two calls became one', async () => {
  await publish([member('a', 1), ME]);
  await publish([member('a', 1), ME], { callId: 'smaller' });
  expect([session.callId, session.isClosed, browser.links.length]).toEqual(['smaller', false, 2]);
  expect(client.inputs('tellGroupCall').at(-1)).toMatchObject({ callId: 'smaller' });
});

it.each<[string, () => unknown]>([
  ['the user leaves', () => session.leave()],
  ['the engine says that it is not in it', () => client.publish('groupCallWire', null)],
  [
    'the engine knows of no such call any more',
    () => {
      client.on('keepGroupCall', () => refused({ type: 'UnknownCall' }));
      return vi.advanceTimersByTimeAsync(5000);
    },
  ],
  ['frames cannot be sealed any more', () => breakFrames()],
])('MESH-5 lets everything go when %s', async (_why, end) => {
  await publish([member('a', 1), ME]);
  await media.setCamera(true);
  await end();
  await vi.advanceTimersByTimeAsync(0);
  expect([session.isClosed, browser.open, session.members]).toEqual([true, [], []]);
  expect([link(0).done.at(-1), framed.at(-1)]).toEqual(['close', 'close']);
  expect(client.watchers('groupCallWire') + client.watchers('groupCalls')).toBe(0);
});

describe('MESH-6 a tab that was silent for too long', () => {
  /** No keeping is answered any more, and then the engine takes the tab out. */
  async function fallSilent(ms = 12_000): Promise<void> {
    await publish([member('a', 1), ME]);
    session.setHand(true);
    client.on('keepGroupCall', () => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(ms);
    client.publish('groupCallWire', null);
    await vi.advanceTimersByTimeAsync(0);
  }

  it('joins again with what it had, connects anew, and tells what is on', async () => {
    client.on('joinGroupCall', ({ callId }) => done({ callId }));
    await fallSilent();
    expect(client.inputs('joinGroupCall')).toEqual([
      { callId: 'c', chatId: 'g', video: true, holder: 'tab', keys: { fingerprint: session.fingerprint } },
    ]);
    await publish([member('a', 1), { ...ME, joinedAt: 9 }], { peers: [peer('a', { stay: '9 1' })] });
    expect([session.isClosed, session.callId, browser.links.length]).toEqual([false, 'c', 2]);
    expect(client.inputs('tellGroupCall').at(-1)).toEqual({ callId: 'c', media: OFF, hand: true });
    expect(browser.open).toEqual(['microphone']);
  });

  it('lets everything go after more than a minute: nobody expects to be heard then', async () => {
    await fallSilent(61_000);
    expect([session.isClosed, browser.open, client.inputs('joinGroupCall')]).toEqual([true, [], []]);
  });

  it('lets everything go when it may not', async () => {
    client.on('joinGroupCall', () => refused({ type: 'UnknownCall' }));
    await fallSilent();
    expect([session.isClosed, browser.open]).toEqual([true, []]);
  });

  it('leaves again when its user left meanwhile', async () => {
    let isIn = (): void => undefined;
    const joined = new Promise<void>((resolve) => (isIn = resolve));
    client.on('joinGroupCall', async ({ callId }) => {
      await joined;
      return { ok: true, value: { callId } };
    });
    await fallSilent();
    await session.leave();
    isIn();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.inputs('leaveGroupCall')).toEqual([{ callId: 'c' }]);
  });
});

it('MESH-5 tells the engine that it left, and that it had to', async () => {
  await publish([ME]);
  breakFrames();
  await vi.advanceTimersByTimeAsync(0);
  expect([session.isBroken, client.inputs('leaveGroupCall')]).toEqual([true, [{ callId: 'c' }]]);
});
