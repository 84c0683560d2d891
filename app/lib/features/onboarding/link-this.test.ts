import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Linking } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { LinkThis } from './link-this.svelte.ts';
import { NewDevice } from './new-device.svelte.ts';

const NOW = 1_800_000_000_000;
const waiting: Linking = { type: 'Waiting', code: 'ABCD-EFGH-JKMN-PQRS-TVWX', qr: 'q', expiresAt: NOW + 600_000 };

function open(): { api: FakeClient; app: App; view: LinkThis; stop: () => void } {
  const api = new FakeClient();
  const app = new App(api);
  const device = new NewDevice({ name: ' Phone ', relayUrl: 'https://relay.example ' });
  const view = new LinkThis(app, device);
  return { api, app, view, stop: view.follow() };
}

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

describe('the device that is to be linked', () => {
  it('asks for a code with its name and relay', async () => {
    const { api, view } = open();
    api.on('startLinking', () => done(null));
    expect(view.step).toEqual({ type: 'Form' });
    await view.start();
    expect(api.inputs('startLinking')).toEqual([{ deviceName: 'Phone', relayUrl: 'https://relay.example' }]);
  });

  it('takes a passphrase along only when it is repeated rightly', async () => {
    const { api, view } = open();
    api.on('startLinking', () => done(null));
    Object.assign(view.device.lock, { isOn: true, passphrase: 'long enough', again: 'long enugh' });
    await view.start();
    expect(api.calls).toEqual([]);
    expect(view.device.lock.againError).toBeDefined();
    view.device.lock.again = 'long enough';
    await view.start();
    expect(api.inputs('startLinking')).toMatchObject([{ passphrase: 'long enough' }]);
  });

  it('says why there is no code', async () => {
    const { api, view } = open();
    api.on('startLinking', () => refused({ type: 'Offline' }));
    await view.start();
    expect(view.error).toContain('connection');
    expect(view.isBusy).toBe(false);
  });

  it('shows the code in groups and the time that it has left, and says itself when it has run out', () => {
    const { api, view } = open();
    api.publish('linking', waiting);
    expect(view.step).toEqual({
      type: 'Code',
      groups: ['ABCD', 'EFGH', 'JKMN', 'PQRS', 'TVWX'],
      qr: 'q',
      timeLeft: 600_000,
    });
    vi.advanceTimersByTime(1_000);
    expect(view.step).toMatchObject({ timeLeft: 599_000 });
    vi.advanceTimersByTime(599_000);
    expect(view.step).toEqual({ type: 'Failed', reason: 'Expired' });
  });

  it('follows the engine through the ceremony', () => {
    const { api, view } = open();
    const course: Linking[] = [
      { type: 'Compare', comparison: '123 456' },
      { type: 'Receiving' },
      { type: 'Failed', reason: 'Declined' },
    ];
    for (const linking of course) {
      api.publish('linking', linking);
      expect(view.step).toEqual(linking);
    }
  });

  it('goes back to the form by cancelling what is under way, and only then', async () => {
    const { api, view, stop } = open();
    api.on('cancelLinking', () => done(null));
    await view.cancel();
    expect(api.calls).toEqual([]);
    api.publish('linking', waiting);
    await view.cancel();
    expect(api.inputs('cancelLinking')).toHaveLength(1);
    stop();
    expect(api.watchers('linking')).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says whose account it is, once that has come over', async () => {
    const { api, app, stop } = open();
    api.publish('linking', { type: 'Receiving' });
    stop();
    const profile = { accountId: 'a', name: '', locked: false, relayUrl: 'https://relay.example' };
    api.publish('profile', profile);
    api.publish('profile', { ...profile, name: 'Ann' });
    api.publish('profile', { ...profile, name: 'Ann Other' });
    await vi.advanceTimersByTimeAsync(0);
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['This device is linked to the account of Ann.']);
    expect(api.watchers('profile')).toBe(0);
  });
});
