import { ready, seededRandom, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { callIdOf, factsOf, heard, aChat, keysOf, partyOf } from '../../test/support/phone.ts';
import type { PhoneKeys, PhoneWord } from '../payload/phone-parts.ts';
import { COMPARISON_EMOJI, commitmentTo, comparisonOf, isBefore, isCommitted } from './comparison.ts';
import type { Effect, PhoneEvent } from './events.ts';
import { step } from './machine.ts';
import { NO_CALLS, type Party, type PhoneState } from './state.ts';

beforeAll(ready);

const random = seededRandom(new Uint8Array(32).fill(21));
const newKeys = (): PhoneKeys => ({ fingerprint: random(32), nonce: random(32) });
const [ann, bob] = [partyOf('ann'), partyOf('bob')];

/** One end, and what it said last of each kind. */
class End {
  readonly me: Party;
  state: PhoneState = NO_CALLS;
  #said: Effect[] = [];

  constructor(me: Party) {
    this.me = me;
  }

  does(event: PhoneEvent): this {
    const { state, effects } = step(this.state, event, factsOf(this.me));
    this.state = state;
    this.#said = [...this.#said, ...effects];
    return this;
  }

  said<K extends PhoneWord['type']>(type: K): Extract<PhoneWord, { readonly type: K }> {
    const words = this.#said.flatMap((effect) => (effect.type === 'tell' ? [effect.part.word] : []));
    const word = words.findLast((each) => each.type === type);
    if (word === undefined) throw new Error(`nobody said ${type}`);
    return word as Extract<PhoneWord, { readonly type: K }>;
  }

  get comparison(): string | undefined {
    return this.state.main?.phase === 'talking' ? this.state.main.comparison.join(' ') : undefined;
  }

  get end(): string | undefined {
    return this.state.main?.phase === 'ended' ? this.state.main.end : undefined;
  }
}

const callId = callIdOf(4);

function call(keys: PhoneKeys): PhoneEvent {
  const about = { callId, chatId: aChat, peer: bob.account, video: false, holder: 'tab' };
  return { type: 'start', ...about, keys, isReachable: true };
}

function answer(keys: PhoneKeys): PhoneEvent {
  return { type: 'answer', callId, holder: 'tab', keys };
}

describe('comparison', () => {
  it('S-PHONE-6 is the same at both ends, four of 64 pictures, and depends on all that it is over', () => {
    const [a, b] = [newKeys(), newKeys()];
    const caller = { ...ann, keys: a };
    const callee = { ...bob, keys: b };
    const shown = comparisonOf(callId, caller, callee);
    expect(shown).toHaveLength(4);
    expect(new Set(COMPARISON_EMOJI).size).toBe(64);
    for (const emoji of shown) expect(COMPARISON_EMOJI).toContain(emoji);
    const other = random(32);
    const changed = [
      comparisonOf(callIdOf(5), caller, callee),
      comparisonOf(callId, callee, caller),
      comparisonOf(callId, { ...caller, account: partyOf('eve').account }, callee),
      comparisonOf(callId, { ...caller, device: partyOf('eve').device }, callee),
      comparisonOf(callId, { ...caller, keys: { ...a, fingerprint: other } }, callee),
      comparisonOf(callId, { ...caller, keys: { ...a, nonce: other } }, callee),
      comparisonOf(callId, caller, { ...callee, keys: { ...b, fingerprint: other } }),
      comparisonOf(callId, caller, { ...callee, keys: { ...b, nonce: other } }),
    ];
    for (const each of changed) expect(each).not.toEqual(shown);
  });

  it('S-PHONE-6 every picture comes up, each about as often as another', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 3_200; n += 1)
      for (const emoji of comparisonOf(callId, { ...ann, keys: newKeys() }, { ...bob, keys: newKeys() }))
        counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
    expect(counts.size).toBe(64);
    // 200 of each are expected; six standard deviations are 85.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(85);
  });

  it('S-PHONE-6 two honest ends show the same', () => {
    const caller = new End(ann).does(call(newKeys()));
    const callee = new End(bob).does(heard(ann, callId, caller.said('ring'))).does(answer(newKeys()));
    caller.does(heard(bob, callId, callee.said('accept')));
    callee.does(heard(ann, callId, caller.said('reveal')));
    expect(caller.comparison).toBeDefined();
    expect(caller.comparison).toBe(callee.comparison);
  });

  it('S-PHONE-6 who stands between, with the session of each, and passes on keys of their own makes them differ', () => {
    const shown = Array.from({ length: 400 }, () => {
      const [toBob, toAnn] = [newKeys(), newKeys()];
      const caller = new End(ann).does(call(newKeys()));
      const ring = { ...caller.said('ring'), commitment: commitmentTo(callId, toBob) };
      const callee = new End(bob).does(heard(ann, callId, ring)).does(answer(newKeys()));
      caller.does(heard(bob, callId, { type: 'accept', ...toAnn }));
      callee.does(heard(ann, callId, { type: 'reveal', ...toBob }));
      return [caller.comparison, callee.comparison] as const;
    });
    for (const [atCaller, atCallee] of shown) expect([atCaller, atCallee]).not.toContain(undefined);
    // One in 16 million is the same by chance.
    expect(shown.filter(([atCaller, atCallee]) => atCaller === atCallee)).toEqual([]);
    expect(new Set(shown.map(([atCaller]) => atCaller)).size).toBeGreaterThan(390);
  });

  it('S-PHONE-6 who reveals other than was committed to is found out, whatever of it they change', () => {
    const keys = newKeys();
    const mallory = newKeys();
    for (const revealed of [
      mallory,
      { ...keys, nonce: mallory.nonce },
      { ...keys, fingerprint: mallory.fingerprint },
    ]) {
      const caller = new End(ann).does(call(keys));
      const callee = new End(bob).does(heard(ann, callId, caller.said('ring'))).does(answer(newKeys()));
      caller.does(heard(bob, callId, callee.said('accept')));
      callee.does(heard(ann, callId, { type: 'reveal', ...revealed }));
      expect(callee.end).toBe('tampered');
      caller.does(heard(bob, callId, callee.said('end')));
      expect(caller.end).toBe('tampered');
    }
  });

  it('S-PHONE-6 the first ring counts, and whoever answers once more with other keys has no call', () => {
    const caller = new End(ann).does(call(newKeys()));
    const ring = caller.said('ring');
    const callee = new End(bob).does(heard(ann, callId, ring));
    callee.does(heard(ann, callId, { ...ring, commitment: commitmentTo(callId, keysOf('mallory')) }));
    callee.does(answer(newKeys()));
    caller.does(heard(bob, callId, callee.said('accept')));
    callee.does(heard(ann, callId, caller.said('reveal')));
    expect(caller.comparison).toBeDefined();
    expect(callee.comparison).toBe(caller.comparison);
    caller.does(heard(bob, callId, { type: 'accept', ...newKeys() }));
    expect(caller.end).toBe('failed');
  });

  it('S-PHONE-6 a commitment is to one call, one certificate and one nonce', () => {
    const keys = newKeys();
    const commitment = commitmentTo(callId, keys);
    expect(isCommitted(commitment, callId, keys)).toBe(true);
    expect(isCommitted(commitment, callIdOf(5), keys)).toBe(false);
    expect(isCommitted(commitment, callId, { ...keys, nonce: random(32) })).toBe(false);
    expect(isCommitted(commitment, callId, { ...keys, fingerprint: random(32) })).toBe(false);
  });

  it('S-PHONE-5 of two calls the one whose bytes come first is kept, however their text sorts', () => {
    const ids = Array.from({ length: 200 }, () => random(16))
      .sort(Buffer.compare)
      .map(toBase64Url);
    ids.forEach((id, index) => {
      expect(isBefore(id, id)).toBe(false);
      const next = ids[index + 1];
      if (next !== undefined) expect([isBefore(id, next), isBefore(next, id)]).toEqual([true, false]);
    });
    expect([...ids].sort()).not.toEqual(ids);
  });
});
