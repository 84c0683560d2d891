/**
 * The four messages of the linking ceremony as bytes. All have one form; the first three are sealed under keys that follow
 * from the code, so that a relay reads nothing, the last under the key that both devices agreed on.
 *
 *     message = version u8 = 1 | kind u8 | nonce 24 | AEAD(key, padded content, ad = version || kind)     = a bucket
 *
 *     kind 1 offer    commitment 32 | time u48 ms                   key = HKDF(salt 0, code, "... link offer v1")
 *          2 reply    commitment 32 | E's X25519 key 32             key = HKDF(salt 0, code, "... link reply v1")
 *          3 reveal   N's X25519 key 32 | nonce 32 | hello          key = HKDF(salt 0, code, "... link reveal v1")
 *          4 grant    grant                                         key: `transcript.ts`
 */
import { wipe } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { constant, fixed, publicKey, rest, time } from '../fields.ts';
import { padToBucket, unpad } from '../envelope/padding.ts';
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Open, Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen, aeadSeal, NONCE_BYTES, TAG_BYTES } from '../sodium.ts';
import type { LinkCode } from './code.ts';

/** Length of a hash, and of the random part of a commitment. */
export const COMMITMENT_BYTES = 32;

const VERSION = 1;
const HEAD_BYTES = 2;
const OVERHEAD = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;
const REVEAL_HEAD_BYTES = KEY_BYTES + COMMITMENT_BYTES;
/** Bytes of the largest message of each kind. */
const MESSAGE_BYTES = { offer: 16 * 1024, reply: 16 * 1024, reveal: 16 * 1024, grant: 192 * 1024 } as const;

/** Bytes of the largest `hello` and `grant`: a reveal has at most 16 KiB, a grant 192 KiB. One byte is padding's. */
export const LINK_LIMITS = {
  helloBytes: MESSAGE_BYTES.reveal - OVERHEAD - REVEAL_HEAD_BYTES - 1,
  grantBytes: MESSAGE_BYTES.grant - OVERHEAD - 1,
} as const;

/** Kinds of messages, in the order in which they are sent. */
export const KINDS = { offer: 1, reply: 2, reveal: 3, grant: 4 } as const;
export type Kind = keyof typeof KINDS;

/** What the messages hold once open. */
export const OFFER = wireLayout({ commitment: fixed(COMMITMENT_BYTES), time });
export const REPLY = wireLayout({ commitment: fixed(COMMITMENT_BYTES), key: publicKey<'Link'>() });
export const REVEAL = wireLayout({
  key: publicKey<'Link'>(),
  nonce: fixed(COMMITMENT_BYTES),
  hello: rest(LINK_LIMITS.helloBytes),
});

const CODE_LABELS = { offer: LABELS.linkOffer, reply: LABELS.linkReply, reveal: LABELS.linkReveal } as const;

/** What is sealed, and with which random nonce. */
export interface MessageInput {
  readonly kind: Kind;
  readonly content: Open;
  readonly nonce: Uint8Array;
}

/** A message under any key. Throws RangeError for a content over its cap. */
export function sealLinkMessage(key: Secret<string>, { kind, content, nonce }: MessageInput): Uint8Array {
  if (content.length + OVERHEAD + 1 > MESSAGE_BYTES[kind]) throw new RangeError(`the ${kind} of a link is too long`);
  const sealed = aeadSeal(key, nonce, padToBucket(content, OVERHEAD), head(kind));
  return layoutOf(kind).encode({ version: VERSION, kind: KINDS[kind], nonce, sealed });
}

/** Inverse of {@link sealLinkMessage}. `Unopened`: it was not sealed under this key, or changed. */
export function openLinkMessage(
  key: Secret<string>,
  kind: Kind,
  message: Uint8Array,
): Result<Uint8Array, Malformed | { readonly type: 'Unopened' }> {
  const parsed = layoutOf(kind).decode(message);
  if (parsed === undefined) return err({ type: 'Malformed' });
  const padded = aeadOpen(key, parsed.nonce, parsed.sealed, head(kind));
  if (padded === undefined) return err({ type: 'Unopened' });
  const content = unpad(padded);
  return content === undefined ? err({ type: 'Malformed' }) : ok(content);
}

/** A message under the code's key for its kind. */
export function sealWithCode(code: LinkCode, input: MessageInput & { readonly kind: keyof typeof CODE_LABELS }) {
  const key = codeKey(code, input.kind);
  const message = sealLinkMessage(key, input);
  wipe(key);
  return message;
}

/** Inverse of {@link sealWithCode}. `WrongCode`: whoever sealed it has another code, or it was changed on its way. */
export function openWithCode(
  code: LinkCode,
  kind: keyof typeof CODE_LABELS,
  message: Uint8Array,
): Result<Uint8Array, Malformed | { readonly type: 'WrongCode' }> {
  const key = codeKey(code, kind);
  const opened = openLinkMessage(key, kind, message);
  wipe(key);
  if (opened.ok) return opened;
  return err(opened.error.type === 'Unopened' ? { type: 'WrongCode' } : { type: 'Malformed' });
}

function codeKey(code: LinkCode, kind: keyof typeof CODE_LABELS): Secret<'LinkMessage'> {
  return hkdf<'LinkMessage'>({ salt: NO_SALT, material: code, info: CODE_LABELS[kind], length: KEY_BYTES });
}

function head(kind: Kind): Uint8Array {
  return Uint8Array.of(VERSION, KINDS[kind]);
}

function layoutOf(kind: Kind) {
  return wireLayout({
    version: constant(VERSION),
    kind: constant(KINDS[kind]),
    nonce: fixed(NONCE_BYTES),
    sealed: rest(MESSAGE_BYTES[kind] - HEAD_BYTES - NONCE_BYTES),
  });
}
