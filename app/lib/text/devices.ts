const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);
const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString()} ${plural(count, one, many)}`;

export const devices = {
  title: 'Devices',
  hint: 'Link another device, rename or unlink one',
  count: (count: number) => counted(count, 'device', 'devices'),
  list: 'Your devices',
  explain: 'Each device has its own keys and keeps the whole history. Only you see their names.',
  isThis: 'This device',
  restored: 'Restored',
  restoredHint: 'Added with the recovery phrase',
  added: (day: string) => `Linked ${day}`,
  active: 'Active now',
  lastSeen: (words: string) => `Last seen ${words}`,
  neverSeen: 'Not heard of yet',
  actions: (name: string) => `Actions for ${name}`,
  rename: 'Rename',
  name: 'Name of the device',
  renamed: 'Renamed',
  unlink: 'Unlink…',
  unlinkTitle: (name: string) => `Unlink “${name}”?`,
  unlinkPoints: [
    'It keeps what it has already. It cannot be emptied from here.',
    'It reads nothing newer, and nobody takes anything that it writes.',
    'Your contacts see that you unlinked a device.',
  ],
  remaining: (count: number) =>
    count === 1
      ? 'After that, this device is the only one left.'
      : `After that, ${counted(count, 'device is', 'devices are')} left.`,
  newPhrase:
    'If it was stolen, make a new recovery phrase afterwards: whoever has the device may know the one that you have now.',
  makePhrase: 'You have no recovery phrase. If this device is lost as well, so is your account.',
  unlinkAction: 'Unlink',
  unlinked: (name: string) => `“${name}” is unlinked`,
};

/** On a device that has the account. */
export const linkDevice = {
  title: 'Link a device',
  enterTitle: 'Scan the code on the new device',
  enterText: 'Open SecureChat there, choose “I already use SecureChat”, then “Link with another device”.',
  scan: 'Scan the code',
  scanText: 'Point the camera at the code on the new device.',
  code: 'Or type the code',
  codePlaceholder: 'ABCD-EFGH-JKMN-PQRS-TVWX',
  next: 'Next',
  reading: 'Looking for the new device…',
  compareTitle: 'Do both devices show this number?',
  compareText: (name: string) =>
    `Compare it with the number on “${name}”. Do not trust a number that somebody tells you.`,
  comparison: 'Number to compare',
  comesOver: (chats: number, messages: number) =>
    `${counted(chats, 'chat', 'chats')} and ${counted(messages, 'message', 'messages')} will come over.`,
  whole: 'The new device can read everything and write in your name.',
  confirm: 'They match',
  confirming: 'Handing over…',
  differ: 'They differ',
  linkedTitle: (name: string) => `“${name}” is linked`,
  linkedText:
    'It fetches your history from your devices now, the newest messages first. Keep SecureChat open here until it has finished.',
  declinedTitle: 'Not linked',
  declinedText:
    'Nothing was handed over. If the numbers differed although you scanned the code yourself, somebody is in between: try again in another network.',
  again: 'Try again',
};
