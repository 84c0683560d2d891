import { describe, expect, it } from 'vitest';
import type { ChatSummary, Protection } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient } from '../../state/fake-client.ts';
import { Dismissal } from '../../state/dismissal.svelte.ts';
import type { Memory } from '../../state/memory.ts';
import { keepStorage, type Persistence } from './keep-storage.ts';
import { isNagDue } from './nag.ts';
import { describeProtection } from './protection-state.ts';

const DAY = 86_400_000;

const memoryOf = (kept: Map<string, string>): Memory => ({
  recall: (key) => kept.get(key),
  remember: (key, value) => void kept.set(key, value),
});

describe('the reminder to protect the account', () => {
  const risk: Protection = { devices: 1, hasRecovery: false, atRisk: true };

  it('is there only when something is at risk', () => {
    expect(isNagDue(undefined, undefined, 0)).toBe(false);
    expect(isNagDue({ ...risk, atRisk: false }, undefined, 0)).toBe(false);
    expect(isNagDue(risk, undefined, 0)).toBe(true);
  });

  it('comes back a week after it was waved away', () => {
    const now = 100 * DAY;
    expect(isNagDue(risk, now - 6.9 * DAY, now)).toBe(false);
    expect(isNagDue(risk, now - 7 * DAY, now)).toBe(true);
    expect(isNagDue(risk, now + DAY, now)).toBe(true);
  });
});

it.each([
  [{ devices: 1, hasRecovery: false, atRisk: true }, 'risk'],
  [{ devices: 1, hasRecovery: false, atRisk: false }, 'bare'],
  [{ devices: 1, hasRecovery: false, lastBackup: 1, atRisk: false }, 'bare'],
  [{ devices: 2, hasRecovery: false, atRisk: false }, 'safe'],
  [{ devices: 1, hasRecovery: true, atRisk: false }, 'bare'],
  [{ devices: 1, hasRecovery: true, atRisk: true }, 'risk'],
  [{ devices: 1, hasRecovery: true, lastBackup: 1, atRisk: false }, 'safe'],
] as const)('does not promise more than there is: %o is %s', (protection, kind) => {
  expect(describeProtection(protection).kind).toBe(kind);
});

it('remembers when it was waved away over a reload', () => {
  const memory = memoryOf(new Map());
  const first = new Dismissal('protection', memory);
  expect(first.at).toBeUndefined();
  first.dismiss(7);
  expect(first.at).toBe(7);
  expect(new Dismissal('protection', memory).at).toBe(7);
  expect(new Dismissal('other', memory).at).toBeUndefined();
});

describe('asking the browser to keep what is stored', () => {
  const chat = (kind?: 'message' | 'system'): ChatSummary => ({
    chatId: 'c',
    kind: 'direct',
    title: 'Bob',
    state: 'accepted',
    verified: false,
    time: 0,
    unread: 0,
    pinned: false,
    muted: false,
    archived: false,
    typing: [],
    timer: 0,
    mentioned: 0,
    ...(kind ? { preview: { text: 'hi', mine: true, kind } } : {}),
  });

  /** How often it was asked after these snapshots. */
  async function askedAfter(
    snapshots: readonly (readonly ChatSummary[])[],
    { persisted = false, memory = new Map<string, string>(), now = 50 * DAY } = {},
  ): Promise<number> {
    let asked = 0;
    const storage: Persistence = {
      persisted: () => Promise.resolve(persisted),
      persist: () => Promise.resolve(++asked > 0),
    };
    const api = new FakeClient();
    const stop = keepStorage(new App(api), storage, memoryOf(memory), () => now);
    for (const chats of snapshots) api.publish('chats', chats);
    await new Promise((resolve) => setTimeout(resolve));
    stop();
    expect(api.watchers('chats')).toBe(0);
    return asked;
  }

  it('waits for the first message', async () => {
    expect(await askedAfter([[], [chat()], [chat('system')]])).toBe(0);
    expect(await askedAfter([[], [chat()], [chat('message')], [chat('message')]])).toBe(1);
  });

  it('is not needed when it is granted already', async () => {
    expect(await askedAfter([[chat('message')]], { persisted: true })).toBe(0);
  });

  it('is not done twice in a week', async () => {
    const memory = new Map<string, string>();
    const snapshots = [[chat('message')]];
    expect(await askedAfter(snapshots, { memory, now: 50 * DAY })).toBe(1);
    expect(await askedAfter(snapshots, { memory, now: 56 * DAY })).toBe(0);
    expect(await askedAfter(snapshots, { memory, now: 57 * DAY })).toBe(1);
  });
});
