/**
 * Who may do what (SPEC, G-RIGHT): one act against the state of the group as its author knew it. Knows nothing of acts at
 * the same time; those are `contest.ts`.
 */
import { type AccountId, type Public, accountIdOf, toBase64Url } from '@securechat/crypto';
import type { Act, AddAct, InviteProof, KnownAct, NewMember, Role, Who } from '../records/index.ts';
import type { GroupAct, Situation, GroupRules, Invite, Member, Refusal } from './types.ts';

const RANK: Readonly<Record<Role, number>> = { member: 0, admin: 1, owner: 2 };

/** Negative, zero or positive, as `a` may do less, the same or more than `b`. */
export function compareRoles(a: Role, b: Role): number {
  return RANK[a] - RANK[b];
}

/** An id is only a hash; whoever checks a signature by the key looks at the key first. */
export function accountOf(key: Uint8Array): AccountId {
  return accountIdOf(key as Public<'Account'>);
}

/** Why `act` does not count for somebody who knows exactly `facts`; undefined when it does. */
export function refusalOf(act: GroupAct, facts: Situation, rules: GroupRules): Refusal | undefined {
  const { act: what } = act.body;
  if (what.type === 'found') return refusalOfFounding(act, rules);
  if (facts.founder === undefined) return { type: 'NoFounding' };
  const member = facts.members.get(act.account);
  if (member === undefined) return { type: 'NotMember' };
  if (what.type === 'unknown') return undefined;
  return refusalOfRole(act, what, member, facts) ?? refusalOfContent(act, what, facts, rules);
}

/** The least role that may do this, as things are. By an invite that lets people in any member may add. */
export function neededRole(act: GroupAct, facts: Situation): Role {
  const { act: what } = act.body;
  if (what.type === 'add' && isByInvite(act, what, facts)) return 'member';
  return what.type === 'unknown' ? 'member' : roleFor(act, what, facts);
}

/** The permission by which members may do this; undefined when no permission is about it. */
export function permissionFor(what: Act, facts: Situation): Who | undefined {
  const { add, info, pin } = facts.permissions;
  switch (what.type) {
    case 'add':
    case 'invite':
      return add;
    case 'info':
    case 'timer':
      return info;
    case 'pin':
      return pin;
    default:
      return undefined;
  }
}

/** Whether the author may add these only because they came by a link. */
export function isByInvite(act: GroupAct, what: AddAct, facts: Situation): boolean {
  const role = facts.members.get(act.account)?.role ?? 'member';
  const isOrdinary = what.members.every((member) => member.via !== undefined && member.role === 'member');
  return isOrdinary && compareRoles(role, roleFor(act, what, facts)) < 0;
}

function refusalOfFounding({ body, account }: GroupAct, rules: GroupRules): Refusal | undefined {
  if (body.act.type !== 'found') return undefined;
  const { founderKey, nonce } = body.act;
  if (!rules.isChatOf(founderKey, nonce)) return { type: 'WrongChat' };
  return accountOf(founderKey) === account ? undefined : { type: 'NotFounder' };
}

function refusalOfRole(act: GroupAct, what: KnownAct, { role }: Member, facts: Situation): Refusal | undefined {
  const needed = what.type === 'add' && isByInvite(act, what, facts) ? 'member' : roleFor(act, what, facts);
  return compareRoles(role, needed) < 0 ? { type: 'NeedsRole', role: needed } : undefined;
}

function roleFor(act: GroupAct, what: KnownAct, facts: Situation): Role {
  const permission = permissionFor(what, facts);
  if (what.type === 'add' && what.members.some((member) => member.role === 'admin')) return 'admin';
  if (permission !== undefined) return permission === 'everyone' ? 'member' : 'admin';
  switch (what.type) {
    case 'remove':
      return what.account === act.account ? 'member' : roleOver(what.account, facts);
    case 'role':
      return what.role === 'owner' ? 'owner' : roleOver(what.account, facts);
    case 'revoke':
      return facts.invites.get(toBase64Url(what.invite))?.creator === act.account ? 'member' : 'admin';
    case 'request':
      return 'member';
    default:
      return 'admin';
  }
}

