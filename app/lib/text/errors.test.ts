import { expect, it } from 'vitest';
import type { ClientError } from '@securechat/sync/api';
import { describeError } from './errors.ts';

const errors: Record<ClientError['type'], ClientError> = {
  Offline: { type: 'Offline' },
  NotOpen: { type: 'NotOpen' },
  WrongPassphrase: { type: 'WrongPassphrase' },
  PassphraseTooShort: { type: 'PassphraseTooShort', minimum: 8 },
  NameEmpty: { type: 'NameEmpty' },
  TooLong: { type: 'TooLong', limit: 64 },
  LinkInvalid: { type: 'LinkInvalid' },
  ThatIsYou: { type: 'ThatIsYou' },
  HandleInvalid: { type: 'HandleInvalid' },
  HandleTaken: { type: 'HandleTaken' },
  HandleUnknown: { type: 'HandleUnknown' },
  UnknownChat: { type: 'UnknownChat' },
  UnknownMessage: { type: 'UnknownMessage' },
  NotYours: { type: 'NotYours' },
  UnknownCall: { type: 'UnknownCall' },
  InCall: { type: 'InCall' },
  NotCallable: { type: 'NotCallable' },
  CallFull: { type: 'CallFull', limit: 8 },
  SignalInvalid: { type: 'SignalInvalid' },
  NotEditable: { type: 'NotEditable' },
  UnknownStatus: { type: 'UnknownStatus' },
  StatusInvalid: { type: 'StatusInvalid' },
  TooManyStatuses: { type: 'TooManyStatuses', limit: 30 },
  PollInvalid: { type: 'PollInvalid' },
  PollClosed: { type: 'PollClosed' },
  NotMember: { type: 'NotMember' },
  NotAllowed: { type: 'NotAllowed' },
  NotContact: { type: 'NotContact' },
  UnknownMember: { type: 'UnknownMember' },
  Banned: { type: 'Banned' },
  Blocked: { type: 'Blocked' },
  RateLimited: { type: 'RateLimited', retryAfter: 2_500 },
  RelayRefused: { type: 'RelayRefused', code: 'X' },
  StorageFull: { type: 'StorageFull' },
  QrMismatch: { type: 'QrMismatch' },
  AlreadyExists: { type: 'AlreadyExists' },
  Unlinked: { type: 'Unlinked' },
  LinkCodeInvalid: { type: 'LinkCodeInvalid' },
  LinkCodeUnknown: { type: 'LinkCodeUnknown' },
  LinkCodeUsed: { type: 'LinkCodeUsed' },
  LinkCodeExpired: { type: 'LinkCodeExpired' },
  LinkTampered: { type: 'LinkTampered' },
  TooManyDevices: { type: 'TooManyDevices', limit: 8 },
  UnknownDevice: { type: 'UnknownDevice' },
  PhraseLength: { type: 'PhraseLength', words: 11 },
  PhraseWord: { type: 'PhraseWord', index: 4, word: 'abuot' },
  PhraseWrong: { type: 'PhraseWrong' },
  PhraseUnknown: { type: 'PhraseUnknown' },
  BackupDamaged: { type: 'BackupDamaged' },
  BackupOfAnother: { type: 'BackupOfAnother' },
  TooManyItems: { type: 'TooManyItems', limit: 10 },
  EmptyFile: { type: 'EmptyFile' },
  FileTooLarge: { type: 'FileTooLarge', limit: 4_000_000_000 },
  MediaInvalid: { type: 'MediaInvalid' },
  Unreadable: { type: 'Unreadable' },
  TooManySendings: { type: 'TooManySendings', limit: 64 },
  UnknownSending: { type: 'UnknownSending' },
  UnknownMedia: { type: 'UnknownMedia' },
  NobodyToAsk: { type: 'NobodyToAsk' },
  MediaFailed: { type: 'MediaFailed', failure: 'Expired' },
};

it.each(Object.values(errors))('says $type in a sentence', (error) => {
  expect(describeError(error)).toMatch(/^\p{Lu}.*\.$/u);
});

it('rounds the wait up', () => {
  expect(describeError(errors.RateLimited)).toContain('3 s');
});

it('counts words as people do, from one', () => {
  expect(describeError(errors.PhraseWord)).toContain('Word 5, “abuot”');
});
