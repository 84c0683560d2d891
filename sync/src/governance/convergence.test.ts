import { ready } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { Dice } from '../../test/simulation/dice.ts';
import { Governance, foldGroup } from './governance.ts';
import { rules, textOf } from './group.fixture.ts';
import { oracleFacts } from './oracle.fixture.ts';
import { randomHistory } from './random-history.fixture.ts';
import type { GroupAct } from './types.ts';

beforeAll(ready);

/** GOVERNANCE_RUNS=1000 for a long run. */
const HISTORIES = Number(process.env['GOVERNANCE_RUNS'] ?? 40);
const SEEDS = Array.from({ length: HISTORIES }, (_, at) => at + 1);

describe('one state whatever the way', () => {
  it('G-FOLD-1 in any order and any number of times the same acts make the same state', () => {
    for (const seed of SEEDS) {
      const acts = randomHistory(seed, 24);
      const state = textOf(foldGroup(acts, rules));
      const dice = new Dice(seed);
      for (let order = 0; order < 25; order += 1) {
        const shuffled = shuffle(dice, [...acts, ...acts.filter(() => dice.chance(0.2))]);
        expect(textOf(foldGroup(shuffled, rules)), `seed ${String(seed)}`).toBe(state);
      }
    }
  });

  it('G-FOLD-2 act by act, looked at in between, the state is that of all that came so far', () => {
    for (const seed of SEEDS) {
      const dice = new Dice(seed);
      const acts = shuffle(dice, randomHistory(seed, 24));
      const governance = new Governance(rules);
      for (let at = 0; at < acts.length;) {
        const some = acts.slice(at, at + 1 + dice.below(4));
        expect(governance.add(some)).toBe(true);
        expect(governance.add(some)).toBe(false);
        at += some.length;
        expect(textOf(governance.state), `seed ${String(seed)}`).toBe(textOf(foldGroup(acts.slice(0, at), rules)));
      }
    }
  });

  it('G-FOLD-3 what the rules say, followed word for word, is what the fold says', () => {
    for (const seed of SEEDS) {
      const acts = randomHistory(seed, 30);
      const { heads: _, pending, refused, ...situation } = foldGroup(acts, rules);
      const { facts, stands } = oracleFacts(acts, rules);
      const { refused: again, ...expected } = facts;
      expect(textOf(situation), `seed ${String(seed)}`).toBe(textOf(expected));
      const counting = acts.filter(({ id }) => !pending.has(id) && (!refused.has(id) || again.has(id)));
      expect(counting.map(({ id }) => id).sort()).toEqual([...stands].sort());
    }
  });
});

function shuffle(dice: Dice, acts: readonly GroupAct[]): GroupAct[] {
  return acts
    .map((act) => ({ act, at: dice.roll() }))
    .sort((a, b) => a.at - b.at)
    .map(({ act }) => act);
}
