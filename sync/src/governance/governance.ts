/**
 * `foldGroup(acts) -> state`: pure, independent of order, tolerant of duplicates; and {@link Governance}, which takes acts
 * as they come and has the same state. Every act is judged once, by what its own past makes; only acts at the same time
 * are looked at again (SPEC, G rules). Knows nothing of documents, devices or signatures.
 */
import type { AccountId } from '@securechat/crypto';
import type { ActId } from '../records/index.ts';
import { type Placed, compareOrder, placeAct } from './history.ts';
import { push } from './relations.ts';
import { factsAt } from './replay.ts';
import { refusalOf } from './rights.ts';
import { compareText } from './seniority.ts';
import type { GroupAct, GroupRules, GroupState, Refusal } from './types.ts';

/** What these acts make of the group, in whatever order and however often each is there. */
export function foldGroup(acts: Iterable<GroupAct>, rules: GroupRules): GroupState {
  const governance = new Governance(rules);
  governance.add(acts);
  return governance.state;
}

/** What the acts dated up to `ms` make of it. */
export function rosterAt(acts: Iterable<GroupAct>, ms: number, rules: GroupRules): GroupState {
  return foldGroup(
    [...acts].filter((act) => act.time.ms <= ms),
    rules,
  );
}

/** The acts of one group that are here. */
export class Governance {
  readonly #rules: GroupRules;
  readonly #acts = new Map<ActId, GroupAct>();
  /** What an act whose past is here is in the history: itself, or what it followed when it does not count. */
  readonly #places = new Map<ActId, readonly Placed[]>();
  readonly #refused = new Map<ActId, Refusal>();
  /** Acts that wait, under one of those that they wait for. */
  readonly #waiting = new Map<ActId, GroupAct[]>();
  readonly #heads = new Set<Placed>();
  #state: GroupState | undefined;

  constructor(rules: GroupRules) {
    this.#rules = rules;
  }

  /** Takes in acts; answers whether there was a new one. */
  add(acts: Iterable<GroupAct>): boolean {
    let changed = false;
    for (const act of acts) {
      if (this.#acts.has(act.id)) continue;
      this.#acts.set(act.id, act);
      this.#settle(act);
      changed = true;
    }
    if (changed) this.#state = undefined;
    return changed;
  }

  get state(): GroupState {
    this.#state ??= this.#compute();
    return this.#state;
  }

  /** All that are here, counting or not. */
  get acts(): Iterable<GroupAct> {
    return this.#acts.values();
  }

  actOf(id: ActId): GroupAct | undefined {
    return this.#acts.get(id);
  }

  /** The acts by which a member is one, from the founding to the one that let them in; empty for anybody else. */
  whyHere(account: AccountId): readonly ActId[] {
    const chain: ActId[] = [];
    let grant = this.state.members.get(account)?.grant;
    while (grant !== undefined) {
      chain.unshift(grant);
      const place: Placed | undefined = this.#places.get(grant)?.[0];
      grant = place?.before.members.get(place.act.account)?.grant;
    }
    return chain;
  }

  /**
   * What a removal goes after that shall also undo this act and its author's later ones: the heads of all that does not
   * follow it. Somebody who has the right to remove its author needs this when the act did harm.
   */
  headsWithout(act: ActId): readonly ActId[] {
    const others = [...this.#places].flatMap(([id, [place]]) => (place?.act.id === id ? [place] : []));
    const lost = new Set<Placed>();
    const followed = new Set<Placed>();
    for (const place of others.sort(compareOrder)) {
      const isLost = place.act.id === act || place.parents.some((parent) => lost.has(parent));
      if (isLost) lost.add(place);
      else for (const parent of place.parents) followed.add(parent);
    }
    const heads = others.filter((place) => !lost.has(place) && !followed.has(place));
    return headsFirst(heads, this.state.refused);
  }

  #compute(): GroupState {
    const heads = [...this.#heads];
    const facts = factsAt(heads);
    return {
      ...facts,
      heads: headsFirst(heads, facts.refused),
      refused: new Map([...facts.refused, ...this.#refused]),
      pending: this.#pending(),
    };
  }

  #pending(): Map<ActId, readonly ActId[]> {
    const pending = new Map<ActId, readonly ActId[]>();
    for (const act of [...this.#waiting.values()].flat()) {
      pending.set(act.id, act.body.after.filter((id) => !this.#acts.has(id)).sort(compareText));
    }
    return pending;
  }

  /** Places an act and all that waited for nothing else. */
  #settle(act: GroupAct): void {
    const open = [act];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const missing = next.body.after.find((id) => !this.#places.has(id));
      if (missing !== undefined) {
        push(this.#waiting, missing, next);
        continue;
      }
      this.#place(next);
      open.push(...(this.#waiting.get(next.id) ?? []));
      this.#waiting.delete(next.id);
    }
  }

  #place(act: GroupAct): void {
    const parents = [...new Set(act.body.after.flatMap((id) => this.#places.get(id) ?? []))];
    const before = factsAt(parents);
    const refusal = refusalOf(act, before, this.#rules);
    if (refusal !== undefined) {
      this.#refused.set(act.id, refusal);
      this.#places.set(act.id, parents);
      return;
    }
    const placed = placeAct(act, parents, before);
    this.#places.set(act.id, [placed]);
    for (const parent of parents) this.#heads.delete(parent);
    this.#heads.add(placed);
  }
}

/** Those that stand come first: somebody who was removed cannot crowd them out of what the next act can name. */
function headsFirst(heads: readonly Placed[], refused: ReadonlyMap<ActId, Refusal>): ActId[] {
  const ids = heads.map(({ act }) => act.id).sort(compareText);
  return [...ids.filter((id) => !refused.has(id)), ...ids.filter((id) => refused.has(id))];
}
