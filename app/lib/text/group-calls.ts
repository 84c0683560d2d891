/** Calls of groups. */
import type { GroupCallMember } from '@securechat/sync/api';
import { calls } from './calls.ts';

export const groupCalls = {
  voice: 'Start a voice call with the group',
  video: 'Start a video call with the group',
  /** Who is in it, in a number. */
  count: (members: number) => `${String(members)} in the call`,
  /** As `count`, for who only hears of the line of a chat. */
  mark: (members: number) => `A call is on: ${String(members)} in it`,
  banner: (title: string) => `Call in ${title} that is on`,
  join: 'Join',
  joinVideo: 'Join with video',
  full: (limit: number) => `The call is full: ${String(limit)} are in it`,
  cannot: 'This browser cannot take part in calls of groups: it cannot encrypt their sound and picture.',
  over: 'You are no longer in the call.',
  broken: 'The call was left: this browser could not encrypt it any more.',
  elsewhere: (title: string) => `In the call of ${title} in another tab`,
  you: 'You',
};

/** It rings here. */
export const groupRinging = {
  title: (title: string, video: boolean) => `Incoming ${video ? 'video' : 'voice'} call in ${title}`,
  by: (name: string, video: boolean) => `${name} started a ${video ? 'video' : 'voice'} call`,
  ignore: 'Ignore',
  join: 'Join',
  joinVoice: 'Join without video',
  joinVideo: 'Join with video',
};

/** The screen of the call. */
export const groupCall = {
  title: (title: string) => `Call in ${title}`,
  grid: 'Show everybody',
  speaker: 'Show who speaks',
  members: 'Who is in the call',
  leave: 'Leave call',
  raise: 'Raise hand',
  lower: 'Lower hand',
  copyLink: 'Copy link to the call',
  copied: 'Link copied. It works for members of the group.',
  alone: 'Nobody else is here yet.',
  picture: (name: string) => `Picture of ${name}`,
  screen: (name: string) => `Screen of ${name}`,
  muted: 'Muted',
  unmuted: 'Microphone on',
  cameraOn: 'Camera on',
  cameraOff: 'Camera off',
  speaking: 'Speaking',
  sharing: 'Shares a screen',
  connecting: 'Connecting…',
  lost: 'Reconnecting…',
  tampered: 'Not connected: what came was not what their device had announced',
  hand: (place: number) => `Hand raised, number ${String(place)}`,
  hands: (names: readonly string[]) => `Raised hands: ${names.join(', ')}`,
  /** What has just changed, for who does not see it. */
  came: (name: string) => `${name} joined the call`,
  left: (name: string) => `${name} left the call`,
  raised: (name: string) => `${name} raised a hand`,
};

/** Where a link to a call leads. */
export const callQuestion = {
  title: (title: string) => `Join the call in ${title}?`,
  start: (title: string) => `Start a call in ${title}?`,
  nobody: 'Nobody is in a call there now.',
  mayNot: 'Nobody is in a call there now, and only admins may start one.',
  who: (names: readonly string[]) => `In the call: ${names.join(', ')}`,
  voice: 'Join',
  video: 'Join with video',
  startVoice: 'Voice call',
  startVideo: 'Video call',
  no: 'Not now',
};

/** What is told of a member: as much as words for it need. */
export interface Told extends Pick<GroupCallMember, 'me' | 'name' | 'media' | 'tampered'> {
  readonly state: 'connecting' | 'connected' | 'lost';
}

export function nameOfMember({ me, name }: Pick<GroupCallMember, 'me' | 'name'>): string {
  if (me) return groupCalls.you;
  return name === '' ? calls.unnamed : name;
}

/** Why nothing comes from a member; undefined when it does. */
export function describeMember({ tampered, state }: Told): string | undefined {
  if (tampered) return groupCall.tampered;
  return state === 'connected' ? undefined : groupCall[state];
}

/** A line of the list of who is in the call. `place`: which raised hand it is, from 1; 0: none. */
export function describeInCall(member: Told, place: number): string {
  const { microphone, camera, screen } = member.media;
  const trouble = describeMember(member);
  const parts = [
    ...(trouble === undefined ? [] : [trouble]),
    ...(place > 0 ? [groupCall.hand(place)] : []),
    ...(screen ? [groupCall.sharing] : []),
    microphone ? groupCall.unmuted : groupCall.muted,
    camera ? groupCall.cameraOn : groupCall.cameraOff,
  ];
  return parts.join(', ');
}
