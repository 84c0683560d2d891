import type { GrantStep, JoinState } from '@securechat/sync/api';
import { orSomebody } from './groups.ts';
import { common } from './shell.ts';

/** Links to a group, made and ended on its page. */
export const groupLinks = {
  title: 'Invite by link',
  make: 'Make a link',
  makeTitle: (name: string) => `Invite to “${name}”`,
  makeText: 'Send the link to people you want in the group. They see only what is written after they joined.',
  who: 'Who comes in',
  ways: { atOnce: 'Anybody with the link', asked: 'People an admin lets in' },
  ends: 'The link ends',
  times: { day: 'After 1 day', week: 'After 7 days', never: 'Never' },
  create: 'Make link',
  label: 'Link to the group',
  qrAlt: 'QR code of the link to the group',
  shareText: (group: string) => `Join “${group}” on SecureChat:`,
  open: 'Open links',
  name: { atOnce: 'Lets in at once', asked: 'Asks an admin first' },
  details: (by: string, used: number, until: string | undefined) =>
    [
      `By ${orSomebody(by)}`,
      used === 0 ? 'not used yet' : `used ${used === 1 ? 'once' : `${String(used)} times`}`,
      until === undefined ? 'does not end' : `ends ${until}`,
    ].join(', '),
  show: 'Show link',
  end: 'End link',
  endTitle: 'End this link?',
  endText: 'Nobody can come in by it any more. Who is in already stays.',
  ended: 'The link is ended',
};

/** People who came by a link and wait. */
export const joinRequests = {
  title: 'Wants to join',
  letIn: 'Let in',
  letInWhom: (name: string) => `Let in ${orSomebody(name)}`,
  decline: 'Decline',
  declineWhom: (name: string) => `Decline ${orSomebody(name)}`,
  isIn: (name: string) => `${orSomebody(name)} is in the group`,
};

/** Coming into a group by its link. */
export const join = {
  title: 'Join group',
  reading: 'Reading the link…',
  question: (name: string) => `Join “${name}”?`,
  from: (name: string) => `The link was made by ${name}.`,
  stranger: 'The link was made by somebody who is none of your contacts.',
  unverified: 'The name is what the link says. The members will see your name and picture.',
  ask: 'Ask to join',
  askAgain: 'Ask again',
  cancel: 'Cancel request',
  cancelOf: (name: string) => `Cancel the request to join ${name}`,
  known: 'You are in this group.',
  open: 'Open group',
  invalidTitle: 'This link cannot be read',
  invalidText: 'It may have been cut off when it was copied. Ask for it again.',
  pending: 'Groups you asked to join',
  states: {
    asked: (from) =>
      from === undefined ? 'Waiting for a device of whoever made the link' : `Waiting for ${from}’s device`,
    waits: () => 'An admin has to let you in',
    refused: () => 'You were not let in',
  } satisfies Record<JoinState, (from: string | undefined) => string>,
  hints: {
    asked: 'It has to be online once. You can go on meanwhile: the group appears among your chats.',
    waits: 'You can go on meanwhile: the group appears among your chats.',
    refused: 'The link has ended or was used up, or you are banned from the group. Ask whoever sent it.',
  } satisfies Record<JoinState, string>,
};

/** The proof of who is in a group, and why. */
export const proof = {
  why: (name: string) => `Why is ${name} here?`,
  whyMe: 'Why am I here?',
  whyText: 'Each step is a signed act that every member has checked.',
  you: 'you',
  gone: (name: string) => `${name} is not in the group any more.`,
  rosterTitle: 'Members on a date',
  rosterDate: 'At the end of',
  rosterOf: (day: string) => `Members on ${day}`,
  rosterNobody: 'There was no group yet.',
};

/** One act of the chain that made somebody a member; `whom` is called `you` where that is the reader. */
export function describeGrant({ founded, byName }: GrantStep, byMe: boolean, whom: string): string {
  const who = byMe ? common.you : orSomebody(byName);
  return founded ? `${who} founded the group` : `${who} added ${whom}`;
}
