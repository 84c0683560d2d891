/** Random histories: people who hear of each other now and then, lie about the time, and do what they may not. */
import { Dice } from '../../test/simulation/dice.ts';
import { ACT_LIMITS, type Act, type ActId, type KnownAct } from '../records/index.ts';
import { foldGroup } from './governance.ts';
import {
  add,
  addAdmin,
  found,
  idOf,
  keyOf,
  makeAct,
  newMember,
  permit,
  proofFor,
  remove,
  rename,
  role,
  rules,
} from './group.fixture.ts';
import type { GroupAct } from './types.ts';

const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
const LINKS = ['link one', 'link two'];
const START = Date.UTC(2026, 0, 1);

export function randomHistory(seed: number, length: number): GroupAct[] {
  const dice = new Dice(seed);
  const people = PEOPLE.slice(0, dice.between(5, 9));
  const first = makeAct('ann', {
    n: 1,
    time: { ms: START, counter: 0 },
    body: { kind: 'act', after: [], act: found('ann') },
  });
  const second = grown(first, people);
  const acts = [first, second];
  const known = new Map(people.map((name) => [name, new Set<GroupAct>(acts)]));
  while (acts.length < length) {
    const who = dice.pick(people);
    const mine = known.get(who) ?? new Set<GroupAct>();
    if (dice.chance(0.35)) for (const act of known.get(dice.pick(people)) ?? []) mine.add(act);
    const ms = START + (dice.chance(0.15) ? dice.below(10_000) : acts.length * 100 + dice.below(50));
    const body = { kind: 'act' as const, ...placed(dice, who, { people, mine: [...mine] }) };
    const act = makeAct(who, { n: acts.length, time: { ms, counter: 0 }, body });
    acts.push(act);
    mine.add(act);
  }
  return acts;
}

/** A few of them are admins from the start, so that there is something to fight about. */
function grown(first: GroupAct, people: readonly string[]): GroupAct {
  const [, ...others] = people;
  const members = others.slice(0, 4).map((name, at) => newMember(name, { role: at < 3 ? 'admin' : 'member' }));
  const body = { kind: 'act' as const, after: [first.id], act: { type: 'add' as const, members } };
  return makeAct('ann', { n: 2, time: { ms: START + 1, counter: 0 }, body });
}

interface Knowledge {
  readonly people: readonly string[];
  readonly mine: readonly GroupAct[];
}

/** Mostly after what its author knows best, sometimes after whatever it likes. */
function placed(dice: Dice, who: string, { people, mine }: Knowledge): { after: ActId[]; act: Act } {
  if (dice.chance(0.02)) return { after: [], act: found(dice.pick(people), dice.chance(0.5) ? 'Group' : 'Other') };
  const heads = foldGroup(mine, rules).heads.slice(0, ACT_LIMITS.after);
  const chosen = dice.chance(0.12) ? [dice.pick(mine).id, dice.pick(mine).id] : heads;
  const after = [...new Set(chosen)].sort();
  return { after, act: randomAct(dice, who, people) };
}

function randomAct(dice: Dice, who: string, people: readonly string[]): KnownAct {
  const other = dice.pick(people);
  const link = keyOf(dice.pick(LINKS));
  const via = { invite: link, proof: proofFor(dice.chance(0.9) ? other : who) };
  const acts: (() => KnownAct)[] = [
    () => remove(other, { ban: dice.chance(0.2), seen: { [`author of ${other}`]: dice.below(20) } }),
    () => remove(other),
    () => remove(other),
    () => remove(dice.chance(0.3) ? who : other),
    () => role(other, dice.pick(['owner', 'admin', 'member'])),
    () => role(other, dice.pick(['owner', 'admin', 'member'])),
    () => role(other, 'admin'),
    () => add(other),
    () => add(other),
    () => addAdmin(other),
    () => ({ type: 'add', members: [newMember(other, { via })] }),
    () => ({ type: 'add', members: [newMember(other, { via })] }),
    () => ({ type: 'unban', account: idOf(other) }),
    () => rename(`${who} ${String(dice.below(100))}`),
    () => permit({ add: dice.pick(['everyone', 'admins']), write: dice.pick(['everyone', 'admins']) }),
    () => ({ type: 'invite', invite: link, expiresAt: 0, approval: dice.chance(0.2), uses: dice.below(3) }),
    () => ({ type: 'invite', invite: link, expiresAt: 0, approval: false, uses: 1 }),
    () => ({ type: 'revoke', invite: link }),
    () => ({ type: 'request', accountKey: keyOf(other), relayUrl: 'https://relay.example', via }),
    () => ({ type: 'decline', account: idOf(other) }),
    () => ({ type: 'timer', seconds: dice.below(100) }),
  ];
  return dice.pick(acts)();
}
