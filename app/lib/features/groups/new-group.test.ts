import { describe, expect, it } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { NewGroup } from './new-group.svelte.ts';

function make(): { client: FakeClient; view: NewGroup } {
  const client = new FakeClient();
  const view = new NewGroup(new App(client));
  view.name = '  Climbing ';
  view.chosen = ['bob'];
  return { client, view };
}

describe('a new group', () => {
  it('asks for a name before it calls anything', async () => {
    const { client, view } = make();
    view.name = ' ';
    expect(await view.create()).toBeUndefined();
    expect([view.nameError, view.formError]).toEqual(['Please enter a name.', undefined]);
    expect(client.calls).toEqual([]);
  });

  it('can be made alone', async () => {
    const { client, view } = make();
    client.on('createGroup', () => done({ chatId: 'g' }));
    view.chosen = [];
    expect(await view.create()).toBe('g');
    expect(client.inputs('createGroup')).toEqual([{ name: 'Climbing', members: [] }]);
  });

  it('is made, and then given its picture', async () => {
    const { client, view } = make();
    client.on('createGroup', () => done({ chatId: 'g' })).on('setGroupInfo', () => done(null));
    view.avatar = { type: 'image/png', bytes: new Uint8Array(1) };
    expect(await view.create()).toBe('g');
    expect(client.inputs('createGroup')).toEqual([{ name: 'Climbing', members: ['bob'] }]);
    expect(client.inputs('setGroupInfo')).toEqual([{ chatId: 'g', avatar: view.avatar }]);
  });

  it('is there also when its picture is refused', async () => {
    const { client, view } = make();
    client.on('createGroup', () => done({ chatId: 'g' })).on('setGroupInfo', () => refused({ type: 'StorageFull' }));
    view.avatar = { type: 'image/png', bytes: new Uint8Array(1) };
    expect(await view.create()).toBe('g');
  });

  it('that is refused says why, where it belongs', async () => {
    const { client, view } = make();
    client.on('createGroup', () => refused({ type: 'NotContact' }));
    expect(await view.create()).toBeUndefined();
    expect([view.nameError, view.formError]).toEqual([undefined, expect.stringContaining('contacts')]);
    client.on('createGroup', () => refused({ type: 'TooLong', limit: 64 }));
    await view.create();
    expect([view.nameError, view.formError]).toEqual([expect.stringContaining('64'), undefined]);
  });
});
