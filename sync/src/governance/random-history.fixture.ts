/** Random histories: people who hear of each other now and then, lie about the time, and do what they may not. */
import { Dice } from '../../test/simulation/dice.ts';
import { ACT_LIMITS, type Hlc, type KnownAct } from '../records/index.ts';
import { Governance } from './governance.ts';
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
import { refusalOf } from './rights.ts';
import type { GroupAct } from './types.ts';

const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
const LINKS = ['link one', 'link two'];
const START = Date.UTC(2026, 0, 1);

export function randomHistory(seed: number, length: number): GroupAct[] {
  const dice = new Dice(seed);
  const people = PEOPLE.slice(0, 5 + dice.below(4));
  const body = { kind: 'act' as const, after: [], act: found('ann') };
  const first = makeAct('ann', { n: 1, time: { ms: START, counter: 0 }, body });
  const isBrawl = seed % 2 === 0;
  const second = grown(first, people, isBrawl);
  const acts = [first, second, opened(second)];
  const known = new Map(people.map((name) => [name, new Knowledge(acts)]));
  const talk = isBrawl ? dice.between(0.02, 0.3) : dice.between(0.05, 0.5);
  while (acts.length < length) {
    const who = dice.pick(people);
    const mine = known.get(who);
    if (mine === undefined || (!mine.isMember(who) && dice.chance(0.9))) continue;
    if (dice.chance(talk)) mine.learn(known.get(dice.pick(people))?.acts ?? []);
    const ms = START + (dice.chance(0.15) ? dice.below(10_000) : acts.length * 100 + dice.below(50));
    const act = attempt(dice, who, { people, mine, isBrawl, place: { n: acts.length, time: { ms, counter: 0 } } });
    acts.push(act);
    mine.learn([act]);
  }
  return acts;
}

/** What one of them knows. */
class Knowledge {
  readonly #acts = new Set<GroupAct>();
  readonly governance = new Governance(rules);

  constructor(acts: readonly GroupAct[]) {
    this.learn(acts);
  }

  get acts(): GroupAct[] {
    return [...this.#acts];
  }

  isMember(name: string): boolean {
    return this.governance.state.members.has(idOf(name));
  }

  learn(acts: readonly GroupAct[]): void {
    for (const act of acts) this.#acts.add(act);
    this.governance.add(acts);
  }
}

/** Some of them are admins from the start, in a brawl all, so that there is something to fight about. */
function grown(first: GroupAct, people: readonly string[], isBrawl: boolean): GroupAct {
  const others = isBrawl ? people.slice(1) : people.slice(1, 5);
  const members = others.map((name, at) => newMember(name, { role: isBrawl || at < 3 ? 'admin' : 'member' }));
  const body = { kind: 'act' as const, after: [first.id], act: { type: 'add' as const, members } };
  return makeAct('ann', { n: 2, time: { ms: START + 1, counter: 0 }, body });
}

/** A link for one. */
function opened(last: GroupAct): GroupAct {
  const act = { type: 'invite' as const, invite: keyOf('link one'), expiresAt: 0, approval: false, uses: 1 };
  return makeAct('ann', { n: 3, time: { ms: START + 2, counter: 0 }, body: { kind: 'act', after: [last.id], act } });
}

interface Attempt {
  readonly people: readonly string[];
  readonly mine: Knowledge;
  /** Mostly removals, demotions and friends let in. */
  readonly isBrawl: boolean;
  readonly place: { readonly n: number; readonly time: Hlc };
}

/** Mostly something that counts as far as its author knows, sometimes whatever it likes, after whatever it likes. */
function attempt(dice: Dice, who: string, { people, mine, isBrawl, place }: Attempt): GroupAct {
  const { state } = mine.governance;
  const isHonest = dice.chance(0.85);
  const all = state.heads.slice(0, ACT_LIMITS.after);
  const some = all.filter(() => dice.chance(0.5));
  const heads = some.length > 0 && dice.chance(0.4) ? some : all;
  const chosen = isHonest || dice.chance(0.4) ? heads : [dice.pick(mine.acts).id, dice.pick(mine.acts).id];
  const after = [...new Set(chosen)].sort();
  for (let tries = 0; ; tries += 1) {
    const isFounding = !isHonest && dice.chance(0.1);
    const what = isFounding
      ? found(dice.pick(people), 'Other')
      : isBrawl && dice.chance(0.8)
        ? fight(dice, who, people)
        : randomAct(dice, who, people);
    const act = makeAct(who, { ...place, body: { kind: 'act', after: isFounding ? [] : after, act: what } });
    if (!isHonest || tries > 8 || refusalOf(act, state, rules) === undefined) return act;
  }
}

function fight(dice: Dice, who: string, people: readonly string[]): KnownAct {
  const other = dice.pick(people);
  const acts: (() => KnownAct)[] = [
    () => remove(other),
    () => remove(other),
    () => role(other, 'member'),
    () => role(other, dice.pick(['owner', 'admin'])),
    () => addAdmin(other),
    () => rename(`${who} ${String(dice.below(100))}`),
  ];
  return dice.pick(acts)();
}

function randomAct(dice: Dice, who: string, people: readonly string[]): KnownAct {
  const other = dice.pick(people);
  const link = keyOf(dice.pick(LINKS));
  const via = { invite: link, proof: proofFor(dice.chance(0.9) ? other : who) };
  const acts: (() => KnownAct)[] = [
    () => remove(other, { ban: dice.chance(0.2), seen: { [`author of ${other}`]: dice.below(20) } }),
    () => (dice.chance(0.3) ? remove(other) : add(other)),
    () => (dice.chance(0.2) ? remove(who) : role(other, 'owner')),
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
