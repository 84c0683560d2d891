/** The facts that a region of the history makes: decides what stands, then applies it in order (SPEC, G-ORDER). */
import { type AccountId, toBase64Url } from '@securechat/crypto';
import { contest } from './contest.ts';
import { applyAct } from './effects.ts';
import { type Placed, compareOrder, regionOf } from './history.ts';
import { type Relations, relate } from './relations.ts';
import { hasRoom } from './rights.ts';
import type { GroupFacts, Refusal } from './types.ts';

/** What is true for somebody who knows these acts and all before them. */
export function factsAt(heads: readonly Placed[]): GroupFacts {
  const [only, ...others] = heads;
  if (only !== undefined && others.length === 0) return only.after;
  const { base, region } = regionOf(heads);
  const relations = relate([...region].sort(compareOrder));
  const usedUp = new Map<Placed, Refusal>();
  for (;;) {
    const outcome = replay(base, relations, contest(relations, usedUp));
    if ('facts' in outcome) return outcome.facts;
    usedUp.set(outcome.tooMany, { type: 'InviteUsedUp' });
  }
}

type Outcome = { readonly facts: GroupFacts } | { readonly tooMany: Placed };

/** Stops at the first act by an invite that let in as many as it may: what stands is then to be decided without it. */
function replay(base: GroupFacts, relations: Relations, voids: ReadonlyMap<Placed, Refusal>): Outcome {
  let facts = base;
  for (const act of relations.acts) {
    const refusal = voids.get(act);
    if (refusal !== undefined) {
      facts = { ...facts, refused: facts.refused.with(act.act.id, refusal) };
      continue;
    }
    if (!fits(act, facts)) return { tooMany: act };
    const isRemoved = (account: AccountId) => relations.removals(account, act).some((removal) => !voids.has(removal));
    facts = applyAct(facts, { act: act.act, date: act.date, depth: act.depth, isRemoved });
  }
  return { facts };
}

function fits({ doors }: Placed, facts: GroupFacts): boolean {
  const wanted = new Map<string, number>();
  return doors.every((door) => {
    const key = toBase64Url(door.key);
    const times = (wanted.get(key) ?? 0) + 1;
    wanted.set(key, times);
    const invite = facts.invites.get(key);
    return invite === undefined || hasRoom(invite, times);
  });
}
