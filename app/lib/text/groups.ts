import type { GroupEvent, GroupPermissions, GroupRole, GroupWho, MemberReceipt } from '@securechat/sync/api';
import { describeTimer } from './timer.ts';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

/** What of a group's earlier messages new members get. */
export type HistoryChoice = 'none' | 'week' | 'month' | 'quarter' | 'all';

/** Whose name nobody has told yet. */
const SOMEBODY = 'Somebody';

export const orSomebody = (name: string | undefined): string => (name === undefined || name === '' ? SOMEBODY : name);

export const newGroup = {
  title: 'New group',
  row: 'New group',
  rowHint: 'Several people in one chat',
  name: 'Group name',
  namePlaceholder: 'Climbing on Sundays',
  description: 'Description',
  descriptionHint: 'Optional. Everybody in the group sees it.',
  members: 'Members',
  membersHint: 'You can also make the group alone, and invite people by a link afterwards.',
  nobody: 'You have no contacts yet. Make the group, and invite people by a link on its page.',
  create: 'Create group',
};

export const picker = {
  search: 'Search your contacts',
  contacts: 'Contacts',
  chosen: 'Chosen',
  count: (count: number) => (count === 0 ? 'Nobody chosen yet' : `${String(count)} chosen`),
  takeOut: (name: string) => `Take out ${name}`,
  nothing: (query: string) => `No contact matches “${query}”.`,
};

export const group = {
  info: 'Group info',
  unnamed: SOMEBODY,
  members: (count: number) => `${String(count)} ${plural(count, 'member', 'members')}`,
  none: 'You are not in this group',
  start: 'Messages are end-to-end encrypted. Nobody outside this group can read them, not even the relay.',
  quiet: 'No messages yet',
  onlyAdmins: 'Only admins can write here.',
  removed: 'You are no longer in this group. What you have already stays here.',
  edit: 'Edit',
  saved: 'Group changed',
  addMembers: 'Add members',
  addTitle: (name: string) => `Add to “${name}”`,
  addAction: 'Add',
  added: (count: number) => `${String(count)} ${plural(count, 'member', 'members')} added`,
  nobodyLeft: 'All your contacts are in this group already.',
  history: 'Which earlier messages do they get?',
  histories: {
    none: 'None, only what is written from now on',
    week: 'Those of the last 7 days',
    month: 'Those of the last 30 days',
    quarter: 'Those of the last 90 days',
    all: 'All that are here',
  } satisfies Record<HistoryChoice, string>,
  showAll: (count: number) => `Show all ${String(count)}`,
  roles: { owner: 'Owner', admin: 'Admin', member: 'Member' } satisfies Record<GroupRole, string>,
  make: {
    owner: 'Make owner',
    admin: 'Make admin',
    member: 'Make an ordinary member',
  } satisfies Record<GroupRole, string>,
  addedBy: (name: string, day: string) => `Added by ${name === '' ? SOMEBODY : name}, ${day}`,
  founded: (day: string) => `Founded the group, ${day}`,
  actions: (name: string) => `Actions for ${name}`,
  message: 'Message privately',
  remove: 'Remove…',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText: 'They get nothing that is written from now on. What they have already stays with them.',
  removeAction: 'Remove',
  removedToast: (name: string) => `${name} is removed`,
  ban: 'Remove and ban…',
  banTitle: (name: string) => `Remove and ban ${name}?`,
  banText:
    'They get nothing that is written from now on, and nobody can add them, nor any link let them in, until an admin lifts the ban.',
  banAction: 'Remove and ban',
  bannedToast: (name: string) => `${name} is banned`,
  makeOwnerTitle: (name: string) => `Make ${name} an owner?`,
  makeOwnerText:
    'An owner may do everything here, also to you: only owners can remove an owner, or take the role away.',
  banned: 'Banned',
  unban: 'Lift ban',
  unbanWhom: (name: string) => `Lift the ban of ${orSomebody(name)}`,
  unbannedToast: (name: string) => `${orSomebody(name)} can come back`,
  former: 'Former members',
  left: (day: string) => `Left, ${day}`,
  removedBy: (name: string, day: string) => `Removed by ${orSomebody(name)}, ${day}`,
  addAgain: 'Add again',
  addAgainWhom: (name: string) => `Add ${orSomebody(name)} again`,
  requests: (count: number) => `${String(count)} ${plural(count, 'person waits', 'people wait')} to be let in`,
  infoRequests: (count: number) => `Group info (${String(count)} waiting)`,
  permissions: 'Who may do what',
  who: { everyone: 'Everyone', admins: 'Admins' } satisfies Record<GroupWho, string>,
  permission: {
    write: 'Write messages',
    add: 'Add members',
    info: 'Change name, picture and disappearing messages',
    pin: 'Pin messages',
  } satisfies Record<keyof GroupPermissions, string>,
  leave: 'Leave group',
  leaveTitle: (name: string) => `Leave “${name}”?`,
  leaveText:
    'You get nothing that is written afterwards, and the others see that you left. What you have already stays here. To come back, you need a link, or a member who adds you.',
  leaveOwner: 'You are the only owner. Choose who takes your place:',
  leaveOwnerAction: 'Make owner and leave',
  leaveAlone: 'Nobody else is in this group, so nobody can add you again.',
  leaveAction: 'Leave',
};

/** Who did something in a group, and when. */
export const act = {
  title: 'What happened',
  by: 'By',
  when: 'When',
  id: 'Signed act',
  toMessage: 'Go to the message',
  idHint: 'Signed on a device of whoever did it. Every member checks it before it counts.',
};

export const receipts = {
  item: 'Details',
  title: 'Message details',
  sentAt: 'Sent',
  summary: (delivered: number, read: number) => `Delivered to ${String(delivered)}, read by ${String(read)}`,
  states: { read: 'Read by', delivered: 'Delivered to', sent: 'Not delivered yet' } satisfies Record<
    MemberReceipt['state'],
    string
  >,
  hint: 'Somebody who sends no read receipts stays under “Delivered to”.',
  nobody: 'Nobody else was in the group when you wrote this.',
};

/** What a group's act did, in words. */
export function describeGroupEvent({ what, by, whom, text = '', seconds = 0, names }: GroupEvent): string {
  const who = names?.byMe ? 'You' : orSomebody(names?.by);
  const other = names?.ofMe ? 'you' : orSomebody(names?.whom);
  switch (what) {
    case 'founded':
      return `${who} founded the group “${text}”`;
    case 'added':
      return `${who} added ${other}`;
    case 'removed':
      return by === whom ? `${who} left` : `${who} removed ${other}`;
    case 'banned':
      return `${who} removed and banned ${other}`;
    case 'unbanned':
      return `${who} lifted the ban of ${other}`;
    case 'owner':
      return `${who} made ${other} an owner`;
    case 'admin':
      return `${who} made ${other} an admin`;
    case 'member':
      return `${who} made ${other} an ordinary member`;
    case 'named':
      return `${who} named the group “${text}”`;
    case 'described':
      return `${who} changed the group’s picture or description`;
    case 'permitted':
      return `${who} changed who may do what`;
    case 'pinned':
      return `${who} pinned a message`;
    case 'unpinned':
      return `${who} unpinned a message`;
    case 'timed':
      return describeTimer(who, seconds);
  }
}
