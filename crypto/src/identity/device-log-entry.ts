/**
 * One entry of a device log: its layout, its place in the hash chain and its two signatures. Knows nothing of whether the
 * entry makes sense after the ones before it and whether its authority was entitled to it; `membership.ts` decides that.
 *
 *     said  = kind u8 (1 add, 2 remove, 3 recovery) | time u48 ms | key of the authority 32 | subject 32 | 0, or 1 and escrow 48
 *     body  = index u32 | previous head 32 | said
 *     entry = said | account's signature 64, "... device log entry v2" | authority's signature 64, "... authority v2"
 *     head  = SHA-256("SecureChat device log entry v2" || body)
 *     head before the first entry = SHA-256("SecureChat device log genesis v2" || account key)
 *
 * The subject is a device key or, in `recovery`, a recovery key; only there is an escrow. Both signatures are over the
 * body. Index and previous head are not sent: whoever checks knows them.
 */
import { hash } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { ABSENT, fixed, optional, publicKey, time, unsigned } from '../fields.ts';
import type { Public } from '../keys.ts';
import { asPublic } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { ESCROW_BYTES } from '../recovery/recovery-key.ts';
import { SIGNATURE_BYTES } from '../sodium.ts';
import type { Account } from './account.ts';
import { type Authority, authorityKeyOf, signAsAuthority, verifyAsAuthority } from './authority.ts';
import { signAsAccount, verifyAsAccount } from './signature.ts';

/** Length of a head. */
export const HEAD_BYTES = 32;

/** What an entry says. `time` is by the signing device's clock, milliseconds. */
export type DeviceLogStatement = { readonly time: number } & (
  | { readonly kind: 'add' | 'remove'; readonly deviceKey: Public<'Device'> }
  | { readonly kind: 'recovery'; readonly recoveryKey: Public<'Recovery'>; readonly escrow: Uint8Array }
);

/** A statement in its place, signed. */
export type DeviceLogEntry = DeviceLogStatement & {
  /** Key of the authority. */
  readonly by: Public<'Authority'>;
  readonly accountSignature: Uint8Array;
  readonly authoritySignature: Uint8Array;
  /** Hash of everything up to and including this entry. */
  readonly head: Uint8Array;
};

const KINDS = { add: 1, remove: 2, recovery: 3 } as const;
const SAID = wireLayout({
  kind: unsigned(1),
  time,
  by: publicKey<'Authority'>(),
  subject: fixed(32),
  escrow: optional(fixed(ESCROW_BYTES)),
});
const BODY = wireLayout({ index: unsigned(4), previous: fixed(HEAD_BYTES), said: SAID });

/** How an entry lies in an encoded log. */
export const ENTRY = wireLayout({
  said: SAID,
  accountSignature: fixed(SIGNATURE_BYTES),
  authoritySignature: fixed(SIGNATURE_BYTES),
});
type StoredEntry = NonNullable<ReturnType<typeof ENTRY.decode>>;
type Said = StoredEntry['said'];

/** Where an entry is to stand. */
export interface EntryPlace {
  readonly index: number;
  readonly previous: Uint8Array;
}

/** Who signs an entry. */
export interface Signers {
  readonly account: Account;
  readonly by: Authority;
}

/** The head of a log that has no entry yet; it binds the whole chain to the account. */
export function genesisHead(accountKey: Public<'Account'>): Uint8Array {
  return hash(LABELS.deviceLogGenesis, accountKey);
}

/** Signs a statement into its place. */
export function signEntry({ account, by }: Signers, statement: DeviceLogStatement, place: EntryPlace): DeviceLogEntry {
  const key = authorityKeyOf(by);
  const body = BODY.encode({ ...place, said: toSaid(statement, key) });
  return {
    ...statement,
    by: key,
    accountSignature: signAsAccount(account, LABELS.deviceLogEntry, body),
    authoritySignature: signAsAuthority(by, LABELS.deviceLogAuthority, body),
    head: hash(LABELS.deviceLogEntry, body),
  };
}

/** What is wrong with an entry in itself: not what the account signed here, or not what the authority that it names did. */
export type EntryError = 'BadEntry' | 'BadAuthority';

/** The entry, when the account and the authority it names signed it for this place. */
export function verifyEntry(
  accountKey: Public<'Account'>,
  { said, accountSignature, authoritySignature }: StoredEntry,
  place: EntryPlace,
): DeviceLogEntry | EntryError {
  const statement = statementOf(said);
  const body = BODY.encode({ ...place, said });
  if (!statement || !verifyAsAccount(accountKey, LABELS.deviceLogEntry, body, accountSignature)) return 'BadEntry';
  if (!verifyAsAuthority(said.by, LABELS.deviceLogAuthority, body, authoritySignature)) return 'BadAuthority';
  return { ...statement, by: said.by, accountSignature, authoritySignature, head: hash(LABELS.deviceLogEntry, body) };
}

/** The entry as it is encoded. */
export function storedEntry(entry: DeviceLogEntry): StoredEntry {
  const { by, accountSignature, authoritySignature } = entry;
  return { said: toSaid(entry, by), accountSignature, authoritySignature };
}

function toSaid(statement: DeviceLogStatement, by: Public<'Authority'>): Said {
  const said = { kind: KINDS[statement.kind], time: statement.time, by };
  if (statement.kind !== 'recovery') return { ...said, subject: statement.deviceKey, escrow: ABSENT };
  return { ...said, subject: statement.recoveryKey, escrow: statement.escrow };
}

/** `undefined` for an unknown kind, and for an escrow where none belongs or the lack of one. */
function statementOf({ kind, time: at, subject, escrow }: Said): DeviceLogStatement | undefined {
  if (kind === KINDS.recovery && escrow !== ABSENT) {
    return { kind: 'recovery', time: at, recoveryKey: asPublic<'Recovery'>(subject), escrow };
  }
  if (escrow !== ABSENT || (kind !== KINDS.add && kind !== KINDS.remove)) return undefined;
  return { kind: kind === KINDS.add ? 'add' : 'remove', time: at, deviceKey: asPublic<'Device'>(subject) };
}
