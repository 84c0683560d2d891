/**
 * A group message, as every member's device gets it:
 *
 *     index u32 | nonce 24 | signature 64 | ciphertext with tag
 *
 *     ciphertext = AEAD(message key, plaintext, ad = index || ad)
 *     signature  = by the sender key, "SecureChat group message v1", over index || nonce || SHA-256(ad) || ciphertext
 *
 * The sender key is named by the envelope around it, and by the signature. The envelope hides all of this from the relay.
 */
import { concat } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { fixed, rest, unsigned } from '../fields.ts';
import { PLAINTEXT_BYTES } from '../ratchet/message.ts';
import { NONCE_BYTES, sha256, SIGNATURE_BYTES, TAG_BYTES } from '../sodium.ts';

/** Its place in the sender's chain. */
const PLACE = wireLayout({ index: unsigned(4) });
const GROUP_MESSAGE = wireLayout({
  place: PLACE,
  nonce: fixed(NONCE_BYTES),
  signature: fixed(SIGNATURE_BYTES),
  ciphertext: rest(PLAINTEXT_BYTES + TAG_BYTES),
});

/** The last number of a chain: the place after it must have one too. */
const LAST_INDEX = 2 ** 32 - 2;

/** A group message, taken apart. */
export interface GroupMessage {
  readonly index: number;
  readonly nonce: Uint8Array;
  readonly signature: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The message's bytes. */
export function encodeGroupMessage({ index, ...sealed }: GroupMessage): Uint8Array {
  return GROUP_MESSAGE.encode({ place: { index }, ...sealed });
}

/** Takes a message apart without believing any of it; `undefined` when it is none. */
export function parseGroupMessage(bytes: Uint8Array): GroupMessage | undefined {
  const parsed = GROUP_MESSAGE.decode(bytes);
  if (parsed === undefined || parsed.place.index > LAST_INDEX) return undefined;
  const { place, nonce, signature, ciphertext } = parsed;
  return { index: place.index, nonce, signature, ciphertext };
}

/** What the AEAD authenticates beside the plaintext; the place comes first because its length is fixed. */
export function boundTo(index: number, ad: Uint8Array): Uint8Array {
  return concat(PLACE.encode({ index }), ad);
}

/** What the sender signs. `ad` is hashed, so that nobody can move bytes between it and the ciphertext. */
export function signedPart({ index, nonce, ciphertext }: Omit<GroupMessage, 'signature'>, ad: Uint8Array): Uint8Array {
  return concat(PLACE.encode({ index }), nonce, sha256(ad), ciphertext);
}
