/** Whose status comes where in the list, and in which order they follow each other when they are looked at. Pure. */
import type { AccountId, StatusId, Statuses, StatusRing, StatusSegment } from '@securechat/sync/api';

export interface RingGroup {
  readonly name: 'recent' | 'viewed' | 'muted';
  readonly rings: readonly StatusRing[];
}

export function countFresh(segments: readonly StatusSegment[]): number {
  return segments.filter(({ seen }) => !seen).length;
}

/** Those of whom something is new, those of whom everything was seen, muted ones; groups that are empty are left out. */
export function groupRings({ others, muted }: Pick<Statuses, 'others' | 'muted'>): readonly RingGroup[] {
  const isFresh = ({ segments }: StatusRing): boolean => countFresh(segments) > 0;
  const groups: readonly RingGroup[] = [
    { name: 'recent', rings: others.filter(isFresh) },
    { name: 'viewed', rings: others.filter((ring) => !isFresh(ring)) },
    { name: 'muted', rings: muted },
  ];
  return groups.filter(({ rings }) => rings.length > 0);
}

/** How many people have something new. Muted ones do not count. */
export function countFreshAuthors(statuses: Pick<Statuses, 'others'> | undefined): number {
  return statuses?.others.filter(({ segments }) => countFresh(segments) > 0).length ?? 0;
}

/** Where looking at somebody's statuses begins: the first new one; the oldest when all were seen. */
export function firstOf(segments: readonly StatusSegment[]): StatusId | undefined {
  return (segments.find(({ seen }) => !seen) ?? segments[0])?.statusId;
}

/** All of them, of whoever has some. */
export function segmentsOf(
  statuses: Statuses | undefined,
  accountId: AccountId,
  me: AccountId | undefined,
): readonly StatusSegment[] {
  if (accountId === me) return statuses?.mine.segments ?? [];
  const rings = [...(statuses?.others ?? []), ...(statuses?.muted ?? [])];
  return rings.find((ring) => ring.accountId === accountId)?.segments ?? [];
}

/** Whose status a message in a chat of two answers: the other side's of who wrote it. */
export function answeredBy(
  { mine }: { readonly mine: boolean },
  { me, peer }: { readonly me: AccountId | undefined; readonly peer: AccountId | undefined },
): AccountId | undefined {
  return mine ? peer : me;
}

/** Whether it can be looked at now. */
export function hasStatus(
  statuses: Statuses | undefined,
  { accountId, statusId }: { readonly accountId: AccountId; readonly statusId: StatusId },
  me: AccountId | undefined,
): boolean {
  return segmentsOf(statuses, accountId, me).some((segment) => segment.statusId === statusId);
}
