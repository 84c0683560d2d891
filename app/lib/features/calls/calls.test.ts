import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallView, CallWire } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { Calls } from './calls.svelte.ts';
import { FakeBrowser, type FakeLink } from './fake-media.ts';
import { CallPreferences } from './preferences.svelte.ts';

const off = { microphone: false, camera: false, screen: false };
const base: CallView = {
  ...{ callId: 'c', chatId: 'chat', peer: 'bob', name: 'Bob', outgoing: true, video: false, phase: 'ringing' },
  ...{ since: 0, reached: false, held: { mine: false, theirs: false }, theirs: off },
};
const incoming: CallView = { ...base, outgoing: false, video: true };

let client: FakeClient;
let browser: FakeBrowser;
let app: App;
let calls: Calls;

beforeEach(() => {
  vi.useFakeTimers();
  client = new FakeClient();
  for (const name of [
    'startCall',
    'answerCall',
    'hangUp',
    'declineCall',
    'tellCallMedia',
    'takeSignals',
    'keepCall',
    'sendSignal',
    'reportConnection',
    'dismissCall',
    'moveCall',
  ] as const)
    client.on(name, () => done(null));
  client.on('iceServers', () => done({ servers: [], expiresAt: 0 }));
  browser = new FakeBrowser();
  app = new App(client);
  const stored = new Map<string, string>();
  const memory = {
    recall: (key: string) => stored.get(key),
    remember: (key: string, value: string) => void stored.set(key, value),
  };
  calls = new Calls(app, browser, new CallPreferences(memory));
  return () => {
    calls.session?.close();
    vi.useRealTimers();
  };
});

interface Started {
  readonly callId: string;
  readonly holder: string;
  readonly video: boolean;
  readonly keys: { readonly fingerprint: Uint8Array };
}

/** Calls Bob, and the engine says so. */
async function start(video: boolean): Promise<Started> {
  await calls.start('chat', video);
  const input = client.inputs('startCall').at(-1) as Started;
  calls.follow({ ...base, callId: input.callId, holder: input.holder, video: input.video });
  return input;
}

async function connect({ callId, holder }: Started, signals: CallWire['signals'] = []): Promise<FakeLink> {
  client.publish('callWire', { callId, holder, offers: true, fingerprint: new Uint8Array(32), signals });
  await vi.advanceTimersByTimeAsync(0);
  const link = browser.links.at(-1);
  if (!link) throw new Error('nothing was connected');
  return link;
}

describe('calling', () => {
  it('asks for what it needs, and hands the fingerprint of its certificate to the engine', async () => {
    const { callId, video, keys } = await start(true);
    expect(callId).toMatch(/^[\w-]{22}$/);
    expect([video, keys.fingerprint]).toEqual([true, new Uint8Array(32).fill(7)]);
    expect(browser.open).toEqual(['microphone', 'camera']);
    expect(calls.session?.isClosed).toBe(false);
    expect(client.inputs('tellCallMedia')).toEqual([
      { callId, media: { microphone: true, camera: true, screen: false } },
    ]);
  });

  it('is a voice call when there is no camera, and none when there is no microphone', async () => {
    browser.refuses = { camera: 'none' };
    expect((await start(true)).video).toBe(false);
    expect(app.toasts.items.map(({ kind }) => kind)).toEqual(['error']);
    calls.session?.close();
    calls.follow(null);
    browser.refuses = { microphone: 'denied' };
    await calls.start('chat', false);
    expect(client.inputs('startCall')).toHaveLength(1);
    expect(calls.trouble).toMatchObject({ what: 'microphone', failure: 'denied' });
    browser.refuses = {};
    calls.trouble?.again?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.inputs('startCall')).toHaveLength(2);
  });

  it('lets go of microphone and camera when the engine refuses', async () => {
    client.on('startCall', () => refused({ type: 'NotCallable' }));
    await calls.start('chat', true);
    expect([browser.given.length, browser.open, calls.isPreparing]).toEqual([2, [], false]);
    expect(app.toasts.items).toHaveLength(1);
  });

  it('says so, and lets go of everything, where there is no WebRTC', async () => {
    browser.createIdentity = () => Promise.reject(new ReferenceError('RTCPeerConnection is not defined'));
    await calls.start('chat', true);
    expect([client.inputs('startCall'), browser.open, calls.isPreparing]).toEqual([[], [], false]);
    expect(app.toasts.items.map(({ text }) => text)).toEqual([expect.stringContaining('cannot make calls')]);
  });

  it('tells the engine when no connection can be made', async () => {
    const call = await start(false);
    browser.failing = true;
    await connect(call).catch(() => undefined);
    expect(client.inputs('reportConnection')).toMatchObject([{ callId: call.callId, state: 'failed' }]);
  });

  it('does not call while this device is in a call, in whatever tab', async () => {
    calls.follow({ ...base, holder: 'another tab', phase: 'active' });
    await calls.start('chat', false);
    expect([client.inputs('startCall'), browser.given, app.toasts.items.length]).toEqual([[], [], 1]);
  });
});

