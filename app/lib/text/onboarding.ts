export const onboarding = {
  title: 'Welcome to SecureChat',
  lead: 'Private messages, with no phone number and no e-mail address.',
  inviteTitle: (name: string) => `${name} invited you`,
  inviteLead: 'Choose a name and you can write at once.',
  groupTitle: 'You are invited to a group',
  groupLead: 'Choose a name first; then you can ask to join.',
  name: 'Your name',
  nameHint: 'People you write to see it. You can change it later.',
  namePlaceholder: 'How friends call you',
  avatarAdd: 'Add a picture (optional)',
  avatarChange: 'Change picture',
  avatarRemove: 'Remove picture',
  lockToggle: 'Protect with a passphrase',
  lockHint: 'Asked whenever SecureChat opens on this device.',
  passphrase: 'Passphrase',
  passphraseAgain: 'Repeat it',
  passphraseHint: (minimum: number) => `At least ${String(minimum)} characters. Nobody can reset it for you.`,
  passphraseDiffers: 'The two do not match.',
  advanced: 'Advanced',
  relay: 'Relay',
  relayHint: 'Carries your sealed messages. It cannot read them.',
  keys: 'Your encryption keys are made on this device. Only devices that you link yourself get them.',
  start: 'Start',
  starting: 'Making your keys…',
  who: 'Do you use SecureChat already?',
  isNew: 'I am new here',
  isBack: 'I already use SecureChat',
};

/** The ways of an account to a device that has none. */
export const comeBack = {
  title: 'Welcome back',
  lead: 'Bring your account to this device.',
  link: 'Link with another device',
  linkText: 'Scan a code with a device that you use already. Your chats and messages come over.',
  phrase: 'Use my recovery phrase',
  phraseText: 'The twelve words that you wrote down. For when there is no other device.',
  backupNote: 'A backup file alone opens nothing: link or use your phrase first, then import it.',
  deviceName: 'Name of this device',
  deviceNameHint: 'Only you see it, in the list of your devices.',
};

/** On the new device. */
export const linkThis = {
  title: 'Link this device',
  formLead: 'You need a device at hand where SecureChat is open.',
  show: 'Show the code',
  showing: 'Preparing the code…',
  waitingTitle: 'Scan this code',
  waitingLead: 'With your other device: Settings, then Devices, then “Link a device”.',
  qrAlt: 'QR code that links this device',
  typed: 'Or type it there:',
  code: 'Link code',
  copy: 'Copy code',
  copied: 'Code copied',
  timeLeft: (minutes: number, seconds: number) =>
    `Good for another ${String(minutes)}:${String(seconds).padStart(2, '0')} min`,
  newCode: 'Show a new code',
  compareTitle: 'Is this the number on your other device?',
  compareLead: 'Look at your other device and answer there. Nothing has to be pressed here.',
  comparison: 'Number to compare',
  compareWhy: 'If it shows another number, somebody is in between: choose “They differ” there.',
  linked: (name: string) => `This device is linked to the account of ${name}.`,
  receivingTitle: 'Receiving your account',
  receivingLead: 'Keep SecureChat open on both devices.',
  failures: {
    Expired: {
      title: 'The code has run out',
      text: 'No other device used it in time. Show a new one and scan it within ten minutes.',
    },
    Declined: {
      title: 'Your other device declined',
      text: 'Nothing was handed over. If the numbers differed, try again in another network; if you declined by mistake, just try again.',
    },
    Tampered: {
      title: 'Somebody meddled with the connection',
      text: 'Nothing was handed over. Try again with a new code, in another network if you can.',
    },
    Offline: {
      title: 'There is no connection',
      text: 'Linking goes through the relay. Connect this device to the internet, then show a new code.',
    },
    RelayRefused: {
      title: 'The relay refused this',
      text: 'It may be busy, or not the relay of your account. Wait a minute and show a new code; if that does not help, check the relay’s address under “Advanced”.',
    },
    TooManyDevices: {
      title: 'Your account has as many devices as it can',
      text: 'On a device that is linked, open Settings, then Devices, and unlink one that you no longer use. Then show a new code.',
    },
  },
};

/** With the recovery phrase, on a device without an account. */
export const restore = {
  title: 'Your recovery phrase',
  lead: 'Enter the twelve words in their order. You can paste them all at once.',
  words: 'Recovery phrase',
  word: (index: number) => `Word ${String(index + 1)}`,
  missing: (count: number) => (count === 1 ? 'One word is missing.' : `${String(count)} words are missing.`),
  start: 'Restore my account',
  starting: 'Looking for your account…',
};

export const restored = {
  title: 'Your account is back',
  lead: 'Your contacts are being told about this device, and new messages arrive here.',
  question: 'Do you have a backup file?',
  questionText:
    'Import it to get your messages back. You can also do this later, in Settings under “Recovery & backup”. Without one, each contact can share your chat with you again.',
  lost: 'If an old device is lost or was stolen, unlink it in Settings under “Devices”.',
  skip: 'Skip for now',
  goOn: 'Go on',
  nameTitle: 'What is your name?',
  nameText: 'It was kept on your devices only, so it has to be entered again. Your contacts see it.',
};

export const unlock = {
  title: 'SecureChat is locked',
  text: 'Enter your passphrase to open your messages.',
  passphrase: 'Passphrase',
  open: 'Unlock',
  opening: 'Unlocking…',
  forgot: 'Forgot it?',
  forgotTitle: 'A forgotten passphrase cannot be reset',
  forgotText:
    'Your messages are encrypted with it. All you can do is erase this device, then link it with another of your devices, use your recovery phrase, or start with a new account.',
  erase: 'Erase this device',
};

export const avatar = {
  title: 'Crop your picture',
  hint: 'Drag to move. Arrow keys move it too.',
  zoom: 'Zoom',
  use: 'Use picture',
  alt: 'Picture to crop',
  unreadable: 'This file is not a picture that the browser can read.',
};
