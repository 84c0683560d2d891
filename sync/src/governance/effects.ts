/**
 * What an act that counts changes (SPEC, G-EFFECT). Rights were decided before: here an act that finds its work done by
 * another at the same time changes nothing. Pure; every function answers new facts.
 */
import { toBase64Url } from '@securechat/crypto';
import type { KnownAct } from '../records/index.ts';
import { type Happening, add, found, giveRole, keepOwner, remove, unban } from './membership.ts';
import { SharedMap } from './shared-map.ts';
import { accountOf } from './rights.ts';
import type { GroupFacts } from './types.ts';

type Of<T extends KnownAct['type']> = Extract<KnownAct, { readonly type: T }>;

/** Before anything happened. */
export const NOTHING: GroupFacts = {
  founder: undefined,
  members: SharedMap.empty(),
  former: SharedMap.empty(),
  cuts: SharedMap.empty(),
  roles: SharedMap.empty(),
  info: { name: '', description: '' },
  permissions: { write: 'everyone', add: 'admins', info: 'admins', pin: 'admins' },
  permissionsBy: undefined,
  writes: [],
  timer: 0,
  pins: SharedMap.empty(),
  invites: SharedMap.empty(),
  requests: SharedMap.empty(),
  refused: SharedMap.empty(),
};

/** The facts after this act. */
export function applyAct(facts: GroupFacts, at: Happening): GroupFacts {
  const { act: what } = at.act.body;
  switch (what.type) {
    case 'found':
      return found(facts, what, at);
    case 'add':
      return what.members.reduce((before, member) => add(before, member, at), facts);
    case 'remove':
      return remove(facts, what, at);
    case 'role':
      return keepOwner(giveRole(facts, what, at), at);
    case 'unban':
      return unban(facts, what.account);
    case 'decline':
      return { ...facts, requests: facts.requests.without(what.account) };
    case 'invite':
    case 'revoke':
    case 'request':
      return changeDoor(facts, what, at);
    case 'unknown':
      return facts;
    default:
      return changeSetting(facts, what, at);
  }
}

/** How people come in: links, and those who wait. */
function changeDoor(facts: GroupFacts, what: Of<'invite' | 'revoke' | 'request'>, { act }: Happening): GroupFacts {
  if (what.type === 'request') {
    const account = accountOf(what.accountKey);
    if (facts.members.has(account) || facts.former.get(account)?.banned === true) return facts;
    const { accountKey, relayUrl, via } = what;
    const request = { accountKey, relayUrl, invite: toBase64Url(via.invite), proof: via.proof, by: act.id };
    return { ...facts, requests: facts.requests.with(account, request) };
  }
  const key = toBase64Url(what.invite);
  const known = facts.invites.get(key);
  if (what.type === 'revoke') {
    return known === undefined ? facts : { ...facts, invites: facts.invites.with(key, { ...known, revoked: true }) };
  }
  if (known !== undefined) return facts;
  const { invite, expiresAt, approval, uses } = what;
  const opened = { key: invite, by: act.id, creator: act.account, expiresAt, approval, uses, used: 0, revoked: false };
  return { ...facts, invites: facts.invites.with(key, opened) };
}

function changeSetting(
  facts: GroupFacts,
  what: Of<'permissions' | 'info' | 'timer' | 'pin'>,
  { act, date }: Happening,
): GroupFacts {
  switch (what.type) {
    case 'permissions': {
      const { type: _, ...permissions } = what;
      const writes = [...facts.writes, { since: date, write: permissions.write }];
      return { ...facts, permissions, permissionsBy: act.id, writes };
    }
    case 'info':
      return { ...facts, info: changeInfo(facts, what) };
    case 'timer':
      return { ...facts, timer: what.seconds };
    case 'pin': {
      const { target, pinned } = what;
      const pins = pinned ? facts.pins.with(target, { by: act.id, since: date }) : facts.pins.without(target);
      return { ...facts, pins };
    }
  }
}

function changeInfo({ info }: GroupFacts, { name, description, avatar }: Of<'info'>): GroupFacts['info'] {
  const { avatar: before, ...texts } = info;
  const picture = avatar ?? before;
  return {
    ...texts,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(picture !== undefined && picture.bytes.length > 0 && { avatar: picture }),
  };
}
