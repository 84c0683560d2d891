/** Voice and video calls. */
import type { CallEnd, CallEntry, CallEvent, CallView, Millis } from '@securechat/sync/api';
import { formatDuration } from './dates.ts';

const kind = (video: boolean): string => (video ? 'Video call' : 'Voice call');
const kindWithin = (video: boolean): string => (video ? 'video call' : 'voice call');

/** Where the user is asked for something before a call can be. */
type What = 'microphone' | 'camera' | 'screen';
type Failure = 'denied' | 'none' | 'busy' | 'failed';

export const calls = {
  title: 'Calls',
  link: 'Calls',
  kind,
  voice: 'Voice call',
  video: 'Video call',
  voiceTo: (name: string) => `Voice call to ${name}`,
  videoTo: (name: string) => `Video call to ${name}`,
  inCall: 'You are in a call already. End it first.',
  noCamera: 'The camera cannot be used, so this is a voice call. You can turn it on later.',
  pulledOut: {
    microphone: 'The microphone was disconnected. Another one is used.',
    camera: 'The camera was disconnected.',
  },
  impossible: 'This browser cannot make calls: WebRTC is missing or turned off in it.',
  preparing: 'Waiting for the microphone…',
  unnamed: 'Somebody',
};

/** What rings here. */
export const incoming = {
  title: (name: string, video: boolean) => `Incoming ${kindWithin(video)} from ${name}`,
  kind: (video: boolean) => `Incoming ${kindWithin(video)}`,
  encrypted: 'End-to-end encrypted',
  answer: 'Answer',
  answerVideo: 'Answer with video',
  answerVoice: 'Answer without video',
  decline: 'Decline',
  small: 'Put away',
  second: (name: string, video: boolean) => `${name} is calling (${kindWithin(video)})`,
  endAndAnswer: 'End this call and answer',
  body: (video: boolean) => kind(video),
};

/** The call that is on. */
export const inCall = {
  title: (name: string) => `Call with ${name}`,
  small: 'Back to the app',
  large: 'Show the call',
  phases: {
    calling: 'Calling…',
    ringing: 'Ringing…',
    connecting: 'Connecting…',
    reconnecting: 'The connection was lost. Reconnecting…',
  },
  connected: 'Connected',
  heldByMe: 'On hold',
  heldByThem: (name: string) => `${name} put the call on hold`,
  time: (time: string) => `In the call for ${time}`,
  mute: 'Mute',
  unmute: 'Unmute',
  cameraOn: 'Turn camera on',
  cameraOff: 'Turn camera off',
  switchCamera: 'Other camera',
  shareScreen: 'Share screen',
  stopSharing: 'Stop sharing',
  hold: 'Hold',
  resume: 'Resume',
  hangUp: 'Hang up',
  cancel: 'Cancel call',
  more: 'More',
  picture: 'Picture in picture',
  settings: 'Sound and picture',
  theirPicture: (name: string) => `Picture of ${name}`,
  theirScreen: (name: string) => `Screen of ${name}`,
  ownPicture: 'Your picture',
  ownScreen: 'What you share',
  theyMuted: (name: string) => `${name} is muted`,
  sharing: 'You are sharing your screen',
  quality: {
    good: 'Good connection',
    fair: 'Fair connection',
    poor: 'Poor connection',
  },
  data: (size: string) => `${size} used`,
  otherTab: (name: string) => `In a call with ${name} in another tab`,
  otherTabRinging: (name: string) => `Calling ${name} in another tab`,
  otherDevice: (name: string, device: string) => `In a call with ${name} on ${device || 'another device'}`,
  otherDeviceLabel: 'Call on another device',
  moveHere: 'Move it here',
  theyMoved: (name: string) => `${name} goes on at another device. The emoji to compare are new.`,
};

/** The four emoji. */
export const comparing = {
  label: (emoji: readonly string[]) => `Emoji to compare: ${emoji.join(' ')}`,
  hint: 'Same on both screens? Then nobody listens in.',
  open: 'What are these emoji?',
  title: 'Compare these four',
  text: (name: string) =>
    `Ask ${name} to read out their four emoji. If they are the same as yours, in the same order, nobody sits between you: not the server, and nobody who controls it.`,
  differ: 'If they differ, hang up: somebody is in between.',
};

/** Why a call is over. */
export const ended = {
  again: 'Call again',
  close: 'Close',
  lasted: (time: string) => `It lasted ${time}`,
};

export const callSettings = {
  title: 'Sound and picture',
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Speaker',
  preferred: 'As the system prefers',
  unnamed: (place: number) => `Device ${String(place)}`,
  level: 'How loud you are',
  noise: 'Suppress noise',
  noiseHint: 'Takes out fans, traffic and keyboards.',
  low: 'Save data',
  lowHint: 'Smaller picture and plainer sound, for slow or costly networks.',
  hide: 'Hide my network address in calls',
  hideHint:
    'Calls go through the server’s relay for calls, which cannot listen. Without it, whom you talk to can see your network address. Needs a server that has such a relay.',
  hideNext: 'Counts from the next call on.',
};

