/**
 * Which acts of a region stand (SPEC, G-STAND): what nothing that stands undoes, and what it stands on stands. Where acts
 * undo each other in a circle the most senior author's stands. The outcome is the same whatever the order in which
 * circles are looked at, because only circles that depend on nothing undecided are.
 */
import type { AccountId } from '@securechat/crypto';
import type { ActId } from '../records/index.ts';
import { type Placed, compareOrder } from './history.ts';
import { type Relations, push, reachable } from './relations.ts';
import { compareSeniority } from './seniority.ts';
import type { Member, Refusal } from './types.ts';

type Outcome = 'stands' | 'void';

/** The acts that do not stand, and why. Those in `lost` were found wanting before. */
export function contest(relations: Relations, lost: ReadonlyMap<Placed, Refusal>): Map<Placed, Refusal> {
  const outcomes = new Contest(relations, lost.keys());
  const voids = new Map<Placed, Refusal>();
  for (const act of relations.acts) {
    if (!outcomes.isVoid(act)) continue;
    voids.set(act, lost.get(act) ?? outcomes.reason(act));
  }
  return voids;
}

/** One run; its state is what is decided so far. */
class Contest {
  readonly #relations: Relations;
  readonly #outcomes = new Map<Placed, Outcome>();
  /** Attackers of an act that are not void. */
  readonly #threats = new Map<Placed, number>();
  /** Acts that stand because their authors are senior. */
  readonly #seniors: Placed[] = [];
  readonly #news: Placed[] = [];

  constructor(relations: Relations, lost: Iterable<Placed>) {
    this.#relations = relations;
    for (const [act, attackers] of relations.attackers) this.#threats.set(act, attackers.length);
    for (const act of lost) this.#decide(act, 'void');
    for (const act of relations.acts) this.#look(act);
    this.#spread();
    for (let open = this.#open(); open.length > 0; open = this.#open()) {
      this.#breakCircle(open);
      this.#spread();
    }
  }

  isVoid(act: Placed): boolean {
    return this.#outcomes.get(act) === 'void';
  }

  reason(act: Placed): Refusal {
    const { attackers, attacked, support } = this.#relations;
    const senior = first(this.#seniors.filter((other) => attacked.get(act)?.includes(other)));
    if (senior !== undefined) return { type: 'OutrankedBySenior', by: senior.act.id };
    const attacker = first((attackers.get(act) ?? []).filter((other) => !this.isVoid(other)));
    if (attacker !== undefined) return reasonOf(attacker, act);
    const group = (support.get(act) ?? []).find((acts) => acts.every((other) => this.isVoid(other)));
    return { type: 'Unfounded', on: first(group ?? [])?.act.id ?? act.act.id };
  }

  #open(): Placed[] {
    return this.#relations.acts.filter((act) => !this.#outcomes.has(act));
  }

  #decide(act: Placed, outcome: Outcome): void {
    if (this.#outcomes.has(act)) return;
    this.#outcomes.set(act, outcome);
    this.#news.push(act);
  }

  #spread(): void {
    const { attacked, supported } = this.#relations;
    for (let act = this.#news.pop(); act !== undefined; act = this.#news.pop()) {
      const stands = !this.isVoid(act);
      for (const other of attacked.get(act) ?? []) {
        if (stands) this.#decide(other, 'void');
        else this.#threats.set(other, (this.#threats.get(other) ?? 0) - 1);
        this.#look(other);
      }
      for (const other of supported.get(act) ?? []) this.#look(other);
    }
  }

  /** Decides the act if what is known suffices. */
  #look(act: Placed): void {
    const groups = this.#relations.support.get(act) ?? [];
    if (groups.some((group) => group.every((other) => this.isVoid(other)))) this.#decide(act, 'void');
    else if ((this.#threats.get(act) ?? 0) === 0 && groups.every((group) => this.#holds(group))) {
      this.#decide(act, 'stands');
    }
  }

  #holds(group: readonly Placed[]): boolean {
    return group.some((act) => this.#outcomes.get(act) === 'stands');
  }

  #breakCircle(open: readonly Placed[]): void {
    const { support, attackers } = this.#relations;
    const ready = this.#circleOf(open).filter((act) => (support.get(act) ?? []).every((group) => this.#holds(group)));
    const [senior] = ready.sort(compareAuthors);
    if (senior === undefined) throw new Error('a circle without a beginning');
    this.#seniors.push(senior);
    this.#decide(senior, 'stands');
    for (const attacker of attackers.get(senior) ?? []) this.#decide(attacker, 'void');
  }

  /** A circle that depends on no other: open acts of which each leads to each. */
  #circleOf(open: readonly Placed[]): Placed[] {
    const after = new Map<Placed, Placed[]>();
    for (const act of open) for (const other of this.#dependsOn(act)) push(after, other, act);
    let [act] = open;
    while (act !== undefined) {
      const sources = reachable(act, (other) => this.#dependsOn(other));
      const targets = reachable(act, (other) => after.get(other) ?? []);
      const beyond = [...sources].find((other) => !targets.has(other));
      if (beyond === undefined) return [...sources];
      act = beyond;
    }
    return [];
  }

  #dependsOn(act: Placed): Placed[] {
    const { attackers, support } = this.#relations;
    const groups = (support.get(act) ?? []).filter((group) => !this.#holds(group));
    return [...(attackers.get(act) ?? []), ...groups.flat()].filter((other) => !this.#outcomes.has(other));
  }
}

function reasonOf(attacker: Placed, act: Placed): Refusal {
  const { takes } = attacker;
  const by: ActId = attacker.act.id;
  if (takes === undefined || 'invite' in takes || takes.account !== act.act.account) return { type: 'InviteRevoked' };
  return { type: takes.leaves === undefined ? 'RemovedConcurrently' : 'DemotedConcurrently', by };
}

function first(acts: readonly Placed[]): Placed | undefined {
  return [...acts].sort(compareOrder)[0];
}

/** By the seniority of the authors, as each act's past has it; of one author's acts the first. */
function compareAuthors(a: Placed, b: Placed): number {
  const [one, two] = [authorOf(a), authorOf(b)];
  const bySeniority = one === undefined || two === undefined ? 0 : compareSeniority(one, two);
  return bySeniority || compareOrder(a, b);
}

function authorOf({ act, before }: Placed): readonly [AccountId, Member] | undefined {
  const member = before.members.get(act.account);
  return member && [act.account, member];
}
