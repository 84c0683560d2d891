import { describe, expect, it } from 'vitest';
import { madeAhead } from './ahead.ts';

/** Something that is made when the test says so. */
function createWork() {
  const begun: number[] = [];
  const ends = new Map<number, { resolve: (made: string) => void; reject: (error: Error) => void }>();
  const make = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve, reject) => ends.set(item, { resolve, reject }));
  };
  return {
    ...{ begun, make },
    finish: (item: number) => ends.get(item)?.resolve(`made ${String(item)}`),
    fail: (item: number) => ends.get(item)?.reject(new Error(`failed ${String(item)}`)),
  };
}

/** Lets everything happen that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('madeAhead', () => {
  it('begins a few at a time, and gives them in their order whichever is made first', async () => {
    const work = createWork();
    const given = madeAhead([1, 2, 3, 4], 2, work.make);
    const first = given.next();
    await settle();
    expect(work.begun).toEqual([1, 2]);
    work.finish(2);
    await settle();
    expect(work.begun, 'the second one still counts').toEqual([1, 2]);
    work.finish(1);
    expect(await first).toEqual({ value: 'made 1', done: false });
    expect(await given.next()).toEqual({ value: 'made 2', done: false });
    const third = given.next();
    await settle();
    expect(work.begun).toEqual([1, 2, 3, 4]);
    work.finish(3);
    work.finish(4);
    expect([await third, await given.next(), await given.next()].map(({ value }) => value)).toEqual([
      'made 3',
      'made 4',
      undefined,
    ]);
  });

  it('gives what is made though the next item is not there yet', async () => {
    const given = madeAhead(oneAndThenNothing(), 4, (item) => Promise.resolve(item));
    expect(await given.next()).toEqual({ value: 'one', done: false });
    await given.return();
  });

  it('gives what was begun when the items break off, and then says why', async () => {
    async function* breaking() {
      yield 1;
      yield 2;
      throw new Error('the line broke');
    }
    const got: number[] = [];
    const all = async () => {
      for await (const made of madeAhead(breaking(), 4, (item) => Promise.resolve(item))) got.push(made);
    };
    await expect(all()).rejects.toThrow('the line broke');
    expect(got).toEqual([1, 2]);
  });

  it('gives nothing behind what could not be made', async () => {
    const work = createWork();
    const given = madeAhead([1, 2, 3], 3, work.make);
    const first = given.next();
    await settle();
    work.finish(3);
    work.fail(2);
    work.finish(1);
    expect(await first).toEqual({ value: 'made 1', done: false });
    await expect(given.next()).rejects.toThrow('failed 2');
    expect(await given.next()).toEqual({ value: undefined, done: true });
  });

  it('lets go of the items when nobody wants more, without waiting for the next one', async () => {
    let isOver = false;
    async function* items() {
      try {
        for (let item = 1; ; item += 1) yield item;
      } finally {
        isOver = true;
      }
    }
    for await (const made of madeAhead(items(), 2, (item) => Promise.resolve(item))) if (made === 3) break;
    await settle();
    expect(isOver).toBe(true);
    const waiting = madeAhead(oneAndThenNothing(), 2, (item) => Promise.resolve(item));
    await waiting.next();
    expect(await waiting.return()).toEqual({ value: undefined, done: true });
  });
});

async function* oneAndThenNothing(): AsyncGenerator<string> {
  yield 'one';
  await new Promise(() => undefined);
}
