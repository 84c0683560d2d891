import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Directory } from '../directory/directory.ts';
import { Endings } from './endings.ts';
import { StorageAccess } from './storage-access.ts';

const [FIRST, SECOND] = ['first', 'second'].map((name) => `https://files.example/files/${name}`) as [string, string];

/** A storage server whose answers wait until the test gives them. */
function createWorld() {
  const [store, clock] = [createMemoryStore(), new VirtualClock(0)];
  const job = (act: (batch: Batch) => void): Promise<void> => inBatch(store, act);
  const asked: { readonly url: string; readonly answer: (status: number) => void }[] = [];
  const running: Promise<void>[] = [];
  const endings = new Endings({
    ...{ store, clock, job },
    access: new StorageAccess({
      home: { authorized: async (act) => ({ ok: true, value: await act('token') }) },
      directory: {
        ask: (async () => ({
          ok: true,
          value: { token: 'storage', url: 'https://files.example', expiresAt: Number.MAX_SAFE_INTEGER },
        })) as Directory['ask'],
      },
      ...{ relayUrl: () => 'https://relay.example', clock },
    }),
    link: {
      remove: (url) =>
        new Promise((answer) => {
          asked.push({ url, answer });
        }),
    },
    beside: (act) => {
      running.push(act());
    },
  });
  const stage = (url: string): Promise<void> =>
    job((batch) => {
      endings.stage(batch, url);
    });
  const answer = async (status: number): Promise<string | undefined> => {
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    const next = asked.shift();
    next?.answer(status);
    return next?.url;
  };
  return { endings, stage, answer, asked, clock, running };
}

describe('blobs that are to be gone', () => {
  it('one that is staged while others are being ended is ended in the same run', async () => {
    const { endings, stage, answer } = createWorld();
    await stage(FIRST);
    const run = endings.run();
    await stage(SECOND);
    const same = endings.run();
    expect(await answer(204)).toBe(FIRST);
    expect(await answer(204)).toBe(SECOND);
    await Promise.all([run, same]);
  });

  it('a server that is ill is asked again after pauses that grow, until it has answered', async () => {
    const { endings, stage, answer, asked, clock, running } = createWorld();
    await stage(FIRST);
    const run = endings.run();
    expect(await answer(503)).toBe(FIRST);
    await run;
    for (const pause of [30_000, 60_000, 120_000]) {
      const due = clock.now() + pause;
      expect(clock.step(due - 1)).toBe(false);
      expect(asked).toEqual([]);
      clock.step(due);
      expect(await answer(pause === 120_000 ? 404 : 503)).toBe(FIRST);
      await Promise.all(running.splice(0));
    }
    expect(clock.step(Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it('after its end nothing is planned any more', async () => {
    const { endings, stage, answer, clock } = createWorld();
    await stage(FIRST);
    const run = endings.run();
    await answer(500);
    await run;
    await endings.stop();
    expect(clock.step(Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});
