/**
 * The sealed envelope: all that a relay sees of a message. It hides who sent it and proves that to the recipient
 * (Signal's sealed sender, with keys agreed as in Noise X: e, es, s, ss). Knows nothing of sessions: the message inside
 * is opaque, and gets its forward secrecy from the ratchet.
 *
 *     version u8 | ephemeral 32 | sealed sender 80 | sealed message: bucket - 113
 *
 *     k1, c  = HKDF(salt 0, DH(ephemeral, recipient) || ephemeral || recipient key, "... sender")
 *     sealed sender  = AEAD(k1, account key 32 || device key 32, ad = version || ephemeral)
 *     k2     = HKDF(salt c, DH(sender device, recipient), "... message")
 *     sealed message = AEAD(k2, padded message, ad = version || ephemeral || sealed sender)
 *
 * Both keys serve one message, because the ephemeral key is fresh; so the nonces are zero. The account key inside is the
 * sender device's claim; that the device belongs to the account is for the account's device log to say.
 */
import { concat, concatSecrets } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { constant, fixed, publicKey, rest } from '../fields.ts';
import { type Device, identityPublic, identitySecret } from '../identity/device.ts';
import { hkdf, hkdfPair, NO_SALT } from '../kdf.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { asPublic, asSecret, isSigningKey, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { aeadOpen, aeadSeal, NONCE_BYTES, TAG_BYTES, x25519, x25519Public } from '../sodium.ts';
import { LARGEST_BUCKET, padToBucket, unpad } from './padding.ts';

/** Who sends what to whom. `device` is the sender's own, with its secret; `to` came through `toDeviceKey`. */
export interface EnvelopeInput {
  readonly from: { readonly accountKey: Public<'Account'>; readonly device: Device };
  readonly to: Public<'Device'>;
  readonly message: Open;
  readonly random: Random;
}

/** An opened envelope: `deviceKey` is proven, `accountKey` is its claim. */
export interface OpenedEnvelope {
  readonly accountKey: Public<'Account'>;
  readonly deviceKey: Public<'Device'>;
  readonly message: Uint8Array;
}

/**
 * Why an envelope does not open. `NotForMe`: not made for this device, or damaged before the message.
 * `Forged`: made for it, but not by the device it names, or damaged in the message.
 */
export type EnvelopeError = Malformed | { readonly type: 'NotForMe' } | { readonly type: 'Forged' };

const SENDER_BYTES = 2 * KEY_BYTES + TAG_BYTES;
const HEAD_BYTES = 1 + KEY_BYTES + SENDER_BYTES;
const OVERHEAD = HEAD_BYTES + TAG_BYTES;
/** Bytes of the largest message that an envelope holds. */
export const ENVELOPE_MESSAGE_BYTES = LARGEST_BUCKET - OVERHEAD - 1;

const VERSION = 1;
const ZERO_NONCE = new Uint8Array(NONCE_BYTES);
const ENVELOPE = wireLayout({
  version: constant(VERSION),
  ephemeral: publicKey<'Envelope'>(),
  sender: fixed(SENDER_BYTES),
  body: rest(LARGEST_BUCKET - HEAD_BYTES),
});
const SENDER = wireLayout({ accountKey: publicKey<'Account'>(), deviceKey: publicKey<'Device'>() });

/** Seals `message` for one device. Throws for a message over {@link ENVELOPE_MESSAGE_BYTES} or an unchecked `to`. */
export function sealEnvelope({ from, to, message, random }: EnvelopeInput): Uint8Array {
  const recipient = identityPublic(to);
  const secretKey = asSecret<'Envelope'>(random(KEY_BYTES));
  const ephemeral = asPublic<'Envelope'>(x25519Public(secretKey));
  const outer = recipient && outerKeys(x25519(secretKey, recipient), ephemeral, recipient);
  const inner = recipient && outer && innerKey(outer.chain, from.device, recipient);
  if (outer === undefined || inner === undefined) throw new Error('sealEnvelope: not a usable device key');
  const head = concat(Uint8Array.of(VERSION), ephemeral);
  const names = SENDER.encode({ accountKey: from.accountKey, deviceKey: from.device.publicKey });
  const sender = aeadSeal(outer.key, ZERO_NONCE, names, head);
  const body = aeadSeal(inner, ZERO_NONCE, padToBucket(message, OVERHEAD), concat(head, sender));
  return ENVELOPE.encode({ version: VERSION, ephemeral, sender, body });
}

