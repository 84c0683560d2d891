/**
 * One entry of a device log: its layout, its place in the hash chain and its signature. Knows nothing of whether the
 * entry makes sense after the ones before it; `device-log.ts` decides that.
 *
 *     body  = kind u8 (1 add, 2 remove) | index u32 | previous head 32 | time u48 ms | device key 32 | name u16 + utf8
 *     entry = body | Ed25519 signature 64 by the account, label "SecureChat device log entry v1"
 *     head  = SHA-256("SecureChat device log entry v1" || body)
 *     head before the first entry = SHA-256("SecureChat device log genesis v1" || account key)
 */
import { hash } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { fixed, publicKey, text, time, unsigned } from '../fields.ts';
import type { Public } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { SIGNATURE_BYTES } from '../sodium.ts';
import type { Account } from './account.ts';
import { signAsAccount, verifyAsAccount } from './signature.ts';

/** Bytes of a device name. The relay sees names in device logs: what a person typed does not belong there. */
export const NAME_BYTES = 64;
/** Length of a head. */
export const HEAD_BYTES = 32;

/** A statement of the account about one device. */
export interface DeviceLogStatement {
  readonly kind: 'add' | 'remove';
  readonly deviceKey: Public<'Device'>;
  /** Empty when removing. */
  readonly name: string;
  /** By the signing device's clock, milliseconds. */
  readonly time: number;
}

/** A statement in its place. */
export interface DeviceLogEntry extends DeviceLogStatement {
  readonly signature: Uint8Array;
  /** Hash of everything up to and including this entry. */
  readonly head: Uint8Array;
}

const KINDS = { add: 1, remove: 2 } as const;
const BODY = wireLayout({
  kind: unsigned(1),
  index: unsigned(4),
  previous: fixed(HEAD_BYTES),
  time,
  deviceKey: publicKey<'Device'>(),
  name: text(NAME_BYTES),
});

/** How an entry lies in an encoded log. */
export const ENTRY = wireLayout({ body: BODY, signature: fixed(SIGNATURE_BYTES) });
type StoredEntry = NonNullable<ReturnType<typeof ENTRY.decode>>;

/** Where an entry is to stand. */
export interface EntryPlace {
  readonly index: number;
  readonly previous: Uint8Array;
}

/** The head of a log that has no entry yet; it binds the whole chain to the account. */
export function genesisHead(accountKey: Public<'Account'>): Uint8Array {
  return hash(LABELS.deviceLogGenesis, accountKey);
}

/** Signs a statement into its place. */
export function signEntry(account: Account, statement: DeviceLogStatement, place: EntryPlace): DeviceLogEntry {
  const body = BODY.encode(toStored(statement, place));
  const signature = signAsAccount(account, LABELS.deviceLogEntry, body);
  return { ...statement, signature, head: hash(LABELS.deviceLogEntry, body) };
}

/** The entry, when it stands where it claims to and the account signed it. */
export function verifyEntry(
  accountKey: Public<'Account'>,
  { body, signature }: StoredEntry,
  place: EntryPlace,
): DeviceLogEntry | undefined {
  const kind = body.kind === KINDS.add ? 'add' : body.kind === KINDS.remove ? 'remove' : undefined;
  if (kind === undefined) return undefined;
  const { deviceKey, name, time: at } = body;
  const statement: DeviceLogStatement = { kind, deviceKey, name, time: at };
  // Signing what the place demands, not what the entry says, checks index and previous head in the same step.
  const expected = BODY.encode(toStored(statement, place));
  if (!verifyAsAccount(accountKey, LABELS.deviceLogEntry, expected, signature)) return undefined;
  return { ...statement, signature, head: hash(LABELS.deviceLogEntry, expected) };
}

/** The entry as it is encoded. */
export function storedEntry(entry: DeviceLogEntry, place: EntryPlace): StoredEntry {
  return { body: toStored(entry, place), signature: entry.signature };
}

function toStored({ kind, deviceKey, name, time: at }: DeviceLogStatement, { index, previous }: EntryPlace) {
  return { kind: KINDS[kind], index, previous, time: at, deviceKey, name };
}
