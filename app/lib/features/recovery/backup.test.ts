import { describe, expect, it } from 'vitest';
import type { CallInput } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import type { FileSink } from '../../state/file-sink.ts';
import { Backup } from './backup.svelte.ts';

class MemorySink implements FileSink {
  readonly parts: number[] = [];
  end: 'open' | 'closed' | 'aborted' = 'open';
  isFull = false;
  write(part: string | Uint8Array): Promise<void> {
    if (this.isFull) return Promise.reject(new Error('full'));
    this.parts.push(...(part as Uint8Array));
    return Promise.resolve();
  }
  close(): Promise<void> {
    this.end = 'closed';
    return Promise.resolve();
  }
  abort(): Promise<void> {
    this.end = 'aborted';
    return Promise.resolve();
  }
}

function open(): { api: FakeClient; app: App; sink: MemorySink; view: Backup } {
  const api = new FakeClient();
  const app = new App(api);
  const sink = new MemorySink();
  return { api, app, sink, view: new Backup(app, () => Promise.resolve(sink)) };
}

describe('making a backup', () => {
  const parts = (api: FakeClient): FakeClient =>
    api.on('backupPart', ({ cursor }) =>
      cursor === undefined
        ? done({ bytes: new Uint8Array([1, 2]), next: 'b', done: 1, total: 2 })
        : done({ bytes: new Uint8Array([3]), done: 2, total: 2 }),
    );

  it('joins the parts in their order and then closes the file', async () => {
    const { api, app, sink, view } = open();
    parts(api);
    await view.export();
    expect(sink.parts).toEqual([1, 2, 3]);
    expect(sink.end).toBe('closed');
    expect(api.inputs('backupPart')).toEqual([{}, { cursor: 'b' }]);
    expect(app.toasts.items.map(({ text }) => text)).toEqual(['Backup saved']);
    expect(view.task).toBeUndefined();
  });

  it('makes nothing when the person closes the question for a place', async () => {
    const { api, app } = open();
    await new Backup(app, () => Promise.resolve(undefined)).export();
    expect(api.calls).toEqual([]);
  });

  it.each(['stopped', 'refused', 'full'] as const)('leaves no file when it is %s', async (how) => {
    const { api, sink, view } = open();
    parts(api);
    sink.isFull = how === 'full';
    if (how === 'refused') api.on('backupPart', () => refused({ type: 'StorageFull' }));
    const exporting = view.export();
    if (how === 'stopped') await Promise.resolve().then(() => view.stop());
    await exporting;
    expect(sink.end).toBe('aborted');
    expect(view.error?.text === undefined).toBe(how === 'stopped');
  });
});

describe('importing a backup', () => {
  it('hands the whole file over, in order, and says which piece is the first and the last', async () => {
    const { api, view } = open();
    const file = new Uint8Array(1_300_000).map((_none, i) => i % 251);
    const read: number[] = [];
    api.on('importBackupPart', ({ bytes }) => {
      for (const byte of bytes) read.push(byte);
      return done({ messages: read.length });
    });
    await view.import(new Blob([file]));
    const pieces = api.inputs('importBackupPart') as CallInput<'importBackupPart'>[];
    expect(pieces.map(({ first }) => first)).toEqual([true, false, false]);
    expect(pieces.map(({ last }) => last)).toEqual([false, false, true]);
    expect(read.every((byte, i) => byte === file[i])).toBe(true);
    expect(view.imported).toBe(file.length);
    expect(view.progress).toBe(1);
  });

  it('lets the engine say that an empty file is no backup', async () => {
    const { api, view } = open();
    api.on('importBackupPart', () => refused({ type: 'BackupDamaged' }));
    await view.import(new Blob([]));
    expect(api.inputs('importBackupPart')).toEqual([{ bytes: new Uint8Array(), first: true, last: true }]);
    expect(view.error).toMatchObject({ task: 'import' });
    expect(view.imported).toBeUndefined();
  });

  it('ends at the first piece that is refused', async () => {
    const { api, view } = open();
    api.on('importBackupPart', () => refused({ type: 'BackupOfAnother' }));
    await view.import(new Blob([new Uint8Array(1_300_000)]));
    expect(api.inputs('importBackupPart')).toHaveLength(1);
    expect(view.error?.text).toContain('another account');
  });

  it('can be stopped between two pieces', async () => {
    const { api, view } = open();
    api.on('importBackupPart', () => {
      view.stop();
      return done({ messages: 1 });
    });
    await view.import(new Blob([new Uint8Array(1_300_000)]));
    expect(api.inputs('importBackupPart')).toHaveLength(1);
    expect(view.imported).toBeUndefined();
  });
});
