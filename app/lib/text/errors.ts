/** What a person reads for each error of the engine. */
import type { ClientError } from '@securechat/sync/api';

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
  }
}

/** A bug, said politely. */
export const UNEXPECTED = 'That did not work. Try again; if it happens again, reload.';
