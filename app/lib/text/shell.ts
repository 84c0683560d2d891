const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const common = {
  appName: 'SecureChat',
  cancel: 'Cancel',
  save: 'Save',
  done: 'Done',
  close: 'Close',
  back: 'Back',
  undo: 'Undo',
  retry: 'Try again',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying.',
  more: 'More',
  you: 'You',
  loading: 'Loading…',
  showPassphrase: 'Show passphrase',
  hidePassphrase: 'Hide passphrase',
  skipToChat: 'Skip to conversation',
};

export const shell = {
  starting: 'Opening your messages…',
  otherTabSlow: 'Still waiting for another SecureChat tab. If it does not respond, close it.',
  updateReady: 'A new version is ready.',
  updateNow: 'Reload to update',
  updateLater: 'Later',
  installTitle: 'Keep SecureChat at hand',
  installText: 'Install it: it opens in its own window and works with the network off.',
  install: 'Install',
  installApple: 'Tap Share, then “Add to Home Screen”.',
  installDismiss: 'Not now',
  notFoundTitle: 'There is nothing here',
  notFoundText: 'The address may be mistyped, or the chat is not on this device.',
  goToChats: 'Go to chats',
  crashed: 'Something went wrong in the app. Your messages are safe on this device.',
  reload: 'Reload',
  pickChatTitle: 'Pick a conversation',
  pickChatText: 'Your messages are end-to-end encrypted and live on this device, also with the network off.',
  openShortcuts: 'Keyboard shortcuts',
};

export const firstSteps = {
  title: (name: string) => (name === '' ? 'Welcome' : `Welcome, ${name}`),
  invite: 'Invite someone',
  inviteText: 'With a link or a QR code, in a few seconds',
  note: 'Write yourself a note',
  noteText: 'Encrypted, and only on your devices',
  profile: 'Complete your profile',
  profileText: 'A picture, or a handle that people can find',
};

export const broken = {
  StorageUnavailable: {
    title: 'This browser does not let SecureChat store messages',
    text: 'Private windows and strict settings can block storage. Open SecureChat in a normal window, or allow this site to keep data, then reload.',
  },
  StorageFull: {
    title: 'This device is full',
    text: 'SecureChat cannot open without free space. Free some up on this device, then reload. Nothing has been deleted.',
  },
  Evicted: {
    title: 'The browser deleted this device’s data',
    text: 'Your account was here, but the browser removed its database to save space. You can bring the account back from another device or with your recovery phrase, and the messages from there or from a backup file.',
  },
  Damaged: {
    title: 'The stored data cannot be read',
    text: 'The database on this device is damaged. Reload first. If this does not help, erase this device; then bring your account back from another device or with your recovery phrase, or start again.',
  },
  NotSecure: {
    title: 'SecureChat needs a secure connection',
    text: 'Open this page with https:// (or on localhost). Browsers do not offer encryption to pages that came over plain http.',
  },
  TooOld: {
    title: 'This browser is too old',
    text: 'SecureChat needs Web Locks, IndexedDB and WebAssembly: Chrome, Edge, Firefox or Safari from 2023 on.',
  },
  startAgain: 'Start with a new account',
  startAgainHint: 'Only if you have no other device and no recovery phrase. Your contacts will have to add you again.',
};

export const unlinked = {
  title: 'This device was unlinked from your account.',
  text: 'You can read and search what it has, and export it. It gets nothing new.',
  export: 'Export',
  erase: 'Erase and start over',
};

export const history = {
  label: 'Fetching history',
  fetching: (have: number, total: number) =>
    `Fetching history: ${have.toLocaleString()} of ${total.toLocaleString()} ${plural(total, 'message', 'messages')}`,
  waiting: 'Open SecureChat on another of your devices to go on.',
};

