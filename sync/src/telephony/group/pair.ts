/** This device and another one in the same call. */
import type { Stays } from '../../payload/group-call-parts.ts';
import type { GroupTurn } from './group-turn.ts';
import type { Linked, Member, OwnCall } from './state.ts';

export interface Pair {
  readonly call: OwnCall;
  readonly member: Linked;
}

export function withMember(call: OwnCall, member: Member): OwnCall {
  const { device } = member.party;
  return { ...call, others: call.others.map((other) => (other.party.device === device ? member : other)) };
}

/** Between which stays this device speaks. */
export function stays({ mine }: OwnCall, { joinedAt }: Member): Stays {
  return { mine: mine.joinedAt, yours: joinedAt };
}

/** Keeps what came of a device, and says so to it. */
export function acknowledge(turn: GroupTurn, { call, member }: Pair): void {
  turn.put(withMember(call, member));
  const { signals, keys } = member.link;
  const key = keys.at(-1)?.id;
  const { received } = signals;
  turn.tell(call, member, { type: 'got', stays: stays(call, member), received, ...(key !== undefined && { key }) });
}
