import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { GroupCallView } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { FakeBrowser } from './fake-media.ts';
import { GroupCalls } from './group-calls.svelte.ts';
import { GroupSession } from './group-session.svelte.ts';
import { LocalMedia } from './local-media.svelte.ts';
import { CallPreferences } from './preferences.svelte.ts';

const view: GroupCallView = {
  ...{ callId: 'c', chatId: 'g', title: 'Group', video: false, startedAt: 0, ringing: true, by: 'Ann' },
  ...{ members: [], full: false },
};

let client: FakeClient;
let app: App;
let browser: FakeBrowser;
let group: GroupCalls;
let opens: boolean;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  client = new FakeClient();
  for (const name of ['leaveGroupCall', 'tellGroupCall', 'ignoreGroupCall', 'keepGroupCall'] as const)
    client.on(name, () => done(null));
  client.on('joinGroupCall', ({ callId }) => done({ callId }));
  app = new App(client);
  browser = new FakeBrowser();
  opens = true;
  const preferences = new CallPreferences({ recall: () => undefined, remember: () => undefined });
  const frames = { seal: vi.fn(), open: vi.fn(), attach: () => ({}) as MediaStream, close: vi.fn() };
  group = new GroupCalls({
    ...{ app, tab: 'tab', preferences, canSeal: () => true },
    createIdentity: () => browser.createIdentity(),
    open: async (video) => {
      const opened = opens ? await LocalMedia.open(browser, preferences) : undefined;
      if (!opened?.ok) return undefined;
      if (video) await opened.value.setCamera(true);
      return opened.value;
    },
    createSession: (options) =>
      Promise.resolve(new GroupSession({ ...options, connect: browser.connect, frames: () => frames })),
  });
  stop = group.watch();
  return () => {
    stop();
    vi.useRealTimers();
  };
});

interface Joined {
  readonly callId: string;
  readonly video: boolean;
  readonly holder: string;
  readonly keys: { readonly fingerprint: Uint8Array };
}

/** Joins, and the engine says that this tab is in it. */
async function join(video = false): Promise<Joined> {
  await group.join('g', video);
  const input = client.inputs('joinGroupCall').at(-1) as Joined;
  const { callId, holder } = input;
  client.publish('groupCallWire', { callId, holder, key: { id: 0, key: new Uint8Array(32) }, peers: [] });
  client.publish('groupCalls', [{ ...view, callId, holder }]);
  return input;
}

const words = (): readonly string[] => app.toasts.items.map((toast) => toast.text);

describe('joining', () => {
  it('begins a call with an id of its own where none is on, and joins the one that is', async () => {
    await group.join('g', false);
    client.publish('groupCalls', [view]);
    await group.join('g', true);
    const [first, second] = client.inputs('joinGroupCall') as Joined[];
    expect(first?.callId).toMatch(/^[\w-]{22}$/);
    expect([first?.video, second?.video, second?.callId]).toEqual([false, true, 'c']);
    expect(second?.holder).not.toBe(first?.holder);
    expect(second?.keys.fingerprint).toEqual(new Uint8Array(32).fill(7));
  });

  it('without a microphone asks the engine for nothing', async () => {
    opens = false;
    await group.join('g', false);
    expect([client.inputs('joinGroupCall'), group.isPreparing]).toEqual([[], false]);
  });

  it('lets everything go when the call is full, and says so', async () => {
    client.on('joinGroupCall', () => refused({ type: 'CallFull', limit: 8 }));
    await group.join('g', true);
    expect(browser.open).toEqual([]);
    expect(words()).toEqual(['The call is full: 8 are in it.']);
  });
});

describe('leaving', () => {
  it('closes everything, tells the engine and says nothing', async () => {
    const { callId } = await join(true);
    expect(browser.open).toEqual(['microphone', 'camera']);
    await group.leave();
    client.publish('groupCalls', []);
    expect(client.inputs('leaveGroupCall')).toEqual([{ callId }]);
    expect([browser.open, words()]).toEqual([[], []]);
  });

  it('who is thrown out is told, and microphone and camera are off', async () => {
    await join(true);
    client.publish('groupCalls', []);
    expect([browser.open, words()]).toEqual([[], ['You are no longer in the call.']]);
  });

  it('MESH-6 who was only silent for too long comes back, and is told nothing', async () => {
    const { callId, holder } = await join(true);
    client.on('keepGroupCall', () => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(12_000);
    client.publish('groupCalls', [{ ...view, callId }]);
    await vi.advanceTimersByTimeAsync(0);
    client.publish('groupCalls', [{ ...view, callId, holder }]);
    expect(client.inputs('joinGroupCall')).toMatchObject([{}, { callId, holder }]);
    expect([browser.open, words()]).toEqual([['microphone', 'camera'], []]);
  });

  it('MESH-6 and who may not come back is told that it is over', async () => {
    const { callId } = await join(true);
    client.on('keepGroupCall', () => new Promise(() => undefined));
    client.on('joinGroupCall', () => refused({ type: 'UnknownCall' }));
    await vi.advanceTimersByTimeAsync(12_000);
    client.publish('groupCalls', [{ ...view, callId }]);
    await vi.advanceTimersByTimeAsync(0);
    expect([browser.open, words()]).toEqual([[], ['You are no longer in the call.']]);
  });

  it('leaves for another tab', async () => {
    client.publish('groupCalls', [{ ...view, holder: 'another tab' }]);
    await group.leave();
    expect(client.inputs('leaveGroupCall')).toEqual([{ callId: 'c' }]);
  });
});

it('raises and lowers the hand only while it is in a call', async () => {
  group.toggleHand();
  await join();
  group.toggleHand();
  await vi.advanceTimersByTimeAsync(0);
  expect(client.inputs('tellGroupCall').at(-1)).toMatchObject({ hand: true });
  group.toggleHand();
  await vi.advanceTimersByTimeAsync(0);
  expect(client.inputs('tellGroupCall').at(-1)).toMatchObject({ hand: false });
});
