/**
 * Whether a record of the chat is shown, by who its author's account was in the group (SPEC, G-CUT). Nothing is deleted:
 * what a later act allows again appears again.
 */
import type { AccountId } from '@securechat/crypto';
import { type Hlc, compareHlc } from '../records/index.ts';
import type { Situation } from './types.ts';

/** A record's place: whose it is, by which author key (base64url), its counter there, and its time. */
export interface Placement {
  readonly account: AccountId;
  readonly author: string;
  readonly n: number;
  readonly time: Hlc;
}

export type Verdict = 'shown' | 'NotMember' | 'AfterRemoval' | 'MayNotWrite';

export function verdictOf(facts: Standing, { account, author, n, time }: Placement): Verdict {
  if (!facts.roles.has(account)) return 'NotMember';
  if (isCut(facts, account, author, n)) return 'AfterRemoval';
  return mayWrite(facts, account, time) ? 'shown' : 'MayNotWrite';
}

/** What verdicts are made from: every group state has it. */
export type Standing = Pick<Situation, 'members' | 'cuts' | 'roles' | 'writes'>;

/** Whether a removal cuts this record off: above what the remover had, or by a key that the removed had kept back. */
export function isCut(facts: Standing, account: AccountId, author: string, n: number): boolean {
  const seen = facts.cuts.get(account)?.get(author);
  return seen === undefined ? !facts.members.has(account) : n > seen;
}

/** Whether an account might write at a time, as its clock had it. */
export function mayWrite(facts: Standing, account: AccountId, time: Hlc): boolean {
  const write = before(facts.writes, time)?.write ?? 'everyone';
  if (write === 'everyone') return true;
  const roles = facts.roles.get(account) ?? [];
  const role = (before(roles, time) ?? roles[0])?.role ?? 'member';
  return role !== 'member';
}

/** The last of these that is earlier than `time`. */
function before<T extends { readonly since: Hlc }>(items: readonly T[], time: Hlc): T | undefined {
  return items.findLast((item) => compareHlc(item.since, time) < 0);
}
