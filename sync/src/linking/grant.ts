/**
 * What the two devices of a linking ceremony have to say to each other, inside what crypto seals (C-LINK): the new device
 * says who it is, the existing one gives it the account. And the text of the QR code.
 *
 *     hello = version u8 (2) | device key 32 | mailbox 16 | name | signed pre-key
 *     grant = version u8 (2) | granted u8 | account | device log | relay URL | addresses: count, each: device id, URL, mailbox
 *             | generations: count, each: name, number u32
 */
import {
  type Account,
  type DeviceId,
  type DeviceLog,
  type Public,
  decodeAccount,
  decodeDeviceLog,
  encodeAccount,
  encodeDeviceLog,
  formatLinkCode,
  type LinkCode,
  parseLinkCode,
  toDeviceId,
  toDeviceKey,
} from '@securechat/crypto';
import { type MailboxId, toMailboxId } from '@securechat/relay-protocol';
import { ByteReader, ByteWriter, Unreadable } from '../payload/bytes.ts';
import { PAYLOAD_LIMITS } from '../payload/payload.ts';
import { isRelayUrl } from '../peers/introduction.ts';
import type { PeerAddress } from '../peers/peers.ts';

export interface Hello {
  readonly deviceKey: Public<'Device'>;
  readonly mailbox: MailboxId;
  /** What the new device calls itself; the user of the existing one sees it. */
  readonly name: string;
  /** As crypto's `publishPreKeys` makes it: with it the existing device can write to the new one before that is on line. */
  readonly preKey: Uint8Array;
}

export interface Grant {
  readonly account: Account;
  /** The new device is in it. */
  readonly log: DeviceLog;
  readonly relayUrl: string;
  /** Where the other own devices receive. */
  readonly addresses: ReadonlyMap<DeviceId, PeerAddress>;
  /** Of the personal documents. */
  readonly generations: ReadonlyMap<string, number>;
}

const VERSION = 2;
const KEY = 32;
const MAILBOX = 16;
const ID_BYTES = 64;
const ACCOUNT_BYTES = 256;
const PRE_KEY_BYTES = 4096;
const ADDRESSES = 32;
const NAMES = 16;
const QR_PREFIX = 'securechat-link:';

export function encodeHello({ deviceKey, mailbox, name, preKey }: Hello): Uint8Array {
  return new ByteWriter().u8(VERSION).fixed(deviceKey).fixed(mailbox).string(name).bytes(preKey).finish();
}

/** Undefined for anything else. */
export function decodeHello(bytes: Uint8Array): Hello | undefined {
  return reading(bytes, (reader) => {
    const deviceKey = toDeviceKey(reader.fixed(KEY));
    const mailbox = toMailboxId(reader.fixed(MAILBOX));
    const name = reader.string(PAYLOAD_LIMITS.name);
    const preKey = reader.bytes(PRE_KEY_BYTES);
    return deviceKey && mailbox && { deviceKey, mailbox, name, preKey };
  });
}

/** Undefined: the user of the existing device declined. */
export function encodeGrant(grant: Grant | undefined): Uint8Array {
  const writer = new ByteWriter().u8(VERSION).u8(grant === undefined ? 0 : 1);
  if (grant === undefined) return writer.finish();
  writer.bytes(encodeAccount(grant.account)).bytes(encodeDeviceLog(grant.log)).string(grant.relayUrl);
  writer.list([...grant.addresses], (w, [id, address]) => w.string(id).string(address.relayUrl).fixed(address.mailbox));
  writer.list([...grant.generations], (w, [name, number]) => w.string(name).u32(number));
  return writer.finish();
}

/** Undefined for anything that is no grant. */
export function decodeGrant(bytes: Uint8Array): Grant | 'Declined' | undefined {
  return reading(bytes, (reader) => {
    const granted = reader.u8();
    if (granted === 0) return 'Declined';
    if (granted !== 1) return undefined;
    const account = decodeAccount(reader.bytes(ACCOUNT_BYTES));
    const logBytes = reader.bytes(PAYLOAD_LIMITS.deviceLog);
    const relayUrl = reader.string(PAYLOAD_LIMITS.url);
    const addresses = reader.list(ADDRESSES, readAddress);
    const generations = reader.list(NAMES, (r) => [r.string(PAYLOAD_LIMITS.personalName), r.u32()] as const);
    const log = account.ok ? decodeDeviceLog(logBytes, account.value.publicKey) : undefined;
    if (!account.ok || log?.ok !== true || !isRelayUrl(relayUrl)) return undefined;
    return {
      ...{ account: account.value, log: log.value, relayUrl },
      ...{ addresses: new Map(addresses), generations: new Map(generations) },
    };
  });
}

/** Content of the QR code: the code, and at which relay the new device waits. */
export function linkQr(code: LinkCode, relayUrl: string): string {
  return `${QR_PREFIX}${formatLinkCode(code)}:${relayUrl}`;
}

/** A scanned or typed code; `relayUrl` absent: it was typed. Undefined: it is neither. */
export function readLinkText(text: string): { readonly code: LinkCode; readonly relayUrl?: string } | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith(QR_PREFIX)) {
    const code = parseLinkCode(trimmed);
    return code.ok ? { code: code.value } : undefined;
  }
  const rest = trimmed.slice(QR_PREFIX.length);
  const code = parseLinkCode(rest.slice(0, rest.indexOf(':')));
  const relayUrl = rest.slice(rest.indexOf(':') + 1);
  return code.ok && isRelayUrl(relayUrl) ? { code: code.value, relayUrl } : undefined;
}

function readAddress(reader: ByteReader): readonly [DeviceId, PeerAddress] {
  const id = toDeviceId(reader.string(ID_BYTES));
  const relayUrl = reader.string(PAYLOAD_LIMITS.url);
  const mailbox = toMailboxId(reader.fixed(MAILBOX));
  if (id === undefined || mailbox === undefined || !isRelayUrl(relayUrl)) throw new Unreadable('not an address');
  return [id, { relayUrl, mailbox }];
}

function reading<T>(bytes: Uint8Array, read: (reader: ByteReader) => T | undefined): T | undefined {
  try {
    const reader = new ByteReader(bytes);
    if (reader.u8() !== VERSION) return undefined;
    const value = read(reader);
    if (value !== undefined) reader.end();
    return value;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