/** Nobody below owner acts on an owner. */
function roleOver(account: AccountId, facts: Situation): Role {
  return facts.members.get(account)?.role === 'owner' ? 'owner' : 'admin';
}

function refusalOfContent(act: GroupAct, what: KnownAct, facts: Situation, rules: GroupRules): Refusal | undefined {
  switch (what.type) {
    case 'add':
      return refusalOfAdd(act, what, facts, rules);
    case 'remove':
      return facts.members.has(what.account) || what.ban ? undefined : { type: 'UnknownMember' };
    case 'role':
      return facts.members.has(what.account) ? undefined : { type: 'UnknownMember' };
    case 'unban':
      return facts.former.get(what.account)?.banned === true ? undefined : { type: 'NotBanned' };
    case 'decline':
      return facts.requests.has(what.account) ? undefined : { type: 'RequestUnknown' };
    case 'invite':
      return facts.invites.has(toBase64Url(what.invite)) ? { type: 'InviteKnown' } : undefined;
    case 'revoke':
      return facts.invites.has(toBase64Url(what.invite)) ? undefined : { type: 'InviteUnknown' };
    case 'request': {
      const account = accountOf(what.accountKey);
      const invite = inviteOf(what.via, facts);
      return refusalOfComer(account, facts) ?? refusalOfInvite(act, invite) ?? refusalOfProof(what.via, account, rules);
    }
    default:
      return undefined;
  }
}

/** Where the invite is what gives the right, it must let people in now; somebody who may add may also be late. */
function refusalOfAdd(act: GroupAct, what: AddAct, facts: Situation, rules: GroupRules): Refusal | undefined {
  const byInvite = isByInvite(act, what, facts);
  const wanted = new Map<Invite, number>();
  for (const member of what.members) {
    const invite = member.via && inviteOf(member.via, facts);
    const times = invite === undefined ? 0 : (wanted.get(invite) ?? 0) + 1;
    if (invite !== undefined) wanted.set(invite, times);
    const refusal =
      refusalOfNewMember(member, facts, rules) ?? (byInvite ? refusalOfEntry(act, invite, times) : undefined);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOfNewMember({ accountKey, via }: NewMember, facts: Situation, rules: GroupRules): Refusal | undefined {
  const account = accountOf(accountKey);
  const refusal = refusalOfComer(account, facts);
  if (refusal !== undefined || via === undefined) return refusal;
  return inviteOf(via, facts) === undefined ? { type: 'InviteUnknown' } : refusalOfProof(via, account, rules);
}

function refusalOfEntry(act: GroupAct, invite: Invite | undefined, times: number): Refusal | undefined {
  if (invite?.approval === true) return { type: 'NeedsRole', role: 'admin' };
  return refusalOfInvite(act, invite, times);
}

function refusalOfComer(account: AccountId, facts: Situation): Refusal | undefined {
  if (facts.members.has(account)) return { type: 'AlreadyMember' };
  return facts.former.get(account)?.banned === true ? { type: 'Banned' } : undefined;
}

function refusalOfInvite(act: GroupAct, invite: Invite | undefined, times = 1): Refusal | undefined {
  if (invite === undefined) return { type: 'InviteUnknown' };
  if (invite.revoked) return { type: 'InviteRevoked' };
  if (invite.expiresAt !== 0 && act.time.ms > invite.expiresAt) return { type: 'InviteExpired' };
  return hasRoom(invite, times) ? undefined : { type: 'InviteUsedUp' };
}

/** Whether an invite lets in so many more. */
export function hasRoom(invite: Invite, times: number): boolean {
  return invite.uses === 0 || invite.used + times <= invite.uses;
}

function refusalOfProof(via: InviteProof, account: AccountId, rules: GroupRules): Refusal | undefined {
  return rules.verifyInvite(via.invite, account, via.proof) ? undefined : { type: 'BadInviteProof' };
}

function inviteOf(via: InviteProof, facts: Situation): Invite | undefined {
  return facts.invites.get(toBase64Url(via.invite));
}
