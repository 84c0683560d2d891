/** Who is senior to whom (SPEC, G-SENIOR): it decides where nothing else does. */
import type { AccountId } from '@securechat/crypto';
import { compareHlc } from '../records/index.ts';
import { compareRoles } from './rights.ts';
import type { Member } from './types.ts';

/** Negative when `a` is senior to `b`: higher role, then a grant nearer to the founding, then an earlier one. */
export function compareSeniority(
  [a, one]: readonly [AccountId, Member],
  [b, two]: readonly [AccountId, Member],
): number {
  return (
    compareRoles(two.role, one.role) ||
    one.depth - two.depth ||
    compareHlc(one.since, two.since) ||
    compareText(one.grant, two.grant) ||
    compareText(a, b)
  );
}

/** By UTF-16 units, as every list of ids is sorted. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
