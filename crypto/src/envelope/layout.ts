/**
 * What every envelope looks like, to a device or to a group, so that a relay cannot tell them apart: the same first byte,
 * the same places, the same lengths. Knows nothing of how the keys come about, nor of what is inside.
 *
 *     version u8 | ephemeral 32 | names 80 | sealed content: bucket - 113
 *
 *     names          = from whom, sealed as the kind of envelope has it; random to all others
 *     sealed content = AEAD(content key, padded content, ad = version || ephemeral || names)
 */
import { concat } from '../bytes.ts';
import { type ValueOf, wireLayout } from '../codec.ts';
import { constant, fixed, publicKey, rest } from '../fields.ts';
import type { Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import { aeadOpen, aeadSeal, NONCE_BYTES, TAG_BYTES, x25519Public } from '../sodium.ts';
import { LARGEST_BUCKET, padToBucket } from './padding.ts';

/** Bytes of the sealed names. */
export const NAMES_BYTES = 2 * KEY_BYTES + TAG_BYTES;

const HEAD_BYTES = 1 + KEY_BYTES + NAMES_BYTES;
const OVERHEAD = HEAD_BYTES + TAG_BYTES;
/** Bytes of the largest message that an envelope holds. */
export const ENVELOPE_MESSAGE_BYTES = LARGEST_BUCKET - OVERHEAD - 1;

const VERSION = 1;
const ZERO_NONCE = new Uint8Array(NONCE_BYTES);
const ENVELOPE = wireLayout({
  version: constant(VERSION),
  ephemeral: publicKey<'Envelope'>(),
  names: fixed(NAMES_BYTES),
  content: rest(LARGEST_BUCKET - HEAD_BYTES),
});

/** An envelope, taken apart. Nothing of it is authenticated yet. */
export type EnvelopeParts = ValueOf<typeof ENVELOPE>;

/** A fresh ephemeral pair. */
export function createEphemeral(random: Random) {
  const secretKey = asSecret<'Envelope'>(random(KEY_BYTES));
  return { secretKey, publicKey: asPublic<'Envelope'>(x25519Public(secretKey)) };
}

/** An envelope around `content`. Throws for more than {@link ENVELOPE_MESSAGE_BYTES}. */
export function sealContent(
  { ephemeral, names }: Omit<EnvelopeParts, 'version' | 'content'>,
  content: Uint8Array,
  key: Secret<string>,
): Uint8Array {
  const sealed = sealOnce(key, padToBucket(content, OVERHEAD), concat(headOf(ephemeral), names));
  return ENVELOPE.encode({ version: VERSION, ephemeral, names, content: sealed });
}

/** Takes an envelope apart; `undefined` when it is none. */
export function parseEnvelope(bytes: Uint8Array): EnvelopeParts | undefined {
  return ENVELOPE.decode(bytes);
}

/** The content with its padding; `undefined` when it was not sealed with this key, behind these names. */
export function openContent({ ephemeral, names, content }: EnvelopeParts, key: Secret<string>): Uint8Array | undefined {
  return openOnce(key, content, concat(headOf(ephemeral), names));
}

/** What the names are bound to: `version || ephemeral`. */
export function headOf(ephemeral: Public<'Envelope'>): Uint8Array {
  return concat(Uint8Array.of(VERSION), ephemeral);
}

/** AEAD under a key of one envelope, which seals nothing else because the ephemeral key is fresh: the nonce is zero. */
export function sealOnce(key: Secret<string>, plaintext: Uint8Array, ad: Uint8Array): Uint8Array {
  return aeadSeal(key, ZERO_NONCE, plaintext, ad);
}

/** Inverse of {@link sealOnce}; `undefined` when anything does not authenticate. */
export function openOnce(key: Secret<string>, sealed: Uint8Array, ad: Uint8Array): Uint8Array | undefined {
  return aeadOpen(key, ZERO_NONCE, sealed, ad);
}
