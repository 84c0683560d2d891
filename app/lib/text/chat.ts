import type { Alarm, AlarmType, ChatSummary, SendFailure, SystemItem, Tick } from '@securechat/sync/api';
import { describeCallEvent } from './calls.ts';
import { describeGroupEvent, orSomebody } from './groups.ts';
import { describeTimer } from './timer.ts';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const ticks: Readonly<Record<Tick, string>> = {
  queued: 'Waiting on this device',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

export const failures: Readonly<Record<SendFailure, string>> = {
  PeerMailboxFull: 'Their mailbox is full. Try again when they have been online.',
  PeerUnknown: 'The relay does not know this contact any more.',
  PeerHasNoKeys: 'Their device has published no keys yet, so nothing can be encrypted for it.',
  TooLarge: 'The message is too large for the relay.',
  RelayRefused: 'The relay refused this message.',
};

/** `who` is the contact, or the member of a group, that it is about. */
const alarms: Readonly<Record<AlarmType, (who: string) => string>> = {
  DeviceLogRolledBack: (who) =>
    `The relay showed an old list of devices for ${who}. It was refused and nothing was sent to it.`,
  DeviceLogForked: (who) =>
    `Two different device lists were shown for ${who}. Compare safety numbers before you write anything private.`,
  GhostDevice: (who) => `A device that does not belong to ${who} was put among theirs. Nothing is sent to it.`,
  PreKeysSubstituted: (who) =>
    `The relay handed out encryption keys that were not signed by ${who}. They were refused.`,
  HandleMoved: () => 'This handle now leads to a different account than before. Make sure who it is.',
  Equivocation: (who) => `A message was sent in two different versions by ${who}. The second was set apart.`,
  ForgedRecord: (who) => `A message with a false signature came from ${who}. It was refused and is not shown.`,
  MalformedChange: (who) => `Broken data came from the app of ${who}. It was refused.`,
  ClockAhead: (who) => `A message dated in the future came from ${who}. It was refused.`,
};

/** Where an alarm is shown: in the chat that it is about, or beside all of them. */
export type AlarmPlace = 'direct' | 'group' | 'list';

/** What is alarming, and about whom. */
export function describeAlarm({ type, name = '' }: Pick<Alarm, 'type' | 'name'>, place: AlarmPlace): string {
  switch (place) {
    case 'direct':
      return alarms[type]('this contact');
    case 'group':
      return alarms[type](name === '' ? 'a member of this group' : `${name} (a member of this group)`);
    case 'list':
      return alarms[type](name === '' ? 'somebody you know' : name);
  }
}

export const chat = {
  region: (title: string) => `Conversation with ${title}`,
  messages: 'Messages',
  header: (title: string) => `Open info about ${title}`,
  menu: 'Chat menu',
  info: 'Contact info',
  search: 'Search in chat',
  safety: 'Safety number',
  online: 'online',
  selfSubtitle: 'Notes only you can read',
  encrypted: 'End-to-end encrypted',
  verified: 'Verified',
  invited: 'Waiting for their first answer',
  blockedSubtitle: 'Blocked',
  missing: (count: number) =>
    `${String(count)} ${plural(count, 'message is', 'messages are')} missing and being asked for`,
  start: 'Messages are end-to-end encrypted. Nobody outside this chat can read them, not even the relay.',
  startSelf: 'Write yourself notes, links and lists. Encrypted, and only on your devices.',
  unread: 'New messages',
  today: 'Today',
  yesterday: 'Yesterday',
  toEnd: 'Scroll to the newest message',
  toEndCount: (count: number) => `${String(count)} new ${plural(count, 'message', 'messages')}, scroll down`,
  loadingOlder: 'Loading older messages',
  deleted: 'This message was deleted',
  deletedMine: 'You deleted this message',
  edited: 'edited',
  starred: 'Starred',
  quoteMissing: 'Original message not found',
  jumpToQuote: (name: string) => `Go to the quoted message of ${name}`,
  jumpToOwnQuote: 'Go to your quoted message',
  messageBy: (name: string, time: string) => `${name}, ${time}`,
  arrived: (name: string, text: string) => `${name}: ${text}`,
  reply: 'Reply',
  react: 'React',
  edit: 'Edit',
  copy: 'Copy text',
  pin: 'Pin for everyone',
  unpin: 'Unpin for everyone',
  pinned: 'Pinned',
  star: 'Star',
  unstar: 'Remove star',
  delete: 'Delete…',
  actions: 'Message actions',
  reactionBy: (emoji: string, names: string) => `${emoji} by ${names}`,
  reactionToggle: (emoji: string, mine: boolean) => (mine ? `Take back ${emoji}` : `React with ${emoji}`),
  pickerTitle: 'Pick a reaction',
  deleteTitle: 'Delete this message?',
  deleteText:
    'For everyone: the content is removed on their devices as well, as soon as they are online. An app that was altered could keep it.',
  deleteForMe: 'Delete for me',
  deleteForEveryone: 'Delete for everyone',
  deletedForMe: 'Deleted for you',
  copied: 'Text copied',
  retry: 'Try again',
  notSent: 'Not sent.',
};

/** The messages that are pinned in a group. */
export const pins = {
  region: 'Pinned',
  title: (at: number, count: number) =>
    count === 1 ? 'Pinned message' : `Pinned message ${String(at)} of ${String(count)}`,
  by: (name: string, text: string) => `${name}: ${text}`,
  deleted: 'This message was deleted',
  missing: 'This message is not on this device',
  jump: 'Go to the pinned message',
  previous: 'Previous pinned message',
  next: 'Next pinned message',
};

export const composer = {
  placeholder: 'Message',
  placeholderSelf: 'Note to self',
  label: (title: string) => `Message to ${title}`,
  send: 'Send',
  saveEdit: 'Save changes',
  replyingTo: (name: string) => `Replying to ${name}`,
  replyingToSelf: 'Replying to yourself',
  editing: 'Editing message',
  cancelReply: 'Cancel reply',
  cancelEdit: 'Cancel editing',
  tooLong: (over: number) => `${String(over)} characters too long`,
  emoji: 'Insert emoji',
};

export const readOnly = {
  text: 'This device was unlinked, so nothing can be written here. What it has already can be read and searched.',
};

export const request = {
  title: (name: string) => `${name} wants to write to you`,
  text: 'They see your profile, and when you have read, only after you accept.',
  accept: 'Accept',
  block: 'Block',
  blocked: (name: string) => `You blocked ${name}.`,
  unblock: 'Unblock',
};

/** What was written before a device was restored from the recovery phrase. */
export const earlier = {
  region: 'Earlier messages',
  title: (name: string) => `${name} restored their account on a new device.`,
  text: (name: string) =>
    `New messages arrive there. Ask ${name} by another way, such as a phone call, before you share the earlier ones: whoever has the recovery phrase could have done it.`,
  share: 'Share earlier messages',
  shared: 'Earlier messages are shared',
  awaited: (name: string) => `Earlier messages come back when ${name} confirms that it is you.`,
};

/** A line in the middle of a chat with `name`. */
export function describeEvent(event: SystemItem['event'], name: string): string {
  switch (event.type) {
    case 'Started':
      return chat.start;
    case 'Verified':
      return event.verified ? 'You marked this contact as verified' : 'You removed the verified mark';
    case 'DeviceAdded':
      return `${name} linked a new device`;
    case 'DeviceRestored':
      return `${name} added a device with their recovery phrase. If you did not expect this, ask them by another way.`;
    case 'DeviceRemoved':
      return `${name} unlinked a device`;
    case 'Alarm':
      return describeAlarm({ type: event.alarm }, 'direct');
    case 'Timer':
      return describeTimer(event.names?.byMe ? 'You' : orSomebody(event.names?.by), event.seconds);
    case 'Call':
      return describeCallEvent(event);
    case 'Group':
      return describeGroupEvent(event);
  }
}

/** Who is typing, as it is read out; undefined: nobody. */
export function sayTyping(names: readonly string[]): string | undefined {
  const [first, second, third] = names;
  if (first === undefined) return undefined;
  if (second === undefined) return `${orSomebody(first)} is typing`;
  if (third === undefined) return `${orSomebody(first)} and ${orSomebody(second)} are typing`;
  return `${String(names.length)} people are typing`;
}

/** The same beside the title of the chat, which names the other side of a direct one. */
export function describeTyping({ kind, typing }: Pick<ChatSummary, 'kind' | 'typing'>): string | undefined {
  const said = sayTyping(typing);
  return said === undefined ? undefined : `${kind === 'group' ? said : 'typing'}…`;
}
