/**
 * What frames are sealed with: each device has a key of its own, and takes a new one whenever a device comes or goes, so that
 * who comes opens nothing of before and who went nothing of after. It is told to exactly those who are in the call.
 */
import type { FrameKey } from '../../api-group-call.ts';
import type { GroupCallWord } from '../../payload/group-call-parts.ts';
import type { GroupTurn } from './group-turn.ts';
import { type Pair, acknowledge, stays } from './pair.ts';
import { type Link, type Linked, type Member, type Mine, type OwnCall, talkingTo } from './state.ts';

const IDS = 256;
/** Keys kept of each sender: frames that were sealed before its last change may still be under way. */
const KEPT = 2;

/** After who is in the call has changed: another key, with which this device seals once everybody has it. */
export function renewKey(turn: GroupTurn, call: OwnCall): void {
  const { next: pending, ...mine } = call.mine;
  const made = { id: ((pending ?? mine.key).id + 1) % IDS, key: turn.facts.fresh.next };
  const isAlone = talkingTo(call).length === 0;
  const changed: OwnCall = { ...call, mine: isAlone ? { ...mine, key: made } : { ...mine, next: made } };
  turn.put(changed);
  tellKeys(turn, changed);
}

/** Tells everybody this device's newest key who has not said to have it. */
export function tellKeys(turn: GroupTurn, call: OwnCall): void {
  for (const member of lacking(call)) tellKey(turn, call, member);
}

function tellKey(turn: GroupTurn, call: OwnCall, member: Member): void {
  turn.tell(call, member, { type: 'key', stays: stays(call, member), key: newestOf(call.mine) });
}

/** Who has not said to have this device's newest key. */
export function lacking(call: OwnCall): readonly Linked[] {
  const { id } = newestOf(call.mine);
  return talkingTo(call).filter(({ link }) => link.has !== id);
}

/** The call sealed with its next key. */
export function withNextKey(call: OwnCall): OwnCall {
  const { next, ...mine } = call.mine;
  return next === undefined ? call : { ...call, mine: { ...mine, key: next } };
}

/** They say what their newest key of this device's is; older ones they need no more. */
export function withTheirs(link: Link, has: number | undefined, { mine }: OwnCall): Link {
  return has === newestOf(mine).id ? { ...link, has } : link;
}

/** Another device tells its key. */
export function hearKey(
  turn: GroupTurn,
  { call, member }: Pair,
  { key }: Extract<GroupCallWord, { type: 'key' }>,
): void {
  const { link } = member;
  const newest = link.keys.at(-1);
  const isNew = newest === undefined || isAfter(key.id, newest.id);
  const keys = isNew ? [...link.keys, key].slice(-KEPT) : link.keys;
  acknowledge(turn, { call, member: { ...member, link: { ...link, keys } } });
}

/** Ids go round: what comes after another is less than half of them away. */
function isAfter(id: number, other: number): boolean {
  const steps = (id - other + IDS) % IDS;
  return steps > 0 && steps < IDS / 2;
}

function newestOf({ key, next }: Mine): FrameKey {
  return next ?? key;
}
