import type { Millis, StatusQuote } from '@securechat/sync/api';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);
const people = (count: number): string => `${String(count)} ${plural(count, 'person', 'people')}`;
const updates = (count: number): string => `${String(count)} ${plural(count, 'update', 'updates')}`;

/** The list of those who have a status. */
export const status = {
  title: 'Status',
  link: (fresh: number) => (fresh === 0 ? 'Status' : `Status, ${String(fresh)} new`),
  mine: 'My status',
  add: 'Add a status',
  mineEmpty: 'Share something for 24 hours',
  mineHint: (count: number, when: string) => `${updates(count)}, ${when}`,
  row: (name: string, count: number, fresh: number, when: string) =>
    `${name}, ${fresh > 0 ? `${String(fresh)} new of ${updates(count)}` : `${updates(count)}, seen`}, ${when}`,
  groups: { recent: 'Recent', viewed: 'Viewed', muted: 'Muted' },
  emptyTitle: 'No status yet',
  emptyText: 'What your contacts share shows up here, for 24 hours. It is end-to-end encrypted like your messages.',
  muteName: (name: string) => `Mute ${name}`,
  unmuteName: (name: string) => `Unmute ${name}`,
  muted: (name: string) => `Status of ${name} muted`,
  unmuted: (name: string) => `Status of ${name} no longer muted`,
  unnamed: 'Somebody',
};

/** What is about to be posted. */
export const statusPost = {
  title: 'New status',
  kinds: { words: 'Text', files: 'Photos and videos' },
  kind: 'What to share',
  words: 'Your text',
  placeholder: 'What is on your mind?',
  colour: 'Colour',
  colours: ['Indigo', 'Green', 'Amber', 'Raspberry', 'Teal', 'Violet', 'Slate', 'Red'],
  choose: 'Choose photos and videos',
  chooseHint: (limit: number) => `Up to ${String(limit)} at a time. A video may be up to 60 seconds long.`,
  caption: (place: number) => `Caption of ${String(place)}`,
  captionHint: 'Add a caption…',
  tooLong: (seconds: number) => `This video is longer than ${String(seconds)} seconds. Cut it, or send it in a chat.`,
  notSeen: 'Only photos and videos that a browser can show can be shared here.',
  post: 'Share',
  posted: 'Shared with your contacts for 24 hours',
  postedOffline: 'Saved. It goes out when you are back on line.',
  offline: 'You’re offline. It goes out when you’re back, and its 24 hours start now.',
  lifetime: 'It disappears from all devices after 24 hours.',
};

/** Who gets what is posted. */
export const audience = {
  title: 'Who sees your status',
  text: 'Your contacts do not learn whom you chose. It counts for what you share from now on.',
  label: 'Share with',
  types: { all: 'All contacts', except: 'All contacts except…', only: 'Only share with…' },
  summary: {
    all: 'All contacts',
    except: (count: number) => `All contacts except ${String(count)}`,
    only: (count: number) => `Only ${String(count)} ${plural(count, 'contact', 'contacts')}`,
  },
  sharedWith: (summary: string) => `Shared with: ${summary}`,
  nobody: 'You have no contacts yet.',
  saved: 'Audience changed',
};

/** One status after the other, over the whole screen. */
export const statusView = {
  title: (name: string) => `Status of ${name}`,
  mine: 'My status',
  place: (at: number, count: number) => `${String(at)} of ${String(count)}`,
  left: (time: string) => `${time} left`,
  next: 'Next',
  previous: 'Previous',
  pause: 'Pause',
  resume: 'Go on',
  mute: 'Sound off',
  unmute: 'Sound on',
  secondsLeft: (seconds: number) => `${String(seconds)} s`,
  close: 'Close',
  reply: (name: string) => `Reply to ${name}`,
  send: 'Send reply',
  reactions: 'React',
  react: (emoji: string) => `React with ${emoji}`,
  replied: (name: string) => `Sent to ${name}`,
  remove: 'Delete',
  removeTitle: 'Delete this status?',
  removeText: 'It goes from the devices of everybody it was shared with, as soon as they are on line.',
  removed: 'Status deleted',
  overTitle: 'This status is over',
  overText: 'It was shared for 24 hours, or deleted by whoever shared it.',
  missing: 'It cannot be shown yet. It is fetched when there is a connection.',
  cannotShow: 'This browser cannot show it.',
  waiting: 'Waiting on this device',
};

/** Who has seen one of one's own. */
export const statusViewers = {
  title: 'Seen by',
  count: (seen: number) => `Seen by ${String(seen)}`,
  summary: (seen: number) =>
    seen === 0 ? 'Nobody has told yet that they saw it.' : `${people(seen)} told that they saw it.`,
  unknown: (count: number) => `${people(count)} got it and told nothing: not opened yet, or they do not send receipts.`,
  waiting: (count: number) => `${people(count)} did not get it yet: not on line since.`,
};

/** In the chat with its author: the status that a message answers. */
export const statusQuote = {
  title: (quote: StatusQuote) => {
    if (quote.missing) return 'A status that is over';
    return quote.mine ? 'Your status' : 'Status';
  },
  label: (quote: StatusQuote) => (quote.reaction ? 'Reaction to a status' : 'Answer to a status'),
  open: 'Show the status',
  over: 'This status is over. It was shared for 24 hours, or deleted by whoever shared it.',
};

/** "5 h", "12 min", "less than a minute". Time that is left, rounded down so that it is never too much. */
export function formatLeft(millis: Millis): string {
  const minutes = Math.floor(millis / 60_000);
  if (minutes < 1) return 'less than a minute';
  return minutes < 60 ? `${String(minutes)} min` : `${String(Math.floor(minutes / 60))} h`;
}

/** "just now", "12 minutes ago", "5 hours ago": a status is a day old at most. */
export function formatSince(time: Millis, now: Millis): string {
  const minutes = Math.floor((now - time) / 60_000);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${String(minutes)} ${plural(minutes, 'minute', 'minutes')} ago`;
  return `${String(hours)} ${plural(hours, 'hour', 'hours')} ago`;
}
