import { describe, expect, it } from 'vitest';
import { type Choice, matching, toggled } from './choices.ts';

const choice = (id: string, name: string): Choice => ({ id, name, seed: id });
const ids = (choices: readonly Choice[]): string[] => choices.map(({ id }) => id);

describe('what can be ticked', () => {
  it('is found by any words of its name, without accents', () => {
    const all = [choice('z', 'Zoë Ångström'), choice('k', 'Neighbour Kim')];
    expect(ids(matching(all, 'angst zoe'))).toEqual(['z']);
    expect(ids(matching(all, 'NEIGH'))).toEqual(['k']);
    expect(ids(matching(all, ' '))).toEqual(['z', 'k']);
  });

  it('is chosen and let go in turn', () => {
    expect(toggled(['b'], 'c')).toEqual(['b', 'c']);
    expect(toggled(['b', 'c'], 'b')).toEqual(['c']);
  });
});
