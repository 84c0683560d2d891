import { expect, it } from 'vitest';
import { SealedPart } from './sealed-part.ts';

it('S-SEND-6 whoever uploads gets what is sealed, in order, and waits for the rest', async () => {
  const part = new SealedPart(new AbortController().signal);
  const came: number[] = [];
  const waiting = [30, 10, 20].map((to) => part.upTo(to).then(() => came.push(to)));
  part.reached(9);
  await part.upTo(9);
  expect(came).toEqual([]);
  part.reached(20);
  await Promise.all(waiting.slice(1));
  expect(came).toEqual([10, 20]);
  part.reached(31);
  await Promise.all(waiting);
  expect(came).toEqual([10, 20, 30]);
});

it('S-SEND-6 when sealing is given up nobody waits any more', async () => {
  const stop = new AbortController();
  const part = new SealedPart(stop.signal);
  const waiting = part.upTo(5);
  stop.abort(new Error('given up'));
  await expect(waiting).rejects.toThrow('given up');
  await expect(part.upTo(0)).rejects.toThrow('given up');
});