/**
 * Opens an envelope that came for this device. First the sender's name opens, under a key that anyone who knows the
 * recipient can make; then the message, under a key that needs the sender's secret or the recipient's. So `Forged` can
 * only be told from `NotForMe` by who holds the recipient's device, and to anyone else the sender could have been the
 * recipient itself: the envelope proves nothing to third parties.
 */
export function openEnvelope(self: Device, bytes: Uint8Array): Result<OpenedEnvelope, EnvelopeError> {
  const envelope = ENVELOPE.decode(bytes);
  if (envelope === undefined) return err({ type: 'Malformed' });
  const { ephemeral, sender, body } = envelope;
  const recipient = identityPublic(self.publicKey);
  const outer = recipient && outerKeys(x25519(identitySecret(self), ephemeral), ephemeral, recipient);
  const head = concat(Uint8Array.of(VERSION), ephemeral);
  const names = outer && aeadOpen(outer.key, ZERO_NONCE, sender, head);
  if (outer === undefined || names === undefined) return err({ type: 'NotForMe' });
  const { accountKey, deviceKey } = SENDER.decode(names) ?? {};
  if (!accountKey || !deviceKey || !isSigningKey(accountKey) || !isSigningKey(deviceKey))
    return err({ type: 'Forged' });
  const peer = identityPublic(deviceKey);
  const inner = peer && innerKey(outer.chain, self, peer);
  const padded = inner && aeadOpen(inner, ZERO_NONCE, body, concat(head, sender));
  if (padded === undefined) return err({ type: 'Forged' });
  const message = unpad(padded);
  return message === undefined ? err({ type: 'Malformed' }) : ok({ accountKey, deviceKey, message });
}

/** es: from the fresh ephemeral key; opens the sender's name. */
function outerKeys(shared: Uint8Array | undefined, ephemeral: Public<'Envelope'>, recipient: Public<'Identity'>) {
  if (shared === undefined) return undefined;
  const material = concatSecrets<'EnvelopeMaterial'>(shared, ephemeral, recipient);
  const [key, chain] = hkdfPair<'EnvelopeSender', 'EnvelopeChain'>({
    salt: NO_SALT,
    material,
    info: LABELS.envelopeSender,
  });
  return { key, chain };
}

/** ss: only the two devices can compute it, so it proves the sender, to the recipient alone. */
function innerKey(
  chain: Secret<'EnvelopeChain'>,
  self: Device,
  peer: Public<'Identity'>,
): Secret<'EnvelopeMessage'> | undefined {
  const material = staticShared(self, peer);
  return (
    material && hkdf<'EnvelopeMessage'>({ salt: chain, material, info: LABELS.envelopeMessage, length: KEY_BYTES })
  );
}

/** The static secret between two devices never changes; it is remembered as long as the `Device` value lives. */
function staticShared(self: Device, peer: Public<'Identity'>): Uint8Array | undefined {
  const known = staticSecrets.get(self) ?? new Map<string, Uint8Array | undefined>();
  staticSecrets.set(self, known);
  const name = String.fromCharCode(...peer);
  if (!known.has(name)) {
    if (known.size >= REMEMBERED_PEERS) known.clear();
    known.set(name, x25519(identitySecret(self), peer));
  }
  return known.get(name);
}

const REMEMBERED_PEERS = 512;
const staticSecrets = new WeakMap<Device, Map<string, Uint8Array | undefined>>();
