/**
 * Which acts of a region undo which, and which stand on which (SPEC, G-TAKE and G-STAND). Only acts at the same time,
 * neither in the other's past, can undo each other.
 */
import { type AccountId, toBase64Url } from '@securechat/crypto';
import type { Placed } from './history.ts';
import { compareRoles } from './rights.ts';

export interface Relations {
  readonly acts: readonly Placed[];
  /** Acts at the same time that take away what an act needed. */
  readonly attackers: ReadonlyMap<Placed, readonly Placed[]>;
  readonly attacked: ReadonlyMap<Placed, readonly Placed[]>;
  /** Of each group at least one must stand. What is not in the region stands. */
  readonly support: ReadonlyMap<Placed, readonly (readonly Placed[])[]>;
  readonly supported: ReadonlyMap<Placed, readonly Placed[]>;
  /** Removals of an account at the same time as an act. */
  readonly removals: (account: AccountId, than: Placed) => readonly Placed[];
}

export function relate(region: readonly Placed[]): Relations {
  const attackers = new Map<Placed, Placed[]>();
  const attacked = new Map<Placed, Placed[]>();
  const apart = apartFrom(region);
  for (const [taker, others] of apart) {
    for (const act of others) {
      if (!robs(taker, act)) continue;
      push(attackers, act, taker);
      push(attacked, taker, act);
    }
  }
  const removals = (account: AccountId, than: Placed) =>
    [...apart].filter(([taker, others]) => removes(taker, account) && others.has(than)).map(([taker]) => taker);
  return { acts: region, attackers, attacked, ...supportIn(region), removals };
}

/** Appends to the list under `key`. */
export function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** All that can be reached from `from` over `next`, without `from` unless it can be reached. */
export function reachable<T>(from: T, next: (item: T) => readonly T[]): Set<T> {
  const reached = new Set<T>();
  const open = [...next(from)];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (reached.has(item)) continue;
    reached.add(item);
    open.push(...next(item));
  }
  return reached;
}

/** For each act that takes something, the acts at the same time. */
function apartFrom(region: readonly Placed[]): Map<Placed, ReadonlySet<Placed>> {
  const here = new Set(region);
  const children = new Map<Placed, Placed[]>();
  for (const act of region) for (const parent of act.parents) push(children, parent, act);
  const apart = new Map<Placed, ReadonlySet<Placed>>();
  for (const act of region) {
    if (act.takes === undefined) continue;
    const past = reachable(act, ({ parents }) => parents.filter((parent) => here.has(parent)));
    const future = reachable(act, (later) => children.get(later) ?? []);
    apart.set(act, new Set(region.filter((other) => other !== act && !past.has(other) && !future.has(other))));
  }
  return apart;
}

function robs({ takes }: Placed, { act, needs, doors }: Placed): boolean {
  if (takes === undefined) return false;
  if ('invite' in takes) return doors.some((invite) => toBase64Url(invite.key) === takes.invite);
  const { account, leaves } = takes;
  if (leaves === undefined && doors.some((invite) => invite.creator === account)) return true;
  const { act: what } = act.body;
  const isLeaving = what.type === 'remove' && what.account === account;
  if (act.account !== account || isLeaving || what.type === 'found') return false;
  return leaves === undefined || compareRoles(needs, leaves) > 0;
}

function removes({ takes }: Placed, account: AccountId): boolean {
  return takes !== undefined && 'account' in takes && takes.account === account && takes.leaves === undefined;
}

function supportIn(region: readonly Placed[]): Pick<Relations, 'support' | 'supported'> {
  const byId = new Map(region.map((act) => [act.act.id, act]));
  const support = new Map<Placed, Placed[][]>();
  const supported = new Map<Placed, Placed[]>();
  for (const act of region) {
    for (const ids of act.support) {
      const group = ids.map((id) => byId.get(id)).filter((found) => found !== undefined);
      if (group.length < ids.length) continue;
      push(support, act, group);
      for (const item of group) push(supported, item, act);
    }
  }
  return { support, supported };
}
