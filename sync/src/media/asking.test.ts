import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import type { MediaFailure, MediaState } from '../api.ts';
import { inBatch } from '../batch.ts';
import type { MediaPointer } from '../records/index.ts';
import { Asking, QUESTIONS } from './asking.ts';
import { Places } from './places.ts';

const CHAT = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;
const ME = 'me' as AccountId;
const ANN = 'ann' as AccountId;
const BOB = 'bob' as AccountId;
const CLEO = 'cleo' as AccountId;
const DAN = 'dan' as AccountId;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function pointer(seed = 1): MediaPointer {
  return {
    ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24).fill(seed)), size: 1000 },
    ...{ key: new Uint8Array(32).fill(seed), digest: new Uint8Array(32), kind: 'file', type: 'text/plain' },
  };
}

function createWorld(others: readonly AccountId[] = [ANN, BOB, CLEO, DAN], own: readonly AccountId[] = [ME]) {
  const [store, clock] = [createMemoryStore(), new VirtualClock(100 * DAY)];
  const told: { readonly to: AccountId; readonly at: number }[] = [];
  /** What a download from each place comes to. */
  const outcomes = new Map<string, 'here' | MediaFailure>();
  const tried: string[] = [];
  const running = new Set<Promise<void>>();
  const job = (act: Parameters<typeof inBatch>[1]) => inBatch(store, act) as Promise<void>;
  const places = new Places({ store, job });
  let state: MediaState = { state: 'failed', done: 0, failure: 'Expired' };
  const load = (wanted: MediaPointer): Promise<void> => {
    const url = places.urlOf(wanted);
    tried.push(url);
    const outcome = outcomes.get(url) ?? 'Expired';
    state = outcome === 'here' ? { state: 'here', done: 1000 } : { state: 'failed', done: 0, failure: outcome };
    return Promise.resolve();
  };
  const open = async (): Promise<Asking> => {
    const asking = new Asking({
      ...{ store, clock, places, job, changed: () => undefined },
      downloads: { load, cancel: () => Promise.resolve(), stateOf: () => state },
      audience: () => ({ own, others }),
      tell: (batch, to) => {
        batch.then(() => told.push({ to, at: clock.now() - 100 * DAY }));
      },
      beside: (act) => {
        const run = act();
        running.add(run);
      },
    });
    await asking.load();
    asking.start();
    return asking;
  };
  const settle = async (): Promise<void> => {
    for (const run of running) {
      await run;
      running.delete(run);
    }
  };
  const pass = async (ms: number): Promise<void> => {
    const end = clock.now() + ms;
    while (clock.step(end)) await settle();
  };
  const toldTo = (who: AccountId): readonly number[] => told.filter(({ to }) => to === who).map(({ at }) => at);
  return { open, pass, settle, told, toldTo, outcomes, tried, places };
}

const place = (name: string) => ({ url: 'https://other.example', name });
const urlOf = (name: string) => `https://other.example/files/${name}`;

describe('asking for files', () => {
  it('S-LOST-1 own devices are asked each time, others two at a time, then all again after ever longer pauses', async () => {
    const { open, pass, toldTo } = createWorld();
    const asking = await open();
    expect(await asking.ask(pointer(), CHAT, ANN)).toBe(true);
    expect(asking.stateOf(pointer().blob)).toBe('asking');
    expect([toldTo(ANN), toldTo(BOB), toldTo(CLEO)]).toEqual([[0], [0], []]);
    await pass(MINUTE);
    expect([toldTo(ME), toldTo(CLEO), toldTo(DAN)]).toEqual([[0, MINUTE], [MINUTE], [MINUTE]]);
    expect(asking.stateOf(pointer().blob)).toBe('asking');
    await pass(MINUTE);
    expect(asking.stateOf(pointer().blob)).toBe('waiting');
    await pass(2 * DAY);
    expect(toldTo(ANN)).toEqual([0, MINUTE + HOUR, MINUTE + 5 * HOUR, MINUTE + 17 * HOUR]);
    await pass(31 * DAY);
    expect(asking.stateOf(pointer().blob)).toBeUndefined();
    expect(toldTo(ME).length).toBeLessThan(40);
  });

  it('S-LOST-1 a question outlives a restart and is not repeated because of it', async () => {
    const { open, pass, told } = createWorld([ANN]);
    const first = await open();
    await first.ask(pointer(), CHAT, ANN);
    first.stop();
    await pass(30 * MINUTE);
    const second = await open();
    expect(second.stateOf(pointer().blob)).toBe('waiting');
    expect(told).toHaveLength(2);
    await pass(30 * MINUTE);
    expect(told).toHaveLength(4);
    await second.end([pointer().blob]);
    expect((await open()).stateOf(pointer().blob)).toBeUndefined();
  });

  it('S-LOST-4 an answer that is not the file is not believed again, and the next one counts', async () => {
    const { open, settle, outcomes, tried, places } = createWorld();
    const asking = await open();
    await asking.ask(pointer(), CHAT, ANN);
    const { blob } = pointer();
    outcomes.set(urlOf('bad'), 'WrongBlob').set(urlOf('good'), 'here');
    // Not asked yet, another chat, another file.
    asking.answered(CHAT, blob, DAN, place('good'));
    asking.answered('BBBBBBBBBBBBBBBBBBBBBB' as ChatId, blob, ANN, place('good'));
    asking.answered(CHAT, pointer(2).blob, ANN, place('good'));
    await settle();
    expect(tried).toEqual([]);
    asking.answered(CHAT, blob, BOB, place('bad'));
    await settle();
    asking.answered(CHAT, blob, BOB, place('good'));
    await settle();
    expect(tried).toEqual([urlOf('bad')]);
    expect(asking.stateOf(blob)).toBe('asking');
    asking.answered(CHAT, blob, ANN, place('good'));
    await settle();
    expect(tried).toEqual([urlOf('bad'), urlOf('good')]);
    expect(asking.stateOf(blob)).toBeUndefined();
    await places.forget([blob]);
    expect(places.urlOf(pointer())).toBe(`https://files.example/files/${blob}`);
  });

  it('S-LOST-4 who answers with a server that cannot be reached is heard again', async () => {
    const { open, settle, outcomes, tried } = createWorld();
    const asking = await open();
    await asking.ask(pointer(), CHAT, ANN);
    outcomes.set(urlOf('down'), 'Unavailable').set(urlOf('up'), 'here');
    for (const name of ['down', 'up']) {
      asking.answered(CHAT, pointer().blob, ANN, place(name));
      await settle();
    }
    expect(tried).toEqual([urlOf('down'), urlOf('up')]);
    expect(asking.stateOf(pointer().blob)).toBeUndefined();
  });

  it('S-LOST-5 no more than so many files are asked for at a time', async () => {
    const { open } = createWorld([ANN]);
    const asking = await open();
    for (let seed = 0; seed <= QUESTIONS; seed += 1) await asking.ask(pointer(seed), CHAT, ANN);
    expect(asking.stateOf(pointer(0).blob)).toBeUndefined();
    expect(asking.stateOf(pointer(1).blob)).toBe('asking');
  });

  it('S-LOST-1 where there is nobody to ask nothing is asked', async () => {
    const { open, told } = createWorld([], []);
    expect(await (await open()).ask(pointer(), CHAT, ANN)).toBe(false);
    expect(told).toEqual([]);
  });
});
