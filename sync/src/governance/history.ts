/**
 * The history as a graph: acts that count in their own past, each after the ones it names, with what was true before it.
 * Acts that do not count are left out, as if what follows them followed what they follow. Knows how far back acts at the
 * same time can reach; what becomes of those is `contest.ts`.
 */
import { type AccountId, toBase64Url } from '@securechat/crypto';
import { type ActId, type Hlc, type Role, compareHlc } from '../records/index.ts';
import { NOTHING, applyAct } from './effects.ts';
import { compareRoles, isByInvite, neededRole, permissionFor } from './rights.ts';
import { compareText } from './seniority.ts';
import type { GroupAct, GroupFacts, Invite, Member } from './types.ts';

/** An act that counts in its own past. */
export interface Placed {
  readonly act: GroupAct;
  readonly parents: readonly Placed[];
  /** Acts in the longest chain from a founding. */
  readonly depth: number;
  /** Its own time, or that of the latest act before it, whichever is later. */
  readonly date: Hlc;
  /** What its past makes, without it and with it. */
  readonly before: GroupFacts;
  readonly after: GroupFacts;
  /** The role it took. */
  readonly needs: Role;
  /** What gave its author the right: of each of these at least one must stand. */
  readonly support: readonly (readonly ActId[])[];
  readonly takes: Taking | undefined;
  /** The invites that alone gave the right to add. */
  readonly doors: readonly Invite[];
}

/** What an act takes away from others: a membership (`leaves` nothing), a role, an invite. */
export type Taking = { readonly account: AccountId; readonly leaves: Role | undefined } | { readonly invite: string };

/** Puts an act that counts in its place. */
export function placeAct(act: GroupAct, parents: readonly Placed[], before: GroupFacts): Placed {
  const depth = parents.reduce((deepest, parent) => Math.max(deepest, parent.depth + 1), 0);
  const date = parents.reduce(
    (latest, parent) => (compareHlc(parent.date, latest) > 0 ? parent.date : latest),
    act.time,
  );
  const after = applyAct(before, { act, date, depth, isRemoved: () => false });
  const needs = act.body.act.type === 'found' ? 'member' : neededRole(act, before);
  const doors = doorsOf(act, before);
  const support = supportOf({ act, needs, doors }, before);
  return { act, parents, depth, date, before, after, needs, support, takes: takingOf(act, before), doors };
}

/** Ascending in the order in which acts are applied: no act comes before one in its past. */
export function compareOrder(a: Placed, b: Placed): number {
  return compareHlc(a.date, b.date) || a.depth - b.depth || compareText(a.act.id, b.act.id);
}

/**
 * The acts under these heads down to the nearest acts that all of them follow, and what is true at those. Nothing
 * outside is at the same time as anything inside.
 */
export function regionOf(heads: readonly Placed[]): { readonly base: GroupFacts; readonly region: readonly Placed[] } {
  const levels: (Placed[] | undefined)[] = [];
  const seen = new Set<Placed>();
  const region: Placed[] = [];
  let hasFounding = false;
  const reach = (act: Placed) => {
    if (seen.has(act)) return;
    seen.add(act);
    (levels[act.depth] ??= []).push(act);
  };
  heads.forEach(reach);
  for (let depth = levels.length - 1; depth >= 0; depth -= 1) {
    const level = levels[depth] ?? [];
    for (const act of level) {
      const isLast = region.length === seen.size - 1;
      if (isLast && !hasFounding) return { base: act.after, region };
      region.push(act);
      hasFounding ||= act.parents.length === 0;
      act.parents.forEach(reach);
    }
    const lowest = level.at(-1);
    const waiting = seen.size - region.length;
    if (lowest?.parents.length === waiting && !hasFounding && allFollow(region, depth, waiting)) {
      return { base: lowest.before, region };
    }
  }
  return { base: NOTHING, region };
}

/** Whether each of these follows all acts that wait, which are those less deep, or none of them at first hand. */
function allFollow(region: readonly Placed[], depth: number, waiting: number): boolean {
  return region.every(({ parents }) => {
    const below = parents.filter((parent) => parent.depth < depth).length;
    return below === 0 || below === waiting;
  });
}

function doorsOf(act: GroupAct, before: GroupFacts): readonly Invite[] {
  const { act: what } = act.body;
  if (what.type !== 'add' || !isByInvite(act, what, before)) return [];
  const invites = what.members.map((member) => member.via && before.invites.get(toBase64Url(member.via.invite)));
  return invites.filter((invite) => invite !== undefined);
}

function supportOf(
  { act, needs, doors }: Pick<Placed, 'act' | 'needs' | 'doors'>,
  before: GroupFacts,
): readonly (readonly ActId[])[] {
  const member = before.members.get(act.account);
  if (act.body.act.type === 'found' || member === undefined) return [];
  const byRole = needs !== 'member' && member.roleBy !== undefined ? [[member.roleBy]] : [];
  return [
    [member.grant, ...member.alsoGrantedBy],
    ...byRole,
    ...permissionSupport(act, member, before),
    ...doors.map((invite) => [invite.by]),
  ];
}

function permissionSupport(act: GroupAct, member: Member, before: GroupFacts): readonly (readonly ActId[])[] {
  const byPermission = compareRoles(member.role, 'admin') < 0 && permissionFor(act.body.act, before) === 'everyone';
  return byPermission && before.permissionsBy !== undefined ? [[before.permissionsBy]] : [];
}

function takingOf({ body }: GroupAct, before: GroupFacts): Taking | undefined {
  const { act: what } = body;
  if (what.type === 'remove') return { account: what.account, leaves: undefined };
  if (what.type === 'revoke') return { invite: toBase64Url(what.invite) };
  if (what.type !== 'role') return undefined;
  const { account, role: leaves } = what;
  const role = before.members.get(account)?.role ?? 'member';
  return compareRoles(leaves, role) < 0 ? { account, leaves } : undefined;
}
