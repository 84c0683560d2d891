import { describe, expect, it } from 'vitest';
import { Source } from '../readable.ts';
import { changedKeys, subscribeKeys } from './changed-keys.ts';
import { Topics, openView } from './topics.ts';

/** Everything that was promised so far has run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

describe('openView', () => {
  it('S-VIEW-1 publishes at once, after each change of its topics, and of no other', async () => {
    const topics = new Topics();
    const seen: number[] = [];
    let value = 1;
    const stop = openView({ topics, on: ['chats'], compute: () => value, onValue: (v) => seen.push(v), onError: fail });
    await settle();
    value = 2;
    topics.emit('profile');
    await settle();
    topics.emit('chats');
    await settle();
    stop();
    value = 3;
    topics.emit('chats');
    await settle();
    expect(seen).toEqual([1, 2]);
  });

  it('S-VIEW-1 a burst of changes while it computes costs one more computation, with the last state', async () => {
    const topics = new Topics();
    const seen: string[] = [];
    let state = 'old';
    let finish: () => void = () => undefined;
    let computed = 0;
    const compute = async (): Promise<string> => {
      computed += 1;
      const now = state;
      if (computed === 1) await new Promise<void>((resolve) => (finish = resolve));
      return now;
    };
    openView({ topics, on: ['chats'], compute, onValue: (v) => seen.push(v), onError: fail });
    state = 'new';
    for (let i = 0; i < 5; i += 1) topics.emit('chats');
    finish();
    await settle();
    expect([computed, seen]).toEqual([2, ['old', 'new']]);
  });

  it('S-VIEW-2 says nothing any more once it is stopped, not even what it was computing', async () => {
    const topics = new Topics();
    const seen: unknown[] = [];
    let finish: (value: string) => void = () => undefined;
    let break_: (error: Error) => void = () => undefined;
    const compute = (): Promise<string> => new Promise((resolve, reject) => ([finish, break_] = [resolve, reject]));
    const open = (): (() => void) =>
      openView({ topics, on: ['chats'], compute, onValue: (v) => seen.push(v), onError: (e) => seen.push(e) });
    open()();
    finish('late');
    open()();
    break_(new Error('late'));
    await settle();
    expect(seen).toEqual([]);
  });

  it('S-VIEW-3 reports a failure and tries again at the next change', async () => {
    const topics = new Topics();
    const seen: unknown[] = [];
    let isBroken = true;
    const compute = (): string => {
      if (isBroken) throw new Error('no');
      return 'yes';
    };
    openView({ topics, on: ['chats'], compute, onValue: (v) => seen.push(v), onError: (e) => seen.push(String(e)) });
    await settle();
    isBroken = false;
    topics.emit('chats');
    await settle();
    expect(seen).toEqual(['Error: no', 'yes']);
  });
});

describe('changed keys', () => {
  it('are those that came, went or have another value', () => {
    const [one, two] = [{}, {}];
    const before = new Map([
      ['same', one],
      ['other', one],
      ['gone', one],
    ]);
    const now = new Map([
      ['same', one],
      ['other', two],
      ['new', two],
    ]);
    expect(changedKeys(before, now)).toEqual(['gone', 'other', 'new']);
  });

  it('are told change by change', () => {
    const source = new Source<ReadonlyMap<string, number>>(new Map([['a', 1]]));
    const told: (readonly string[])[] = [];
    const stop = subscribeKeys(source, (keys) => told.push(keys));
    source.set(
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    source.set(new Map([['a', 1]]));
    stop();
    source.set(new Map());
    expect(told).toEqual([['b'], ['b']]);
  });
});

function fail(error: unknown): never {
  throw error;
}
