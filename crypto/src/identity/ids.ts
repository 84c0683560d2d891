/**
 * Names that cannot be swapped: an account or device id is the hash of its public key (DESIGN 3), so whoever holds the
 * id can check a key that a relay hands over. The relay computes the same ids with its own SHA-256.
 *
 *     id = base64url(SHA-256(utf8(label) || Ed25519 public key))        43 characters
 */
import { fromBase64Url, hash, toBase64Url } from '../bytes.ts';
import type { Public } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';

declare const idBrand: unique symbol;
type Id<Name extends string> = string & { readonly [idBrand]: Name };

/** Self-certifying name of an account: 43 characters. */
export type AccountId = Id<'Account'>;
/** Self-certifying name of a device: 43 characters. */
export type DeviceId = Id<'Device'>;
/** Name of a chat: 22 characters. */
export type ChatId = Id<'Chat'>;

/** Self-certifying name of a sender key: 22 characters. */
export type SenderKeyId = Id<'SenderKey'>;

const CHAT_ID_BYTES = 16;
/** Bytes of a sender key's id. */
export const SENDER_KEY_ID_BYTES = 16;

/** The id of the account with this key (C-ID-1). */
export function accountIdOf(publicKey: Public<'Account'>): AccountId {
  return toBase64Url(hash(LABELS.accountId, publicKey)) as AccountId;
}

/** The id of the device with this key (C-ID-1). */
export function deviceIdOf(publicKey: Public<'Device'>): DeviceId {
  return toBase64Url(hash(LABELS.deviceId, publicKey)) as DeviceId;
}

/** The id of the sender key with this signing key, as it travels (C-GROUP-1). */
export function senderKeyIdBytes(publicKey: Public<'SenderKey'>): Uint8Array {
  return hash(LABELS.senderKeyId, publicKey).slice(0, SENDER_KEY_ID_BYTES);
}

/** The {@link SENDER_KEY_ID_BYTES} bytes of a sender key's id as its name. */
export function senderKeyIdFrom(bytes: Uint8Array): SenderKeyId {
  return toBase64Url(bytes) as SenderKeyId;
}

/** Text from outside as an account id; `undefined` when it cannot be one. */
export function toAccountId(text: string): AccountId | undefined {
  return isBytes(text, KEY_BYTES) ? (text as AccountId) : undefined;
}

/** Text from outside as a device id; `undefined` when it cannot be one. */
export function toDeviceId(text: string): DeviceId | undefined {
  return isBytes(text, KEY_BYTES) ? (text as DeviceId) : undefined;
}

/** Text from outside as a chat id; `undefined` when it cannot be one. */
export function toChatId(text: string): ChatId | undefined {
  return isBytes(text, CHAT_ID_BYTES) ? (text as ChatId) : undefined;
}

/** First 16 bytes of a digest as a chat id. */
export function chatIdFrom(digest: Uint8Array): ChatId {
  return toBase64Url(digest.slice(0, CHAT_ID_BYTES)) as ChatId;
}

function isBytes(text: string, length: number): boolean {
  return fromBase64Url(text)?.length === length;
}