it('answers who calls just now, instead of calling them', async () => {
  calls.follow(incoming);
  await calls.start('chat', false);
  expect([client.inputs('startCall'), client.inputs('answerCall')]).toMatchObject([[], [{ callId: 'c' }]]);
  calls.session?.close();
  calls.follow(null);
  // It came while the engine was asked.
  client.on('startCall', () => {
    calls.follow({ ...incoming, callId: 'd' });
    return refused({ type: 'InCall' });
  });
  await calls.start('chat', false);
  expect(client.inputs('answerCall').at(-1)).toMatchObject({ callId: 'd' });
  expect([calls.session?.isClosed, app.toasts.items]).toEqual([false, []]);
  const { holder = '' } = calls.session ?? {};
  calls.follow({ ...incoming, callId: 'd', holder, phase: 'ended', end: 'cancelled' });
  expect(calls.session?.isClosed).toBe(true);
});

describe('answering', () => {
  it('answers with or without the camera, and is this tab’s from then on', async () => {
    calls.follow(incoming);
    await calls.answer(false);
    const { callId, holder } = client.inputs('answerCall')[0] as Started;
    expect([callId, browser.open]).toEqual(['c', ['microphone']]);
    expect([
      calls.isMine({ ...incoming, holder }),
      calls.isMine(incoming),
      calls.isMine({ ...incoming, holder: 'x' }),
    ]).toEqual([true, false, false]);
    // What the engine said before it knew of the answer ends nothing.
    calls.follow({ ...incoming, reached: true });
    expect(calls.session?.isClosed).toBe(false);
  });

  it('answers and declines the second one while there is one', async () => {
    const first = await start(false);
    const second = { callId: 'd', chatId: 'other', name: 'Cleo', video: false };
    calls.follow({ ...base, callId: first.callId, holder: first.holder, phase: 'active', second });
    await calls.decline();
    expect(client.inputs('declineCall')).toEqual([{ callId: 'd' }]);
    const { session } = calls;
    await calls.answer(false);
    expect(client.inputs('answerCall')).toMatchObject([{ callId: 'd' }]);
    expect([session?.isClosed, calls.session?.isClosed]).toEqual([true, false]);
    // The end of the first one is not the end of the second one.
    calls.follow({ ...base, callId: first.callId, holder: first.holder, phase: 'ended', end: 'hungUp' });
    expect(calls.session?.isClosed).toBe(false);
  });
});

