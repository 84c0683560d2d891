/** What a person reads for each error of the engine. */
import type { ClientError } from '@securechat/sync/api';
import { formatBytes } from './dates.ts';
import { media } from './media.ts';

export function describeError(error: ClientError): string {
  switch (error.type) {
    case 'Offline':
      return 'This needs a connection, and there is none right now.';
    case 'NotOpen':
      return 'SecureChat is not open yet. Try again in a moment.';
    case 'WrongPassphrase':
      return 'That passphrase is not right.';
    case 'PassphraseTooShort':
      return `Use at least ${String(error.minimum)} characters.`;
    case 'NameEmpty':
      return 'Please enter a name.';
    case 'TooLong':
      return `That is too long: at most ${String(error.limit)} characters.`;
    case 'LinkInvalid':
      return 'This is not a SecureChat invite. It may have been cut off when it was copied.';
    case 'ThatIsYou':
      return 'That is you.';
    case 'HandleInvalid':
      return 'A handle has 3 to 30 of a–z, 0–9, dot and underscore.';
    case 'HandleTaken':
      return 'Somebody else has this handle.';
    case 'HandleUnknown':
      return 'Nobody has this handle.';
    case 'UnknownChat':
      return 'This chat is not on this device.';
    case 'UnknownMessage':
      return 'This message is not on this device any more.';
    case 'NotYours':
      return 'Only its author can do that.';
    case 'NotEditable':
      return 'A poll cannot be changed once it is there.';
    case 'PollInvalid':
      return 'A poll has 2 to 12 different choices of at most 100 characters each.';
    case 'PollClosed':
      return 'This poll is closed.';
    case 'Blocked':
      return 'You blocked this contact. Unblock them first.';
    case 'RateLimited':
      return `Too many attempts. Try again in ${String(Math.max(1, Math.ceil(error.retryAfter / 1000)))} s.`;
    case 'RelayRefused':
      return `The relay refused this (${error.code}).`;
    case 'StorageFull':
      return 'This device is full. Free some space and try again.';
    case 'QrMismatch':
      return 'The codes do not match.';
    case 'AlreadyExists':
      return 'That exists already.';
    case 'Unlinked':
      return 'This device was unlinked. It can read, search and export, nothing else.';
    case 'UnknownDevice':
      return 'This device is not in your account any more.';
    case 'TooManyDevices':
      return `An account has at most ${String(error.limit)} devices. Unlink one that you no longer use first.`;
    case 'NotMember':
      return 'You are not in this group.';
    case 'NotAllowed':
      return 'Your role in this group does not allow that.';
    case 'NotContact':
      return 'Only contacts who have accepted you can be added.';
    case 'Banned':
      return 'This person is banned from the group. Lift the ban first.';
    case 'UnknownMember':
      return 'This person is not in the group any more.';
    case 'UnknownCall':
      return 'This call is over, or another tab has it.';
    case 'InCall':
      return 'This device is in a call already. End it first.';
    case 'NotCallable':
      return 'Only contacts who have accepted you, and whom you have accepted, can be called.';
    case 'CallFull':
      return `The call is full: ${String(error.limit)} are in it.`;
    case 'SignalInvalid':
      return 'The connection of this call could not be set up.';
    default:
      return describeReturnError(error);
  }
}

/** Errors on the way of an account to another device. */
function describeReturnError(error: ReturnError | MediaError): string {
  switch (error.type) {
    case 'LinkCodeInvalid':
      return 'This is not a link code. A link code has five groups of four letters and digits.';
    case 'LinkCodeUnknown':
      return 'No device is waiting with this code. Check it, or let the new device show a new one.';
    case 'LinkCodeUsed':
      return 'This code was used already. Let the new device show a new one.';
    case 'LinkCodeExpired':
      return 'This code has run out. Let the new device show a new one.';
    case 'LinkTampered':
      return 'Somebody meddled with the connection between your devices, so nothing was handed over. Try again with a new code, in another network if you can.';
    case 'PhraseLength':
      return `A recovery phrase has 12 words; here ${error.words === 1 ? 'is 1' : `are ${String(error.words)}`}.`;
    case 'PhraseWord':
      return `Word ${String(error.index + 1)}, “${error.word}”, is not one of the words that phrases are made of. Check its spelling.`;
    case 'PhraseWrong':
      return 'These words do not fit together. One of them is wrong, or two changed places.';
    case 'PhraseUnknown':
      return 'No account at this relay belongs to this phrase. Perhaps you made a newer phrase since, or your account is at another relay.';
    case 'BackupDamaged':
      return 'This file is not a SecureChat backup, or it is damaged or cut off.';
    case 'BackupOfAnother':
      return 'This backup belongs to another account, so it cannot be opened here.';
    default:
      return describeMediaError(error);
  }
}

/** Errors of files that are sent or fetched, and of statuses. */
function describeMediaError(error: MediaError): string {
  switch (error.type) {
    case 'TooManyItems':
      return `A message takes at most ${String(error.limit)} files.`;
    case 'EmptyFile':
      return 'One of these files is empty.';
    case 'FileTooLarge':
      return `One of these files is too large: at most ${formatBytes(error.limit)}.`;
    case 'MediaInvalid':
      return 'These files cannot be sent like that.';
    case 'Unreadable':
      return 'A file could not be read: it was changed or taken away since it was chosen.';
    case 'TooManySendings':
      return `At most ${String(error.limit)} messages with files can be on the way at a time. Wait until some are sent.`;
    case 'UnknownSending':
      return 'This was sent or cancelled already.';
    case 'UnknownStatus':
      return 'This status is over.';
    case 'StatusInvalid':
      return 'This cannot be a status: choose a picture, or a video of at most a minute.';
    case 'TooManyStatuses':
      return `You can show at most ${String(error.limit)} things at a time.`;
    case 'UnknownMedia':
      return 'This file is not there any more.';
    case 'NobodyToAsk':
      return 'There is nobody to ask: no other device has this chat.';
    case 'MediaFailed':
      return media.failures[error.failure];
  }
}

type ReturnError = Extract<ClientError, { type: `${'LinkCode' | 'LinkTampered' | 'Phrase' | 'Backup'}${string}` }>;
type MediaError = Extract<
  ClientError,
  {
    type:
      | 'TooManyItems'
      | 'EmptyFile'
      | 'FileTooLarge'
      | 'MediaInvalid'
      | 'Unreadable'
      | 'TooManySendings'
      | 'UnknownSending'
      | 'UnknownStatus'
      | 'StatusInvalid'
      | 'TooManyStatuses'
      | 'UnknownMedia'
      | 'NobodyToAsk'
      | 'MediaFailed';
  }
>;

/** A bug, said politely. */
export const UNEXPECTED = 'That did not work. Try again; if it happens again, reload.';
