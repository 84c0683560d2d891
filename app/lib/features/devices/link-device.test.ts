import { describe, expect, it } from 'vitest';
import type { LinkRequest } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { LinkDevice } from './link-device.svelte.ts';

const request: LinkRequest = { deviceName: 'Phone', comparison: '123 456', chats: 12, messages: 4310 };

function open(): { api: FakeClient; view: LinkDevice } {
  const api = new FakeClient()
    .on('readLinkCode', () => done(request))
    .on('confirmLink', () => done({ deviceId: 'd' }))
    .on('declineLink', () => done(null));
  return { api, view: new LinkDevice(new App(api)) };
}

const names = (api: FakeClient): string[] => api.calls.map(({ name }) => name);

describe('linking another device', () => {
  it('compares before anything is handed over', async () => {
    const { api, view } = open();
    await view.confirm();
    expect(api.calls).toEqual([]);
    await view.read('ABCD-EFGH');
    expect(view.step).toEqual({ type: 'Compare', request });
    expect(names(api)).toEqual(['readLinkCode']);
    await view.confirm();
    expect(view.step).toEqual({ type: 'Linked', deviceName: 'Phone' });
  });

  it('declines when the numbers differ', async () => {
    const { api, view } = open();
    await view.read('ABCD');
    await view.decline();
    expect(view.step).toEqual({ type: 'Declined' });
    expect(names(api)).toEqual(['readLinkCode', 'declineLink']);
    view.again();
    expect(view.step).toEqual({ type: 'Enter' });
  });

  it('says what is wrong with a code and lets another be entered', async () => {
    const { api, view } = open();
    api.on('readLinkCode', () => refused({ type: 'LinkCodeExpired' }));
    await view.read('ABCD');
    expect(view.step).toEqual({ type: 'Enter' });
    expect(view.error).toContain('run out');
    expect(view.isBusy).toBe(false);
  });

  it('can be confirmed again after a lost connection, and takes a new code after anything else', async () => {
    const { api, view } = open();
    api.on('confirmLink', () => refused({ type: 'Offline' }));
    await view.read('ABCD');
    await view.confirm();
    expect(view.step).toEqual({ type: 'Compare', request });
    api.on('confirmLink', () => refused({ type: 'LinkTampered' }));
    await view.confirm();
    expect(view.step).toEqual({ type: 'Enter' });
    expect(view.error).toContain('meddled');
  });

  it('lets the other device go when the screen is left before the answer, and only then', async () => {
    const left = open();
    await left.view.read('ABCD');
    left.view.close();
    expect(names(left.api)).toEqual(['readLinkCode', 'declineLink']);

    const early = open();
    const reading = early.view.read('ABCD');
    early.view.close();
    await reading;
    expect(names(early.api)).toEqual(['readLinkCode', 'declineLink']);

    const finished = open();
    await finished.view.read('ABCD');
    await finished.view.confirm();
    finished.view.close();
    expect(names(finished.api)).toEqual(['readLinkCode', 'confirmLink']);
  });
});
