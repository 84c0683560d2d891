import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import type { Directory } from '../directory/directory.ts';
import { Rendezvous, SLOTS } from './rendezvous.ts';

/** A relay that answers as told, each answer once and the last one for ever. */
function open(...answers: readonly (string | Uint8Array | null)[]) {
  const clock = new VirtualClock(0);
  const asked: { readonly at: number; readonly name: string; readonly path: unknown }[] = [];
  const script = [...answers];
  const ask = (_url: string, name: string, query: { path?: unknown }): Promise<unknown> => {
    asked.push({ at: clock.now(), name, path: query.path });
    const next = script.length > 1 ? script.shift() : script[0];
    return Promise.resolve(
      typeof next === 'string' ? { ok: false, error: { type: next } } : { ok: true, value: next ? { data: next } : {} },
    );
  };
  const directory = { ask } as unknown as Pick<Directory, 'ask'>;
  const id = new Uint8Array(16).fill(7);
  const meeting = new Rendezvous({ directory, clock, relayUrl: 'https://relay.test', id });
  const pass = async (ms: number): Promise<void> => {
    const settle = async (): Promise<void> => {
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
    };
    const end = clock.now() + ms;
    await settle();
    while (clock.step(end)) await settle();
  };
  const during = async <T>(answer: Promise<T>, ms: number): Promise<T> => {
    await pass(ms);
    return answer;
  };
  return { clock, asked, meeting, pass, during };
}

const DATA = new Uint8Array([1, 2, 3]);

describe('rendezvous', () => {
  it('S-CEREMONY-7 a slot is looked at every 0.3 s, and less often after a minute, until something lies there', async () => {
    const the = open(...Array.from({ length: 230 }, () => 'NotFound'), DATA);
    expect(await the.during(the.meeting.take(SLOTS.reply, 600_000), 600_000)).toEqual({ ok: true, value: DATA });
    const gaps = the.asked.slice(1).map(({ at }, i) => at - (the.asked[i]?.at ?? 0));
    expect(new Set(gaps.slice(0, 190))).toEqual(new Set([300]));
    expect(new Set(gaps.slice(205))).toEqual(new Set([3_000]));
    expect(the.asked[0]).toMatchObject({ name: 'rendezvous', path: { slot: '1' } });
  });

  it('S-CEREMONY-7 it ends when patience does: nobody came, or the relay was not reached', async () => {
    for (const [answer, type] of [
      ['NotFound', 'TimedOut'],
      ['Offline', 'Offline'],
      ['ServerBusy', 'ServerBusy'],
    ] as const) {
      const the = open(answer);
      expect(await the.during(the.meeting.take(SLOTS.offer, 3_000), 10_000)).toEqual({ ok: false, error: { type } });
      expect(the.asked.at(-1)?.at).toBeLessThan(4_000);
    }
  });

  it('S-CEREMONY-7 what no other try can end is answered at once: used, run out, refused', async () => {
    for (const type of ['Taken', 'Expired', 'TooLarge']) {
      const the = open(type);
      expect(await the.during(the.meeting.put(SLOTS.reply, DATA), 0)).toEqual({ ok: false, error: { type } });
      expect(await the.during(the.meeting.take(SLOTS.reply, 9_000), 0)).toEqual({ ok: false, error: { type } });
      expect(the.asked).toHaveLength(2);
    }
  });

  it('S-CEREMONY-7 writing is tried again while the relay is not reached', async () => {
    const the = open('Offline', 'RateLimited', 'Internal', null);
    expect(await the.during(the.meeting.put(SLOTS.offer, DATA), 5_000)).toEqual({ ok: true, value: null });
    expect(the.asked.map(({ at }) => at)).toEqual([0, 300, 600, 900]);
  });

  it('S-CEREMONY-7 once stopped nothing is asked any more, and what was waited for comes to nothing', async () => {
    const the = open('NotFound');
    const taking = the.meeting.take(SLOTS.grant, 600_000);
    await the.pass(2_000);
    the.meeting.stop();
    expect(await the.during(taking, 0)).toEqual({ ok: false, error: { type: 'Stopped' } });
    const { length } = the.asked;
    expect(await the.during(the.meeting.put(SLOTS.grant, DATA), 0)).toEqual({ ok: false, error: { type: 'Stopped' } });
    await the.pass(60_000);
    expect([the.asked.length, the.meeting.isStopped]).toEqual([length, true]);
  });
});
