import type { ContactState } from '@securechat/sync/api';

export const newChat = {
  title: 'New chat',
  inviteTitle: 'Invite with a link',
  inviteText:
    'Send it to one person, or let them scan the code. It carries your key, so nobody in between can swap it.',
  linkLabel: 'Your invite link',
  copy: 'Copy link',
  copied: 'Link copied',
  share: 'Share',
  shareText: (name: string) => `Write to ${name} on SecureChat:`,
  qrAlt: 'QR code of your invite link',
  scan: 'Scan a code',
  scanText: 'Point the camera at their code.',
  paste: 'Paste a link',
  pasteLabel: 'Invite link you received',
  pastePlaceholder: 'https://…',
  handleTitle: 'Find by handle',
  handleLabel: 'Handle',
  handlePlaceholder: 'their.handle',
  find: 'Find',
  noteToSelf: 'Note to self',
  contacts: 'Your contacts',
  addTab: 'Add someone',
  tabs: 'Ways to start a chat',
  showTab: 'My code',
  offlineHandle: 'Handles are looked up at the relay, so this needs a connection.',
};

export const add = {
  title: 'Add contact',
  reading: 'Reading the invite…',
  question: (name: string) => `Start a chat with ${name}?`,
  unnamed: 'this person',
  unverified: 'The name is what the link says. Compare safety numbers later to be sure who it is.',
  relay: (host: string) => `Reached through ${host}`,
  start: 'Start chat',
  open: 'Open chat',
  known: (name: string) => `You already know ${name}.`,
  self: 'This is your own invite link',
  selfText: 'Send it to somebody else, or use it to write notes to yourself.',
  invalidTitle: 'This invite cannot be read',
  invalidText: 'It may have been cut off when it was copied. Ask for it again.',
};

export const scanner = {
  starting: 'Starting the camera…',
  denied: 'The camera may not be used. Allow it in the browser’s settings, or choose a picture of the code.',
  none: 'No camera was found. Choose a picture of the code instead.',
  chooseImage: 'Choose a picture',
  notFound: 'No code was found in this picture.',
  video: 'Camera picture',
  aim: 'Hold the code inside the frame',
};

export const safety = {
  title: 'Safety number',
  text: (name: string) =>
    `If ${name} sees the same number, your chat is private: nobody sits in between. Compare it in person or on a call.`,
  digits: 'Safety number, 12 groups of 5 digits',
  qrAlt: 'QR code of the safety number',
  scan: 'Scan their code',
  copy: 'Copy number',
  copied: 'Safety number copied',
  verified: 'Verified',
  notVerified: 'Not verified',
  mark: 'Mark as verified',
  unmark: 'Remove verified mark',
  match: 'The codes match. This contact is verified.',
  mismatch:
    'The codes do not match. Somebody may be in between: do not send anything private, and compare the numbers in person.',
  explain: 'The number is made from both of your keys. It changes only if one of you starts with a new account.',
};

export const contact = {
  title: 'Contact info',
  nickname: 'Nickname',
  nicknameHint: 'Only you see it.',
  theirName: (name: string) => `Calls themselves ${name}`,
  handle: 'Handle',
  message: 'Message',
  searchIn: 'Search',
  mute: 'Mute notifications',
  pin: 'Pin to the top',
  archive: 'Archive chat',
  safety: 'Safety number',
  block: 'Block contact',
  blockTitle: (name: string) => `Block ${name}?`,
  blockText: 'They cannot write to you any more. They are not told.',
  unblock: 'Unblock contact',
  blocked: 'Contact blocked',
  unblocked: 'Contact unblocked',
  saved: 'Saved',
  accountId: 'Account id',
  states: {
    accepted: 'In your contacts',
    invited: 'You invited them; they have not answered yet',
    requesting: 'Wants to write to you',
    blocked: 'Blocked',
  } satisfies Record<ContactState, string>,
};
