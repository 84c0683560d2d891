/**
 * Two families of bytes that the compiler keeps apart. A `Secret` must never leave the device in the clear; a `Public`
 * may. Both carry a name, so that a root key cannot be passed where a chain key belongs. The brands exist at compile
 * time only. Wire encoders and base64 accept `Open` bytes, which a `Secret` is not: leaking a key does not compile.
 */
import { isValidPoint } from './sodium.ts';

declare const secretBrand: unique symbol;
declare const publicBrand: unique symbol;

/** Bytes that only this device (or the two ends of a session) may know. */
export type Secret<Name extends string> = Uint8Array & { readonly [secretBrand]: Name };

/** Bytes that anyone may see. */
export type Public<Name extends string> = Uint8Array & { readonly [publicBrand]: Name };

/** Any bytes that are not marked as a `Secret`. */
export type Open = Uint8Array & { readonly [secretBrand]?: never };

/** Length of X25519 and Ed25519 public keys, X25519 secret keys, and every symmetric key here. */
export const KEY_BYTES = 32;

/** A key of the other side forces an all-zero or impossible shared secret. */
export interface WeakKey {
  readonly type: 'WeakKey';
}

/** An X25519 key pair, named for its use. */
export interface KeyPair<Name extends string> {
  readonly publicKey: Public<Name>;
  readonly secretKey: Secret<Name>;
}

/** Marks bytes as secret. The only way in; every use is a place to review. */
export function asSecret<Name extends string>(bytes: Uint8Array): Secret<Name> {
  return bytes as Secret<Name>;
}

/** Marks bytes as public. The parameter refuses a `Secret`. */
export function asPublic<Name extends string>(bytes: Open): Public<Name> {
  return bytes as Uint8Array as Public<Name>;
}

/** An account's Ed25519 key that came from outside; `undefined` unless it is 32 bytes and a point of the prime-order group. */
export function toAccountKey(bytes: Open): Public<'Account'> | undefined {
  return signingKey<'Account'>(bytes);
}

/** A device's Ed25519 key that came from outside; checks as {@link toAccountKey}. */
export function toDeviceKey(bytes: Open): Public<'Device'> | undefined {
  return signingKey<'Device'>(bytes);
}

/** An author's Ed25519 key that came from outside; checks as {@link toAccountKey}. */
export function toAuthorKey(bytes: Open): Public<'Author'> | undefined {
  return signingKey<'Author'>(bytes);
}

/** A recovery phrase's Ed25519 key that came from outside; checks as {@link toAccountKey}. */
export function toRecoveryKey(bytes: Open): Public<'Recovery'> | undefined {
  return signingKey<'Recovery'>(bytes);
}

/** A group invite's Ed25519 key that came from outside; checks as {@link toAccountKey}. */
export function toInviteKey(bytes: Open): Public<'Invite'> | undefined {
  return signingKey<'Invite'>(bytes);
}

/**
 * Whether bytes are an Ed25519 key that may be used: canonical and in the prime-order group. Under a small-order key one
 * signature would verify for many messages. Answers are remembered: the check costs as much as a verification, and the
 * same few keys come again and again.
 */
export function isSigningKey(bytes: Uint8Array): boolean {
  if (bytes.length !== KEY_BYTES) return false;
  const name = String.fromCharCode(...bytes);
  const known = checkedKeys.get(name);
  if (known !== undefined) return known;
  const valid = isValidPoint(bytes);
  if (checkedKeys.size >= REMEMBERED_KEYS) checkedKeys.clear();
  checkedKeys.set(name, valid);
  return valid;
}

const REMEMBERED_KEYS = 512;
const checkedKeys = new Map<string, boolean>();

function signingKey<Name extends string>(bytes: Open): Public<Name> | undefined {
  return isSigningKey(bytes) ? asPublic<Name>(bytes.slice()) : undefined;
}
