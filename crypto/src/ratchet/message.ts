/**
 * A ratchet message (Double Ratchet, 3.1 HEADER and 3.4):
 *
 *     ratchet key 32 | previous count u32 | index u32 | nonce 24 | ciphertext with tag
 *     [----------------- header ---------------]
 *
 * The header is authenticated, not encrypted: the sealed envelope around it hides it from the relay.
 */
import { wireLayout } from '../codec.ts';
import { fixed, publicKey, rest, unsigned } from '../fields.ts';
import type { Public } from '../keys.ts';
import { NONCE_BYTES, TAG_BYTES } from '../sodium.ts';

/** Bytes of plaintext that one message carries at most: a relay envelope less everything around it. */
export const PLAINTEXT_BYTES = 256 * 1024 - 2048;

/** The sender's place in the conversation (Double Ratchet, 3.1: dh, pn, n). */
export interface Header {
  readonly ratchetKey: Public<'Ratchet'>;
  /** How many messages the sender's previous chain had. */
  readonly previousCount: number;
  /** Number of this message in its chain. */
  readonly index: number;
}

/** A message as it is parsed. */
export interface RatchetMessage {
  readonly header: Header;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The header's layout; always 40 bytes. */
export const HEADER = wireLayout({
  ratchetKey: publicKey<'Ratchet'>(),
  previousCount: unsigned(4),
  index: unsigned(4),
});

/** The whole message's layout. */
export const RATCHET_MESSAGE = wireLayout({
  header: HEADER,
  nonce: fixed(NONCE_BYTES),
  ciphertext: rest(PLAINTEXT_BYTES + TAG_BYTES),
});
