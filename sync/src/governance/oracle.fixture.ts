/**
 * The rules of governance word for word and as slowly as that is: pasts as sets, every pair of acts compared, the whole
 * history decided anew for every act. Shares with the fold what one act needs and changes (rights, effects), nothing else.
 */
import type { ActId } from '../records/index.ts';
import { NOTHING, applyAct } from './effects.ts';
import { type Placed, compareOrder, placeAct } from './history.ts';
import { compareRoles, refusalOf } from './rights.ts';
import { compareSeniority } from './seniority.ts';
import type { GroupAct, GroupFacts, GroupRules } from './types.ts';

export function oracleFacts(acts: readonly GroupAct[], rules: GroupRules): Decision {
  const byId = new Map(acts.map((act) => [act.id, act]));
  const pasts = new Map<ActId, Set<ActId> | undefined>();
  const past = (id: ActId): Set<ActId> | undefined => {
    if (pasts.has(id)) return pasts.get(id);
    const all = new Set<ActId>();
    let whole = true;
    for (const before of byId.get(id)?.body.after ?? []) {
      const more = byId.has(before) ? past(before) : undefined;
      if (more === undefined) whole = false;
      else for (const item of [before, ...more]) all.add(item);
    }
    pasts.set(id, whole ? all : undefined);
    return pasts.get(id);
  };
  /** Acts that count in their own past; their parents are their whole past. */
  const placed = new Map<ActId, Placed | undefined>();
  const place = (id: ActId): Placed | undefined => {
    const act = byId.get(id);
    const before = past(id);
    if (placed.has(id) || act === undefined || before === undefined) return placed.get(id);
    const parents = [...before].map(place).filter((item) => item !== undefined);
    const { facts } = decide(parents);
    placed.set(id, refusalOf(act, facts, rules) === undefined ? placeAct(act, parents, facts) : undefined);
    return placed.get(id);
  };
  return decide(acts.map(({ id }) => place(id)).filter((item) => item !== undefined));
}

export interface Decision {
  readonly facts: GroupFacts;
  /** Ids of the acts that count. */
  readonly stands: ReadonlySet<ActId>;
}

function decide(acts: readonly Placed[]): Decision {
  const order = [...new Set(acts)].sort(compareOrder);
  const usedUp = new Set<Placed>();
  for (;;) {
    const stands = standing(order, usedUp);
    let facts = NOTHING;
    let tooMany: Placed | undefined;
    for (const act of order) {
      if (!stands.has(act)) continue;
      const counts = new Map<string, number>();
      const full = act.doors.some((door) => {
        const key = [...facts.invites].find(([, invite]) => invite.by === door.by)?.[0] ?? '';
        const invite = facts.invites.get(key);
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return invite !== undefined && invite.uses > 0 && invite.used + (counts.get(key) ?? 0) > invite.uses;
      });
      if (full) tooMany = act;
      if (full) break;
      const { date, depth } = act;
      const isRemoved = (account: string) =>
        [...stands].some((other) => areApart(other, act) && isRemoval(other, account));
      facts = applyAct(facts, { act: act.act, date, depth, isRemoved });
    }
    if (tooMany === undefined) return { facts, stands: new Set([...stands].map(({ act }) => act.id)) };
    usedUp.add(tooMany);
  }
}

/** The acts that stand: repeats the rule until nothing changes, and only then lets a senior decide. */
function standing(acts: readonly Placed[], lost: ReadonlySet<Placed>): Set<Placed> {
  const run: Run = { acts, stands: new Set(), falls: new Set(lost) };
  for (;;) {
    while (repeat(run));
    if (open(run).length === 0) return run.stands;
    const [senior] = open(run)
      .filter((act) => isInFirstCircle(run, act) && isMet(run, act))
      .sort(bySeniority);
    if (senior === undefined) throw new Error('nothing can be decided');
    run.stands.add(senior);
    for (const enemy of attackersOf(run, senior)) run.falls.add(enemy);
  }
}

interface Run {
  readonly acts: readonly Placed[];
  readonly stands: Set<Placed>;
  readonly falls: Set<Placed>;
}

const open = ({ acts, stands, falls }: Run) => acts.filter((act) => !stands.has(act) && !falls.has(act));
const attackersOf = ({ acts }: Run, act: Placed) => acts.filter((other) => undoes(other, act));
const groupsOf = ({ acts }: Run, act: Placed) =>
  act.support.map((ids) => acts.filter((other) => ids.includes(other.act.id)));
const isMet = (run: Run, act: Placed) =>
  groupsOf(run, act).every((group) => group.some((other) => run.stands.has(other)));

/** Looks at every open act once; answers whether one was decided. */
function repeat(run: Run): boolean {
  const { stands, falls } = run;
  const before = open(run);
  for (const act of before) {
    const attackers = attackersOf(run, act);
    const isLost = groupsOf(run, act).some((group) => group.every((other) => falls.has(other)));
    if (isLost || attackers.some((other) => stands.has(other))) falls.add(act);
    else if (isMet(run, act) && attackers.every((other) => falls.has(other))) stands.add(act);
  }
  return open(run).length < before.length;
}

function isInFirstCircle(run: Run, act: Placed): boolean {
  return [...sourcesOf(run, act)].every((other) => sourcesOf(run, other).has(act));
}

function sourcesOf(run: Run, act: Placed, found = new Set<Placed>()): Set<Placed> {
  const groups = groupsOf(run, act).filter((group) => !group.some((other) => run.stands.has(other)));
  for (const other of [...attackersOf(run, act), ...groups.flat()]) {
    if (found.has(other) || run.stands.has(other) || run.falls.has(other)) continue;
    found.add(other);
    sourcesOf(run, other, found);
  }
  return found;
}

function areApart(a: Placed, b: Placed): boolean {
  return a !== b && !a.parents.includes(b) && !b.parents.includes(a);
}

function isRemoval({ act }: Placed, account: string): boolean {
  return act.body.act.type === 'remove' && act.body.act.account === account;
}

function undoes(taker: Placed, victim: Placed): boolean {
  if (!areApart(taker, victim)) return false;
  const { act: what } = taker.act.body;
  if (what.type === 'revoke') return victim.doors.some((door) => String(door.key) === String(what.invite));
  if (what.type !== 'remove' && what.type !== 'role') return false;
  if (what.type === 'remove' && victim.doors.some((door) => door.creator === what.account)) return true;
  if (victim.act.account !== what.account || victim.act.body.act.type === 'found') return false;
  if (isRemoval(victim, victim.act.account)) return false;
  if (what.type === 'remove') return true;
  const role = taker.before.members.get(what.account)?.role ?? 'member';
  return compareRoles(what.role, role) < 0 && compareRoles(victim.needs, what.role) > 0;
}

function bySeniority(a: Placed, b: Placed): number {
  const [one, two] = [a, b].map(({ act, before }) => [act.account, before.members.get(act.account)] as const);
  if (one?.[1] === undefined || two?.[1] === undefined) throw new Error('an author who was no member');
  return compareSeniority([one[0], one[1]], [two[0], two[1]]) || compareOrder(a, b);
}
