import { describe, expect, it } from 'vitest';
import type { OwnDevice } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { sortDevices } from './device-order.ts';
import { Devices } from './devices.svelte.ts';

const device = (deviceId: string, rest: Partial<OwnDevice> = {}): OwnDevice => ({
  deviceId,
  name: deviceId,
  isThis: false,
  addedAt: 1,
  restored: false,
  ...rest,
});

function open(): { api: FakeClient; app: App; view: Devices } {
  const api = new FakeClient();
  const app = new App(api);
  return { api, app, view: new Devices(app) };
}

it('lists this device first, then those that were heard of last', () => {
  const all = [
    device('silent', { addedAt: 1 }),
    device('old', { lastSeen: 5 }),
    device('this', { isThis: true }),
    device('newest', { addedAt: 9 }),
    device('young', { lastSeen: 7 }),
  ];
  expect(sortDevices(all).map(({ deviceId }) => deviceId)).toEqual(['this', 'young', 'old', 'newest', 'silent']);
});

describe('renaming a device', () => {
  it('takes the trimmed name and is over', async () => {
    const { api, app, view } = open();
    api.on('renameDevice', () => done(null));
    view.startRename(device('a', { name: 'Phone' }));
    expect(view.name).toBe('Phone');
    view.name = '  Old phone ';
    expect(await view.saveName(device('a', { name: 'Phone' }))).toBe(true);
    expect(api.inputs('renameDevice')).toEqual([{ deviceId: 'a', name: 'Old phone' }]);
    expect(view.renaming).toBeUndefined();
    expect(app.toasts.items).toHaveLength(1);
  });

  it('calls nothing when the name is as it was, empty or too long', async () => {
    const { api, view } = open();
    const phone = device('a', { name: 'Phone' });
    view.startRename(phone);
    expect(await view.saveName(phone)).toBe(true);
    for (const name of ['  ', 'x'.repeat(65)]) {
      view.startRename(phone);
      view.name = name;
      expect(await view.saveName(phone)).toBe(false);
      expect(view.nameError).toBeDefined();
      expect(view.renaming).toBe('a');
    }
    expect(api.calls).toEqual([]);
  });
});

describe('unlinking a device', () => {
  it('happens only after the question, and says that it is done', async () => {
    const { api, app, view } = open();
    api.on('unlinkDevice', () => done(null));
    await view.unlink();
    expect(api.calls).toEqual([]);
    view.askUnlink(device('a', { name: 'Phone' }));
    await view.unlink();
    expect(api.inputs('unlinkDevice')).toEqual([{ deviceId: 'a' }]);
    expect(view.unlinking).toBeUndefined();
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['“Phone” is unlinked']);
  });

  it('keeps the question open with the reason when it fails', async () => {
    const { api, view } = open();
    api.on('unlinkDevice', () => refused({ type: 'Offline' }));
    view.askUnlink(device('a'));
    await view.unlink();
    expect(view.unlinking?.deviceId).toBe('a');
    expect(view.unlinkError).toContain('connection');
    view.cancelUnlink();
    view.askUnlink(device('b'));
    expect(view.unlinkError).toBeUndefined();
  });
});
