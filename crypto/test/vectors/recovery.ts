/** Vectors of recovery phrases, their keys and escrows, and of the backup key. */
import {
  accountFromSeed,
  backupKey,
  createRecovery,
  recoveryIdOf,
  recoveryKeyOf,
  recoveryWords,
  sealEscrow,
  signAsRecovery,
  utf8,
} from '../../src/index.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

export function buildRecovery() {
  const secret = createRecovery(scripted([hex(counted(0, 16))]));
  const other = createRecovery(scripted([hex(counted(0x10, 16))]));
  const account = accountFromSeed(counted(0x20));
  const [words, escrow] = [recoveryWords(secret), sealEscrow(secret, account)];
  const [first = '', second = '', ...others] = words;
  const [label, body] = ['example label', utf8('example body')];
  return {
    secret: hex(secret),
    words,
    key: hex(recoveryKeyOf(secret)),
    id: recoveryIdOf(recoveryKeyOf(secret)),
    signature: { label, body: hex(body), signature: hex(signAsRecovery(secret, label, body)) },
    account: { seed: hex(counted(0x20)), publicKey: hex(account.publicKey) },
    escrow: hex(escrow),
    backupKey: hex(backupKey(account)),
    typed: [
      words.join(' ').toUpperCase(),
      ` ${words.join('\n')}\n`,
      words.map((word, index) => `${index + 1}. ${word}`).join(', '),
    ],
    mustFail: {
      phrases: [
        { why: 'a word too few', text: words.slice(1).join(' '), error: 'WrongLength' },
        { why: 'a word too many', text: [...words, first].join(' '), error: 'WrongLength' },
        { why: 'a word of another list', text: [`${first}x`, second, ...others].join(' '), error: 'UnknownWord' },
        { why: 'two words swapped', text: [second, first, ...others].join(' '), error: 'BadChecksum' },
      ],
      escrows: [
        { why: 'another phrase', secret: hex(other), escrow: hex(escrow) },
        { why: 'changed', secret: hex(secret), escrow: hex(tampered(escrow, 0)) },
        { why: 'cut', secret: hex(secret), escrow: hex(escrow.slice(1)) },
      ],
    },
  };
}
