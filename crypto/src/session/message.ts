/**
 * What one device sends another inside the sealed envelope (Sesame, 5.2: initiation messages carry the handshake):
 *
 *     initial = version u8 | 1 | signed id u32 | one-time id u32 (0: none) | ephemeral 32 | ML-KEM ciphertext 1088 | ratchet message
 *     ongoing = version u8 | 2 | tag 8                                                                             | ratchet message
 *               [------------------------------- prefix -------------------------------]
 *
 * The prefix is authenticated by the ratchet message behind it. An initiator repeats the initial prefix until the first
 * answer arrives, so that it does not matter which of its messages arrives first.
 */
import { wireLayout } from '../codec.ts';
import { constant, fixed, publicKey, rest, unsigned } from '../fields.ts';
import type { HandshakeHeader } from '../handshake/pqxdh.ts';
import type { Public } from '../keys.ts';
import { PLAINTEXT_BYTES } from '../ratchet/message.ts';
import { KEM } from '../sodium.ts';

/** Bytes of a session's tag: the beginning of its transcript hash. */
export const TAG_LENGTH = 8;

/** A session message, taken apart. */
export type SessionMessage =
  | {
      readonly type: 'initial';
      readonly header: HandshakeHeader;
      readonly prefix: Uint8Array;
      readonly inner: Uint8Array;
    }
  | { readonly type: 'ongoing'; readonly tag: Uint8Array; readonly prefix: Uint8Array; readonly inner: Uint8Array };

const VERSION = 1;
const KIND = { initial: 1, ongoing: 2 } as const;
const INITIAL_PREFIX = wireLayout({
  version: constant(VERSION),
  kind: constant(KIND.initial),
  signedId: unsigned(4),
  oneTimeId: unsigned(4),
  ephemeral: publicKey<'Ephemeral'>(),
  kemCiphertext: fixed<Public<'KemCiphertext'>>(KEM.ciphertextBytes),
});
const ONGOING_PREFIX = wireLayout({ version: constant(VERSION), kind: constant(KIND.ongoing), tag: fixed(TAG_LENGTH) });
const INNER = rest(PLAINTEXT_BYTES + 1024);
const INITIAL = wireLayout({ prefix: INITIAL_PREFIX, inner: INNER });
const ONGOING = wireLayout({ prefix: ONGOING_PREFIX, inner: INNER });
/** Length of an initial prefix. */
export const INITIAL_PREFIX_BYTES = 2 + 4 + 4 + 32 + KEM.ciphertextBytes;
const ONGOING_PREFIX_BYTES = 2 + TAG_LENGTH;

/** The prefix of an initiator's messages until it is answered. */
export function initialPrefix(header: HandshakeHeader): Uint8Array {
  return INITIAL_PREFIX.encode({ version: VERSION, kind: KIND.initial, ...header });
}

/** The prefix of all other messages. */
export function ongoingPrefix(tag: Uint8Array): Uint8Array {
  return ONGOING_PREFIX.encode({ version: VERSION, kind: KIND.ongoing, tag });
}

/** Takes a message apart without believing any of it: nothing is authenticated yet. `undefined` for neither kind. */
export function parseSessionMessage(bytes: Uint8Array): SessionMessage | undefined {
  const ongoing = ONGOING.decode(bytes);
  if (ongoing !== undefined) {
    const prefix = bytes.slice(0, ONGOING_PREFIX_BYTES);
    return { type: 'ongoing', tag: ongoing.prefix.tag, prefix, inner: ongoing.inner };
  }
  const initial = INITIAL.decode(bytes);
  if (initial === undefined) return undefined;
  const { signedId, oneTimeId, ephemeral, kemCiphertext } = initial.prefix;
  const header = { signedId, oneTimeId, ephemeral, kemCiphertext };
  return { type: 'initial', header, prefix: bytes.slice(0, INITIAL_PREFIX_BYTES), inner: initial.inner };
}
