/**
 * The rules of governance word for word and as slowly as that is: pasts as sets, every pair of acts compared, the whole
 * history decided anew for every act. Shares with the fold what one act needs and changes (rights, effects), nothing else.
 */
import { type ActId } from '../records/index.ts';
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
  const stands = new Set<Placed>();
  const falls = new Set<Placed>(lost);
  const attackers = new Map(acts.map((act) => [act, acts.filter((other) => undoes(other, act))]));
  const open = () => acts.filter((act) => !stands.has(act) && !falls.has(act));
  const groupsOf = (act: Placed) =>
    act.support
      .map((ids) => ids.map((id) => acts.find((other) => other.act.id === id)))
      .map((group) => group.filter((x) => x !== undefined));
  const isMet = (act: Placed) => groupsOf(act).every((group) => group.some((other) => stands.has(other)));
  for (;;) {
    let changed = false;
    for (const act of open()) {
      const enemies = attackers.get(act) ?? [];
      if (
        enemies.some((enemy) => stands.has(enemy)) ||
        groupsOf(act).some((group) => group.every((x) => falls.has(x)))
      ) {
        falls.add(act);
        changed = true;
      } else if (enemies.every((enemy) => falls.has(enemy)) && isMet(act)) {
        stands.add(act);
        changed = true;
      }
    }
    if (changed) continue;
    const left = open();
    if (left.length === 0) return stands;
    const needs = (act: Placed): Placed[] =>
      [
        ...(attackers.get(act) ?? []),
        ...groupsOf(act)
          .filter((group) => !group.some((other) => stands.has(other)))
          .flat(),
      ].filter((other) => left.includes(other));
    const sources = (act: Placed): Set<Placed> => {
      const all = new Set<Placed>();
      const visit = (item: Placed) => {
        for (const other of needs(item)) if (!all.has(other)) visit((all.add(other), other));
      };
      visit(act);
      return all;
    };
    const inFirstCircle = (act: Placed) => [...sources(act)].every((other) => sources(other).has(act));
    const [senior] = left.filter((act) => inFirstCircle(act) && isMet(act)).sort(bySeniority);
    if (senior === undefined) throw new Error('nothing can be decided');
    stands.add(senior);
    for (const enemy of attackers.get(senior) ?? []) if (!stands.has(enemy)) falls.add(enemy);
  }
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
