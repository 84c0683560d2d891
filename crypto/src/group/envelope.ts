/**
 * The envelope of a group message: one byte string for every member's device, which a relay cannot tell from an envelope to
 * one device, nor join to the group, the sender, or another of the sender's messages. Its looks are in
 * `envelope/layout.ts`. What the relay does see is in the SPEC, and it sees who gets the same bytes.
 *
 *     names key, content key = HKDF(salt ephemeral key, header key, "SecureChat group envelope v1")
 *     mark    = HKDF-Expand(header key, "SecureChat group mark v1" || ephemeral key), 16 bytes
 *     names   = mark 16 || AEAD(names key, sender key id 16 || zeros 32, ad = version || ephemeral key)
 *     content = group message
 *
 * The mark is there so that a device that is in many groups finds the right one at the cost of one hash each.
 * The ephemeral key is a real X25519 key that agrees on nothing: it is the salt, and has to look like the other kind's.
 * Every member can make an envelope; that its message is the sender's is for the signature inside to say.
 */
import { concat, equalBytes, utf8 } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import {
  createEphemeral,
  type EnvelopeParts,
  headOf,
  NAMES_BYTES,
  openContent,
  openOnce,
  parseEnvelope,
  sealContent,
  sealOnce,
} from '../envelope/layout.ts';
import { unpad } from '../envelope/padding.ts';
import { fixed } from '../fields.ts';
import { SENDER_KEY_ID_BYTES, type SenderKeyId, senderKeyIdBytes, senderKeyIdFrom } from '../identity/ids.ts';
import { expand, hkdfPair } from '../kdf.ts';
import type { Public, Secret } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { TAG_BYTES } from '../sodium.ts';
import { type GroupSealInput, sealToGroup } from './seal.ts';
import type { SenderKey } from './sender-key.ts';

/** What to seal to whom: all that know `headerKey` and were told `senderKey`. */
export interface GroupEnvelopeInput extends GroupSealInput {
  readonly senderKey: SenderKey;
  readonly headerKey: Secret<'GroupHeader'>;
}

/** A sealed envelope, the sender key after it, and the secrets that no state needs any more. */
export interface SealedGroupEnvelope {
  readonly next: SenderKey;
  readonly spent: readonly Uint8Array[];
  readonly envelope: Uint8Array;
}

/** An opened envelope: the message in it, for `openFromGroup` with the sender key that has this id. Nobody vouches for either yet. */
export interface OpenedGroupEnvelope {
  readonly keyId: SenderKeyId;
  readonly message: Uint8Array;
}

/**
 * Why an envelope does not open. `NotForThisGroup`: not of this group, or damaged in its first 49 bytes: try the next one.
 * `Forged`: of this group, and damaged behind them.
 */
export type GroupEnvelopeError = Malformed | { readonly type: 'NotForThisGroup' } | { readonly type: 'Forged' };

const MARK_BYTES = 16;
const RESERVED = new Uint8Array(NAMES_BYTES - MARK_BYTES - SENDER_KEY_ID_BYTES - TAG_BYTES);
const NAMES = wireLayout({ mark: fixed(MARK_BYTES), sealed: fixed(NAMES_BYTES - MARK_BYTES) });
const SENDER = wireLayout({ keyId: fixed(SENDER_KEY_ID_BYTES), reserved: fixed(RESERVED.length) });

/** Seals `plaintext` as the sender key's next message, in an envelope for the whole group. Throws for more than `PLAINTEXT_BYTES`. */
export function sealGroupEnvelope({ senderKey, headerKey, ...input }: GroupEnvelopeInput): SealedGroupEnvelope {
  const { next, spent, message: content } = sealToGroup(senderKey, input);
  const { publicKey: ephemeral } = createEphemeral(input.random);
  const keys = envelopeKeys(headerKey, ephemeral);
  const sender = SENDER.encode({ keyId: senderKeyIdBytes(senderKey.publicKey), reserved: RESERVED });
  const sealed = sealOnce(keys.names, sender, headOf(ephemeral));
  const names = NAMES.encode({ mark: markOf(headerKey, ephemeral), sealed });
  return { next, spent, envelope: sealContent({ ephemeral, names }, content, keys.content) };
}

/** Opens an envelope that may be of the group with this key. A wrong guess costs one hash. */
export function openGroupEnvelope(
  bytes: Uint8Array,
  headerKey: Secret<'GroupHeader'>,
): Result<OpenedGroupEnvelope, GroupEnvelopeError> {
  const envelope = parseEnvelope(bytes);
  const names = envelope && NAMES.decode(envelope.names);
  if (envelope === undefined || names === undefined) return err({ type: 'Malformed' });
  if (!equalBytes(names.mark, markOf(headerKey, envelope.ephemeral))) return err({ type: 'NotForThisGroup' });
  return openMarked(envelope, names.sealed, headerKey);
}

/** Opens an envelope that has the group's mark. */
function openMarked(
  envelope: EnvelopeParts,
  sealed: Uint8Array,
  headerKey: Secret<'GroupHeader'>,
): Result<OpenedGroupEnvelope, GroupEnvelopeError> {
  const keys = envelopeKeys(headerKey, envelope.ephemeral);
  const sender = openOnce(keys.names, sealed, headOf(envelope.ephemeral));
  const padded = openContent(envelope, keys.content);
  if (sender === undefined || padded === undefined) return err({ type: 'Forged' });
  const { keyId, reserved } = SENDER.decode(sender) ?? {};
  const message = unpad(padded);
  if (!keyId || !reserved || !message || reserved.some((byte) => byte !== 0)) return err({ type: 'Malformed' });
  return ok({ keyId: senderKeyIdFrom(keyId), message });
}

/** Tells members, and nobody else, whose envelope this is. It is published, so it is no secret. */
function markOf(headerKey: Secret<'GroupHeader'>, ephemeral: Public<'Envelope'>): Uint8Array {
  return new Uint8Array(expand<'GroupMark'>(headerKey, concat(utf8(LABELS.groupMark), ephemeral), MARK_BYTES));
}

function envelopeKeys(headerKey: Secret<'GroupHeader'>, ephemeral: Public<'Envelope'>) {
  const [names, content] = hkdfPair<'GroupNames', 'GroupContent'>({
    salt: ephemeral,
    material: headerKey,
    info: LABELS.groupEnvelope,
  });
  return { names, content };
}