describe('a call that this tab holds', () => {
  it('ends with the engine’s word, and lets go of everything', async () => {
    const call = await start(true);
    const link = await connect(call);
    calls.follow({ ...base, callId: call.callId, holder: call.holder, phase: 'ended', end: 'hungUp' });
    await vi.advanceTimersByTimeAsync(0);
    expect([browser.open, link.done.at(-1), calls.session?.isClosed, client.watchers('callWire')]).toEqual([
      [],
      'close',
      true,
      0,
    ]);
  });

  it('ends at once when it cannot even ring', async () => {
    await calls.start('chat', false);
    const { callId, holder } = client.inputs('startCall')[0] as Started;
    calls.follow({ ...base, callId, holder, phase: 'ended', end: 'unreachable' });
    expect(browser.open).toEqual([]);
  });

  it('goes on under another name after both called each other', async () => {
    const { holder } = await start(false);
    calls.follow({ ...base, callId: 'theirs', holder, outgoing: false, phase: 'connecting' });
    expect([calls.session?.isClosed, calls.session?.callId]).toEqual([false, 'theirs']);
  });

  it('hands on what came, each once and in order, and says how far it is', async () => {
    const call = await start(false);
    const offer = { n: 1, type: 'OFFER', payload: '{}' } as const;
    const link = await connect(call, [offer]);
    await connect(call, [offer, { n: 2, type: 'CANDIDATE', payload: '{}' }]);
    expect(link.done).toEqual(['receive OFFER', 'receive CANDIDATE']);
    expect(client.inputs('takeSignals')).toMatchObject([{ upTo: 1 }, { upTo: 2 }]);
    link.options.send({ type: 'ANSWER', payload: '{}' });
    link.options.onstate('connected');
    const { callId, holder } = call;
    expect(client.inputs('sendSignal')).toEqual([{ callId, holder, signal: { type: 'ANSWER', payload: '{}' } }]);
    expect(client.inputs('reportConnection')).toEqual([{ callId, holder, state: 'connected' }]);
    expect(browser.links).toHaveLength(1);
  });

  it('is kept, until the engine knows it no more', async () => {
    await start(false);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(client.inputs('keepCall')).toHaveLength(3);
    client.on('keepCall', () => refused({ type: 'UnknownCall' }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect([calls.session?.isClosed, browser.open]).toEqual([true, []]);
  });

  it('says nothing and shows nothing while either side holds, whatever is pressed meanwhile', async () => {
    const { callId, holder } = await start(true);
    const held = { mine: false, theirs: true };
    calls.follow({ ...base, callId, holder, phase: 'active', held });
    expect(browser.given.map(({ enabled }) => enabled)).toEqual([false, false]);
    calls.toggleMicrophone();
    calls.toggleMicrophone();
    expect(browser.given.map(({ enabled }) => enabled)).toEqual([false, false]);
    calls.follow({ ...base, callId, holder, phase: 'active' });
    expect(browser.given.map(({ enabled }) => enabled)).toEqual([true, true]);
  });

  it('shows the screen instead of the camera, and the camera again when that ends by itself', async () => {
    const link = await connect(await start(true));
    await calls.toggleScreen();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.done.filter((what) => what.startsWith('video'))).toEqual(['video screen']);
    expect(client.inputs('tellCallMedia').at(-1)).toMatchObject({ media: { camera: true, screen: true } });
    browser.given.find(({ kind }) => kind === 'screen')?.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.done.filter((what) => what.startsWith('video'))).toEqual(['video screen', 'video camera']);
    expect([browser.open, calls.trouble]).toEqual([['microphone', 'camera'], undefined]);
  });

  it('does not complain when the question for a screen was closed, but says why a camera does not come', async () => {
    await start(false);
    browser.refuses = { screen: 'denied', camera: 'busy' };
    await calls.toggleScreen();
    expect(calls.trouble).toBeUndefined();
    await calls.toggleCamera();
    expect(calls.trouble).toMatchObject({ what: 'camera', failure: 'busy' });
  });

  it('takes another microphone when one is pulled out', async () => {
    const link = await connect(await start(false));
    browser.given[0]?.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.given.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    expect(link.done).toContain('audio true');
  });

  it('measures: how good it is between two looks, and what it took in all', async () => {
    const link = await connect(await start(false));
    const counts = { at: 0, bytes: 1_000, received: 100, lost: 0, frames: 0, sounds: 100, roundTrip: 0.02 };
    link.counts = counts;
    await vi.advanceTimersByTimeAsync(2_000);
    expect([calls.session?.quality, calls.session?.bytes]).toEqual([undefined, 1_000]);
    link.counts = { ...counts, bytes: 3_000, received: 190, lost: 10 };
    await vi.advanceTimersByTimeAsync(2_000);
    expect([calls.session?.quality, calls.session?.bytes]).toEqual(['poor', 3_000]);
    // Made anew: there is nothing to compare with yet.
    link.counts = { ...counts, bytes: 3_500, received: 5 };
    await vi.advanceTimersByTimeAsync(2_000);
    expect([calls.session?.quality, calls.session?.bytes]).toEqual(['poor', 3_500]);
  });

  it('asks for relays only when the address is to be hidden, and saves data when told to', async () => {
    calls.preferences.set({ hideAddress: true });
    const link = await connect(await start(true));
    expect(link.options.relayOnly).toBe(true);
    calls.setLowBandwidth(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(link.done).toEqual(['limit 120000']);
  });
});

describe('a call that the other side moves', () => {
  const moving = { callId: 'next' };

  /** A call with video that is on here, and is to go on with another device of Bob's. */
  async function asked(): Promise<{ readonly on: CallView; readonly old: FakeLink; readonly holder: string }> {
    const call = await start(true);
    const old = await connect(call);
    const on: CallView = { ...base, callId: call.callId, holder: call.holder, phase: 'active' };
    calls.follow({ ...on, moving });
    await vi.advanceTimersByTimeAsync(0);
    const { holder } = client.inputs('answerCall').at(-1) as Started;
    return { on, old, holder };
  }

  it('is connected beside the one that is on, with the same tracks, and takes its place when the engine says so', async () => {
    const { on, old, holder } = await asked();
    expect(client.inputs('answerCall')).toMatchObject([
      { callId: 'next', keys: { fingerprint: new Uint8Array(32).fill(7) } },
    ]);
    expect(holder).not.toBe(on.holder);
    expect([browser.given.length, calls.session?.callId]).toEqual([2, on.callId]);
    calls.follow({ ...on, moving: { callId: 'next', holder } });
    const link = await connect({ callId: 'next', holder, video: true, keys: { fingerprint: new Uint8Array(32) } });
    expect([link.options.audio, link.options.video]).toEqual([old.options.audio, old.options.video]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(client.inputs('keepCall')).toMatchObject([{ callId: on.callId }, { callId: 'next', holder }]);
    calls.toggleMicrophone();
    calls.isSmall = true;
    calls.follow({ ...on, callId: 'next', holder });
    await vi.advanceTimersByTimeAsync(0);
    expect([calls.session?.callId, calls.session?.holder, calls.isSmall]).toEqual(['next', holder, true]);
    expect([old.done.at(-1), browser.open]).toEqual(['close', ['microphone', 'camera']]);
    expect(client.inputs('tellCallMedia').at(-1)).toMatchObject({ callId: 'next', media: { microphone: false } });
    expect(app.toasts.items.map(({ text }) => text)).toEqual([expect.stringContaining('another device')]);
    calls.toggleMicrophone();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.done.at(-3)).toBe('audio true');
    await calls.hangUp();
    expect(browser.open).toEqual([]);
  });

  it('goes on as it was when that comes to nothing', async () => {
    const { on, old, holder } = await asked();
    calls.follow({ ...on, moving: { callId: 'next', holder } });
    const link = await connect({ callId: 'next', holder, video: true, keys: { fingerprint: new Uint8Array(32) } });
    calls.follow(on);
    await vi.advanceTimersByTimeAsync(0);
    expect([link.done.at(-1), calls.session?.callId, calls.session?.isClosed]).toEqual(['close', on.callId, false]);
    expect(browser.open).toEqual(['microphone', 'camera']);
    calls.toggleMicrophone();
    await vi.advanceTimersByTimeAsync(0);
    expect(old.done).toContain('audio false');
    // Another try.
    calls.follow({ ...on, moving: { callId: 'later' } });
    await vi.advanceTimersByTimeAsync(0);
    expect(client.inputs('answerCall').at(-1)).toMatchObject({ callId: 'later' });
    calls.follow({ ...on, phase: 'ended', end: 'hungUp' });
    expect(browser.open).toEqual([]);
  });

  it('is declined where no certificate can be made, and left to the tab that holds it', async () => {
    const { callId, holder } = await start(false);
    browser.createIdentity = () => Promise.reject(new Error('no'));
    calls.follow({ ...base, callId, holder: 'another tab', phase: 'active', moving });
    await vi.advanceTimersByTimeAsync(0);
    expect(client.inputs('declineCall')).toEqual([]);
    calls.session?.close();
    calls.follow(null);
    browser.createIdentity = FakeBrowser.prototype.createIdentity;
    const again = await start(false);
    browser.createIdentity = () => Promise.reject(new Error('no'));
    calls.follow({ ...base, callId: again.callId, holder: again.holder, phase: 'active', moving });
    await vi.advanceTimersByTimeAsync(0);
    expect([client.inputs('declineCall'), client.inputs('answerCall')]).toEqual([[{ callId: 'next' }], []]);
    expect([calls.session?.isClosed, holder === again.holder]).toEqual([false, false]);
  });
});

describe('a call on another own device', () => {
  const there = {
    ...{ callId: 'there', chatId: 'chat', peer: 'bob', name: 'Bob', deviceName: 'Phone', video: true, answeredAt: 0 },
    media: { microphone: false, camera: true },
  };

  it('goes on here with what was on there: the camera, and muted', async () => {
    calls.elsewhere = there;
    await calls.moveHere();
    const { callId, holder } = client.inputs('moveCall')[0] as Started;
    expect(client.inputs('moveCall')).toMatchObject([{ from: 'there' }]);
    expect([callId === 'there', browser.open]).toEqual([false, ['microphone', 'camera']]);
    expect(browser.given[0]?.enabled).toBe(false);
    calls.follow({ ...base, callId, holder, phase: 'connecting' });
    expect(client.inputs('tellCallMedia')).toMatchObject([{ media: { microphone: false, camera: true } }]);
    expect(calls.session?.isClosed).toBe(false);
  });

  it('stays there when the microphone is denied or the engine does not know it', async () => {
    await calls.moveHere();
    calls.elsewhere = { ...there, media: { microphone: true, camera: false } };
    browser.refuses = { microphone: 'denied' };
    await calls.moveHere();
    expect(client.inputs('moveCall')).toEqual([]);
    browser.refuses = {};
    client.on('moveCall', () => refused({ type: 'UnknownCall' }));
    calls.trouble?.again?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.inputs('moveCall')).toHaveLength(1);
    expect([browser.open, calls.isPreparing]).toEqual([[], false]);
  });

  it('lets go of microphone and camera where it was', async () => {
    const { callId, holder } = await start(true);
    calls.follow({ ...base, callId, holder, phase: 'active' });
    calls.follow({ ...base, callId, holder, phase: 'ended', end: 'moved', movedTo: 'Laptop' });
    expect([browser.open, calls.session?.isClosed]).toEqual([[], true]);
  });
});

it('shows a call that rings anew, although the last one was put away', () => {
  calls.follow(incoming);
  calls.isSmall = true;
  calls.follow({ ...incoming, reached: true });
  expect(calls.isSmall).toBe(true);
  calls.follow({ ...incoming, callId: 'another' });
  expect(calls.isSmall).toBe(false);
});

it('hangs up whatever it is, and calls again whom it was with', async () => {
  const { callId, holder } = await start(false);
  await calls.hangUp();
  expect([client.inputs('hangUp'), browser.open]).toEqual([[{ callId }], []]);
  calls.follow({ ...base, callId, holder, phase: 'ended', end: 'missed' });
  await calls.again();
  expect(client.inputs('dismissCall')).toEqual([{ callId }]);
  expect(client.inputs('startCall')).toMatchObject([{ chatId: 'chat' }, { chatId: 'chat', video: false }]);
});
