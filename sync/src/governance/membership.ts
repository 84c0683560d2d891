/**
 * Who is in a group and with which role, as acts that count change it (SPEC, G-EFFECT, G-OWNER, G-CUT). An act that finds
 * its work done by another at the same time changes nothing. Pure; every function answers new facts.
 */
import { type AccountId, toBase64Url } from '@securechat/crypto';
import type { FoundAct, Hlc, NewMember, RemoveAct, Role } from '../records/index.ts';
import { accountOf } from './rights.ts';
import { compareSeniority } from './seniority.ts';
import type { GroupAct, GroupFacts, Member } from './types.ts';

/** An act in its place: dated no earlier than anything before it. */
export interface Happening {
  readonly act: GroupAct;
  readonly date: Hlc;
  readonly depth: number;
  /** Whether an act at the same time, that counts, removed this account: it then does not come in. */
  readonly isRemoved: (account: AccountId) => boolean;
}

export function found(facts: GroupFacts, what: FoundAct, { act, date, depth }: Happening): GroupFacts {
  if (facts.founder !== undefined) return foundAgain(facts, act);
  const member: Member = {
    accountKey: what.founderKey,
    relayUrl: '',
    role: 'owner',
    grant: act.id,
    alsoGrantedBy: [],
    since: date,
    depth,
    history: { from: 'all' },
  };
  return {
    ...enter(facts, act.account, member),
    founder: act.account,
    info: { name: what.name, description: what.description ?? '' },
  };
}

/** Two foundings of one chat are the founder's lie; what followed the second is no worse for it. */
function foundAgain(facts: GroupFacts, act: GroupAct): GroupFacts {
  const refused = facts.refused.with(act.id, { type: 'SecondFounding' });
  return { ...grantAgain(facts, act.account, act), refused };
}

export function add(facts: GroupFacts, entry: NewMember, { act, date, depth, isRemoved }: Happening): GroupFacts {
  const account = accountOf(entry.accountKey);
  if (isRemoved(account)) return facts;
  if (facts.members.has(account)) return grantAgain(facts, account, act);
  const { accountKey, relayUrl, role, history } = entry;
  const grant = { grant: act.id, alsoGrantedBy: [], since: date, depth };
  return useInvite(enter(facts, account, { accountKey, relayUrl, role, history, ...grant }), entry);
}

function enter(facts: GroupFacts, account: AccountId, member: Member): GroupFacts {
  return {
    ...noteRole(facts, account, { since: member.since, role: member.role }),
    members: facts.members.with(account, member),
    former: facts.former.without(account),
    requests: facts.requests.without(account),
  };
}

function grantAgain(facts: GroupFacts, account: AccountId, act: GroupAct): GroupFacts {
  const member = facts.members.get(account);
  if (member === undefined) return facts;
  const alsoGrantedBy = [...member.alsoGrantedBy, act.id];
  return { ...facts, members: facts.members.with(account, { ...member, alsoGrantedBy }) };
}

function useInvite(facts: GroupFacts, { via }: NewMember): GroupFacts {
  const key = via && toBase64Url(via.invite);
  const invite = key === undefined ? undefined : facts.invites.get(key);
  if (key === undefined || invite === undefined) return facts;
  return { ...facts, invites: facts.invites.with(key, { ...invite, used: invite.used + 1 }) };
}

export function remove(facts: GroupFacts, what: RemoveAct, at: Happening): GroupFacts {
  const { account } = what;
  const before = facts.former.get(account);
  const banned = what.ban || before?.banned === true;
  const isMember = facts.members.has(account);
  const gone = isMember ? noteRole(facts, account, { since: at.date, role: undefined }) : facts;
  const by = isMember ? at.act.id : (before?.by ?? at.act.id);
  const after = {
    ...gone,
    members: facts.members.without(account),
    former: facts.former.with(account, { by, banned }),
    requests: facts.requests.without(account),
    cuts: cut(facts, what),
    invites: isMember ? revokeAllOf(facts, account) : facts.invites,
  };
  return keepOwner(after, at);
}

/** A counter that was cut once never grows: of two removals the one that saw less counts. */
function cut(facts: GroupFacts, { account, seen }: RemoveAct): GroupFacts['cuts'] {
  if (seen.length === 0) return facts.cuts;
  const counters = new Map(facts.cuts.get(account));
  for (const { author, n } of seen) {
    const name = toBase64Url(author);
    counters.set(name, Math.min(n, counters.get(name) ?? n));
  }
  return facts.cuts.with(account, counters);
}

function revokeAllOf(facts: GroupFacts, creator: AccountId): GroupFacts['invites'] {
  let { invites } = facts;
  for (const [key, invite] of facts.invites) {
    if (invite.creator === creator && !invite.revoked) invites = invites.with(key, { ...invite, revoked: true });
  }
  return invites;
}

export function giveRole(
  facts: GroupFacts,
  { account, role }: { account: AccountId; role: Role },
  at: Happening,
): GroupFacts {
  const member = facts.members.get(account);
  if (member === undefined || member.role === role) return facts;
  return {
    ...noteRole(facts, account, { since: at.date, role }),
    members: facts.members.with(account, { ...member, role, roleBy: at.act.id }),
  };
}

/** When the last owner is gone the most senior member who is left is owner. */
export function keepOwner(facts: GroupFacts, at: Happening): GroupFacts {
  let senior: [AccountId, Member] | undefined;
  for (const entry of facts.members) {
    if (entry[1].role === 'owner') return facts;
    if (senior === undefined || compareSeniority(entry, senior) < 0) senior = entry;
  }
  return senior === undefined ? facts : giveRole(facts, { account: senior[0], role: 'owner' }, at);
}

function noteRole(facts: GroupFacts, account: AccountId, role: { since: Hlc; role: Role | undefined }): GroupFacts {
  return { ...facts, roles: facts.roles.with(account, [...(facts.roles.get(account) ?? []), role]) };
}

export function unban(facts: GroupFacts, account: AccountId): GroupFacts {
  const before = facts.former.get(account);
  if (before === undefined) return facts;
  const wasMember = facts.roles.has(account);
  const former = wasMember ? facts.former.with(account, { ...before, banned: false }) : facts.former.without(account);
  return { ...facts, former };
}
