import { describe, expect, it } from 'vitest';
import type { ClientApi, Connection } from '../api.ts';
import { connectTab, leadTabs, type Locks } from './tabs.ts';

/** Locks as the browser has them: one holder a name, the others wait their turn. */
function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    request(name, held) {
      const turn = (tails.get(name) ?? Promise.resolve()).then(held);
      tails.set(
        name,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

function createWorld() {
  let ids = 0;
  const options = {
    scope: `test-${crypto.randomUUID()}`,
    locks: createLocks(),
    newId: () => `id-${String(++ids)}`,
  };
  return {
    connect: () => connectTab(options),
    /** A worker that wants to lead; `end` is its tab being closed. */
    work(engine: ClientApi) {
      let end: () => void = () => undefined;
      const until = new Promise<void>((resolve) => {
        end = resolve;
      });
      const over = leadTabs(options, () => Promise.resolve(engine), until);
      return { end: () => end(), over };
    },
  };
}

/** Publishes its own number as `waiting`, to each watch at once. */
function createNumberedEngine(number: number): ClientApi & { calls: number } {
  return {
    calls: 0,
    call() {
      this.calls += 1;
      return Promise.resolve({ ok: true, value: null }) as never;
    },
    watch(_name, _args, onValue) {
      const value: Connection = { state: 'online', waiting: number };
      onValue(value as never);
      return () => undefined;
    },
  };
}

describe('tabs of one origin', () => {
  it('are all served by the one leader, and by the next when it dies', async () => {
    const world = createWorld();
    const first = createNumberedEngine(1);
    const second = createNumberedEngine(2);
    const a = await world.connect();
    const b = await world.connect();
    const seen: string[] = [];
    const both = (number: number) =>
      new Promise<void>((resolve) => {
        const check = setInterval(() => {
          if (seen.includes(`a${String(number)}`) && seen.includes(`b${String(number)}`)) {
            clearInterval(check);
            resolve();
          }
        }, 1);
      });
    a.watch('connection', null, ({ waiting }) => seen.push(`a${String(waiting)}`));
    b.watch('connection', null, ({ waiting }) => seen.push(`b${String(waiting)}`));

    const leader = world.work(first);
    const successor = world.work(second);
    await both(1);
    expect(seen).not.toContain('a2');

    leader.end();
    await leader.over;
    await both(2);
    await b.call('lock', null);
    expect([first.calls, second.calls]).toEqual([0, 1]);

    successor.end();
    await successor.over;
    a.close();
    b.close();
  });

  it('that come later find the leader', async () => {
    const world = createWorld();
    const leader = world.work(createNumberedEngine(1));
    const page = await world.connect();
    await expect(page.call('lock', null)).resolves.toEqual({ ok: true, value: null });
    leader.end();
    await leader.over;
    page.close();
  });

  it('do not wait for ever behind a worker that cannot open the engine', async () => {
    const world = createWorld();
    const options = { scope: 'x', locks: createLocks(), newId: () => 'id' };
    await expect(leadTabs(options, () => Promise.reject(new Error('no storage')))).rejects.toThrow('no storage');
    const page = await world.connect();
    const leader = world.work(createNumberedEngine(3));
    await expect(page.call('lock', null)).resolves.toEqual({ ok: true, value: null });
    leader.end();
    await leader.over;
    page.close();
  });
});
