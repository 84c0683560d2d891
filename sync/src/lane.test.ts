import { describe, expect, it } from 'vitest';
import { Lane, LaneClosed } from './lane.ts';

/** A job that ends when it is told to. */
function gate(): { readonly open: () => void; readonly job: () => Promise<void> } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, job: () => passed };
}

describe('lane', () => {
  it('runs jobs one at a time, in order, and answers each with its own value', async () => {
    const lane = new Lane();
    const seen: string[] = [];
    const { open, job } = gate();
    const first = lane.run(async () => {
      await job();
      seen.push('first');
      return 1;
    });
    const second = lane.run(() => {
      seen.push('second');
      return Promise.resolve(2);
    });
    expect([lane.waiting, seen]).toEqual([2, []]);
    open();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(seen).toEqual(['first', 'second']);
  });

  it('goes on after a job that failed', async () => {
    const lane = new Lane();
    const failing = lane.run(() => Promise.reject(new Error('no')));
    const next = lane.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('is idle when also the jobs that jobs added are done', async () => {
    const lane = new Lane();
    const seen: string[] = [];
    void lane.run(() => {
      void lane.run(() => {
        seen.push('added');
        return Promise.resolve();
      });
      return Promise.resolve();
    });
    await lane.idle();
    expect([lane.waiting, seen]).toEqual([0, ['added']]);
  });

  it('when closed lets the running job end and starts none of the others', async () => {
    const lane = new Lane();
    const { open, job } = gate();
    const running = lane.run(job);
    const queued = lane.run(() => Promise.resolve('must not run'));
    const refused = expect(queued).rejects.toBeInstanceOf(LaneClosed);
    await Promise.resolve();
    const closed = lane.close();
    open();
    await Promise.all([running, closed, refused]);
    await expect(lane.run(() => Promise.resolve())).rejects.toBeInstanceOf(LaneClosed);
  });
});
