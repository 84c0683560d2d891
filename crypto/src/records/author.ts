/**
 * Author keys: one Ed25519 key per device and chat, which signs that device's records there. Who owns one is said twice:
 * by the author key itself (the proof of possession binds key, chat and device, so nobody can claim another's key as their
 * own) and by the device (the certificate, so nobody can put words into a device's mouth). Both together may be passed on
 * by anyone: a member learns so of authors whose devices it never had a session with. Knows nothing of what a record holds.
 */
import { concat, utf8 } from '../bytes.ts';
import { stateLayout } from '../codec.ts';
import { constant, secret } from '../fields.ts';
import type { Device } from '../identity/device.ts';
import type { ChatId, DeviceId } from '../identity/ids.ts';
import { signAsDevice, signLabelled, verifyAsDevice, verifyLabelled } from '../identity/signature.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { decoded } from '../result.ts';
import { signingPair } from '../sodium.ts';

/** An author's key pair. `secretKey` is libsodium's 64 bytes: seed, then public key. */
export interface AuthorKey {
  readonly publicKey: Public<'Author'>;
  readonly secretKey: Secret<'Author'>;
}

const STORED = stateLayout({ version: constant(1), seed: secret<'Author'>() });
const SEPARATOR = Uint8Array.of(0);

/** A new author key, for one device in one chat. */
export function createAuthorKey(random: Random): AuthorKey {
  return authorFromSeed(random(KEY_BYTES));
}

/** The key for sealed storage: 33 secret bytes. */
export function encodeAuthorKey({ secretKey }: AuthorKey): Secret<'StoredAuthor'> {
  const seed = asSecret<'Author'>(secretKey.slice(0, KEY_BYTES));
  return asSecret<'StoredAuthor'>(STORED.encode({ version: 1, seed }));
}

/** Inverse of {@link encodeAuthorKey}. */
export function decodeAuthorKey(bytes: Uint8Array): Result<AuthorKey, Malformed> {
  const stored = STORED.decode(bytes);
  return decoded(stored && authorFromSeed(stored.seed));
}

/** Signs a record's bytes. */
export function signRecord(author: AuthorKey, bytes: Open): Uint8Array {
  return signLabelled(author.secretKey, LABELS.record, bytes);
}

/** Whether the author with this key signed the record's bytes. */
export function verifyRecord(publicKey: Public<'Author'>, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verifyLabelled(publicKey, LABELS.record, bytes, signature);
}

/** "The holder of this author key is this device, in this chat", signed by the author key itself. */
export function proveAuthor(author: AuthorKey, chatId: ChatId, deviceId: DeviceId): Uint8Array {
  return signLabelled(author.secretKey, LABELS.authorProof, claim(chatId, deviceId));
}

/** Whether {@link proveAuthor} made this proof for exactly these three. */
export function verifyAuthorProof(
  publicKey: Public<'Author'>,
  chatId: ChatId,
  deviceId: DeviceId,
  proof: Uint8Array,
): boolean {
  return verifyLabelled(publicKey, LABELS.authorProof, claim(chatId, deviceId), proof);
}

/** "This author key is mine in this chat", signed by the device: 64 bytes. */
export function certifyAuthor(device: Device, chatId: ChatId, authorKey: Public<'Author'>): Uint8Array {
  return signAsDevice(device, LABELS.authorCertificate, statement(chatId, authorKey));
}

/** Whether {@link certifyAuthor} made this certificate for exactly these three. Wrong lengths are false. */
export function verifyAuthorCertificate(
  deviceKey: Public<'Device'>,
  chatId: ChatId,
  authorKey: Public<'Author'>,
  certificate: Uint8Array,
): boolean {
  return verifyAsDevice(deviceKey, LABELS.authorCertificate, statement(chatId, authorKey), certificate);
}

function statement(chatId: ChatId, authorKey: Public<'Author'>): Uint8Array {
  return concat(utf8(chatId), SEPARATOR, authorKey);
}

function claim(chatId: ChatId, deviceId: DeviceId): Uint8Array {
  return concat(utf8(chatId), SEPARATOR, utf8(deviceId));
}

function authorFromSeed(seed: Uint8Array): AuthorKey {
  const pair = signingPair(seed);
  return { publicKey: asPublic<'Author'>(pair.publicKey), secretKey: asSecret<'Author'>(pair.secretKey) };
}