export const connection = {
  offline: 'You’re offline. Everything works; messages go out later.',
  offlineWaiting: (count: number) =>
    `You’re offline. ${String(count)} ${plural(count, 'message goes', 'messages go')} out when you’re back.`,
  connecting: 'Connecting…',
  connectingWaiting: (count: number) => `Connecting… ${String(count)} ${plural(count, 'message', 'messages')} waiting.`,
  draining: (count: number) => (count > 0 ? `Receiving messages… ${String(count)} so far` : 'Receiving messages…'),
  sending: (count: number) => `Sending ${String(count)} ${plural(count, 'message', 'messages')}…`,
  online: 'Connected',
  tryNow: 'Try now',
  inSeconds: (seconds: number) => `Next attempt in ${String(seconds)} s.`,
  problems: {
    SignInRefused:
      'The relay refuses this device. Check the date and time of your device; if they are right, ask whoever runs the relay.',
    RelayFull: 'The relay takes no more messages for now. Yours stay here and go out when it does.',
    VersionTooOld: 'This version is too old for the relay. Reload to update.',
    NotRegistered: 'The relay does not know this account. It is being registered again.',
  },
};

export const shortcuts = {
  title: 'Keyboard shortcuts',
  groups: [
    {
      title: 'Anywhere',
      keys: [
        { keys: ['Ctrl', 'K'], does: 'Search' },
        { keys: ['Alt', 'N'], does: 'New chat' },
        { keys: ['Alt', '↑ ↓'], does: 'Previous or next chat' },
        { keys: ['Alt', 'S'], does: 'Status' },
        { keys: ['Alt', 'C'], does: 'Calls' },
        { keys: ['Alt', ','], does: 'Settings' },
        { keys: ['Esc'], does: 'Close, or back' },
        { keys: ['?'], does: 'This list' },
      ],
    },
    {
      title: 'In the chat list',
      keys: [
        { keys: ['↑ ↓'], does: 'Move' },
        { keys: ['Enter'], does: 'Open' },
        { keys: ['P'], does: 'Pin or unpin' },
        { keys: ['M'], does: 'Mute or unmute' },
        { keys: ['A'], does: 'Archive or unarchive' },
        { keys: ['F'], does: 'Put into a folder' },
        { keys: ['Shift', 'F10'], does: 'Menu' },
      ],
    },
    {
      title: 'In a chat',
      keys: [
        { keys: ['↑'], does: 'In an empty box: edit your last message' },
        { keys: ['Shift', 'Tab'], does: 'From the box to the messages, then ↑ ↓' },
        { keys: ['Ctrl', 'Shift', 'F'], does: 'Search in this chat' },
        { keys: ['Shift', 'Enter'], does: 'New line, or send if Enter makes lines' },
        { keys: ['@'], does: 'In a group: mention a member' },
      ],
    },
    {
      title: 'On a status',
      keys: [
        { keys: ['← →'], does: 'Previous or next' },
        { keys: ['Space'], does: 'Pause or go on' },
        { keys: ['M'], does: 'Sound of a video on or off' },
      ],
    },
    {
      title: 'In a call, on every screen',
      keys: [
        { keys: ['Alt', 'A'], does: 'Answer' },
        { keys: ['Alt', 'X'], does: 'Decline, or hang up' },
        { keys: ['Alt', 'M'], does: 'Mute or unmute' },
        { keys: ['Alt', 'V'], does: 'Camera on or off' },
        { keys: ['Alt', 'H'], does: 'In a group: raise or lower the hand' },
        { keys: ['Alt', 'G'], does: 'In a group: show everybody, or who speaks' },
      ],
    },
    {
      title: 'On a message',
      keys: [
        { keys: ['R'], does: 'Reply' },
        { keys: ['E'], does: 'Edit' },
        { keys: ['+'], does: 'React' },
        { keys: ['C'], does: 'Copy' },
        { keys: ['S'], does: 'Star' },
        { keys: ['I'], does: 'In a group: who has read yours' },
        { keys: ['Delete'], does: 'Delete' },
        { keys: ['Enter'], does: 'Menu' },
      ],
    },
  ],
};