export const callList = {
  title: 'Calls',
  show: 'Show',
  all: 'All',
  missed: 'Missed',
  list: 'Calls, newest first',
  emptyTitle: 'No calls yet',
  emptyText: 'Call a contact or a group from its chat. Calls are end-to-end encrypted, like messages.',
  emptyMissedTitle: 'No missed calls',
  open: (name: string) => `Open the chat with ${name}`,
  joinIn: (name: string) => `Join the call in ${name}`,
};

const troubleTitles: Readonly<Record<What, string>> = {
  microphone: 'The microphone cannot be used',
  camera: 'The camera cannot be used',
  screen: 'The screen cannot be shared',
};
const troubles: Readonly<Record<Failure, (what: What) => string>> = {
  denied: (what) =>
    `The browser does not let SecureChat use the ${what}. Click the sign beside the address, allow it there, and try again.`,
  none: (what) => `No ${what} was found. Plug one in, or turn it on in the settings of your system, and try again.`,
  busy: (what) => `Another program uses the ${what}. Close it there and try again.`,
  failed: (what) => `The browser could not start the ${what}. Try again; if it happens again, reload.`,
};

/** What keeps a call from being, and what to do. */
export function describeTrouble(what: What, failure: Failure): { readonly title: string; readonly text: string } {
  return { title: troubleTitles[what], text: troubles[failure](what) };
}

/** The phase of a call in words; `now` for its time. */
export function describePhase(view: CallView, now: Millis): string {
  switch (view.phase) {
    case 'ringing':
      if (!view.outgoing) return incoming.kind(view.video);
      return view.reached ? inCall.phases.ringing : inCall.phases.calling;
    case 'connecting':
      return inCall.phases.connecting;
    case 'reconnecting':
      return inCall.phases.reconnecting;
    case 'active':
      return describeActive(view, now);
    case 'ended':
      return describeEnd(view.end ?? 'hungUp', view.name, view.outgoing, view.movedTo).title;
  }
}

function describeActive({ held, name, answeredAt }: CallView, now: Millis): string {
  if (held.mine) return inCall.heldByMe;
  if (held.theirs) return inCall.heldByThem(name);
  return formatDuration(Math.max(0, now - (answeredAt ?? now)));
}

/** Why it is over, and what there is to do about it. */
export function describeEnd(
  end: CallEnd,
  name: string,
  outgoing: boolean,
  movedTo = '',
): { readonly title: string; readonly text?: string } {
  switch (end) {
    case 'hungUp':
      return { title: 'Call ended' };
    case 'cancelled':
      return { title: outgoing ? 'Call cancelled' : `${name} cancelled the call` };
    case 'declined':
      return { title: outgoing ? `${name} declined` : 'Call declined' };
    case 'busy':
      return { title: `${name} is in another call`, text: 'Try again later, or write a message.' };
    case 'missed':
      return { title: outgoing ? `${name} did not answer` : 'Missed call' };
    case 'elsewhere':
      return { title: 'Answered on another of your devices' };
    case 'failed':
      return {
        title: 'No connection came about',
        text: 'One of the two networks lets no calls through, or was lost. Try again in another network. If your network address is hidden, your server needs a relay for calls.',
      };
    case 'tampered':
      return {
        title: 'Stopped: somebody meddled with this call',
        text: `What came was not what the device of ${name} had announced, so the call was ended before anything was heard. Try again in another network.`,
      };
    case 'unreachable':
      return { title: 'Could not call', text: `You are off line, or no device of ${name} is known. Try again later.` };
    case 'moved':
      return { title: `Moved to ${movedTo || 'another device'}`, text: 'The call goes on there.' };
    case 'lost':
      return { title: 'Call ended', text: 'The tab that held it was closed.' };
  }
}

/** A line in a chat about a call that is over. `who`: who called, unless it was the reader. */
export function describeCallEvent({ video, outcome, seconds, names }: CallEvent): string {
  const byMe = names?.byMe ?? false;
  const what = kind(video);
  switch (outcome) {
    case 'answered':
      return `${what}, ${formatDuration(seconds * 1000)}`;
    case 'missed':
    case 'cancelled':
      if (!byMe) return `Missed ${kindWithin(video)}`;
      return outcome === 'missed' ? `${what}, no answer` : `${what}, cancelled`;
    case 'declined':
      return `${what}, declined`;
    case 'busy':
      return byMe ? `${what}, they were in another call` : `Missed ${kindWithin(video)}`;
    case 'failed':
      return `${what}, no connection`;
  }
}

/** That the reader was called and did not answer: shown as a warning. */
export function isMissed({ outcome, outgoing }: Pick<CallEntry, 'outcome' | 'outgoing'>): boolean {
  return !outgoing && (outcome === 'missed' || outcome === 'cancelled' || outcome === 'busy');
}

/** A line of the list of calls, without the name. */
export function describeEntry(entry: CallEntry): string {
  const { by } = entry;
  return by === undefined ? describeCall(entry) : `${describeCall(entry)}, from ${by || calls.unnamed}`;
}

function describeCall({ video, outcome, outgoing, seconds }: CallEntry): string {
  const event: CallEvent = {
    type: 'Call',
    by: '',
    callId: '',
    video,
    outcome,
    seconds,
    names: { by: '', byMe: outgoing },
  };
  const way = outgoing ? 'Outgoing' : 'Incoming';
  return outcome === 'answered'
    ? `${way} ${kindWithin(video)}, ${formatDuration(seconds * 1000)}`
    : describeCallEvent(event);
}
