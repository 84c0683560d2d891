/**
 * The sealed envelope to one device. It hides who sent it and proves that to the recipient (Signal's sealed sender, with
 * keys agreed as in Noise X: e, es, s, ss). Knows nothing of sessions: the message inside is opaque, and gets its forward
 * secrecy from the ratchet. How an envelope looks, here and in a group, is in `layout.ts`.
 *
 *     names key, c = HKDF(salt 0, DH(ephemeral, recipient) || ephemeral || recipient key, "... sender")
 *     names        = AEAD(names key, account key 32 || device key 32, ad = version || ephemeral)
 *     content key  = HKDF(salt c, DH(sender device, recipient), "... message")
 *     content      = message
 *
 * The account key inside is the sender device's claim; that the device belongs to the account is for the account's device
 * log to say.
 */
import { concatSecrets } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { publicKey } from '../fields.ts';
import { type Device, identityPublic, identitySecret } from '../identity/device.ts';
import { hkdf, hkdfPair, NO_SALT } from '../kdf.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { isSigningKey, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { x25519 } from '../sodium.ts';
import { createEphemeral, headOf, openContent, openOnce, parseEnvelope, sealContent, sealOnce } from './layout.ts';
import { unpad } from './padding.ts';

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

const SENDER = wireLayout({ accountKey: publicKey<'Account'>(), deviceKey: publicKey<'Device'>() });

/** Seals `message` for one device. Throws for a message over `ENVELOPE_MESSAGE_BYTES` or an unchecked `to`. */
export function sealEnvelope({ from, to, message, random }: EnvelopeInput): Uint8Array {
  const recipient = identityPublic(to);
  const { secretKey, publicKey: ephemeral } = createEphemeral(random);
  const outer = recipient && outerKeys(x25519(secretKey, recipient), ephemeral, recipient);
  const inner = recipient && outer && innerKey(outer.chain, from.device, recipient);
  if (outer === undefined || inner === undefined) throw new Error('sealEnvelope: not a usable device key');
  const sender = SENDER.encode({ accountKey: from.accountKey, deviceKey: from.device.publicKey });
  return sealContent({ ephemeral, names: sealOnce(outer.key, sender, headOf(ephemeral)) }, message, inner);
}

/**
 * Opens an envelope that came for this device. First the sender's name opens, under a key that anyone who knows the
 * recipient can make; then the message, under a key that needs the sender's secret or the recipient's. So `Forged` can
 * only be told from `NotForMe` by who holds the recipient's device, and to anyone else the sender could have been the
 * recipient itself: the envelope proves nothing to third parties.
 */
export function openEnvelope(self: Device, bytes: Uint8Array): Result<OpenedEnvelope, EnvelopeError> {
  const envelope = parseEnvelope(bytes);
  if (envelope === undefined) return err({ type: 'Malformed' });
  const { ephemeral } = envelope;
  const recipient = identityPublic(self.publicKey);
  const outer = recipient && outerKeys(x25519(identitySecret(self), ephemeral), ephemeral, recipient);
  const sender = outer && openOnce(outer.key, envelope.names, headOf(ephemeral));
  if (outer === undefined || sender === undefined) return err({ type: 'NotForMe' });
  const { accountKey, deviceKey } = SENDER.decode(sender) ?? {};
  if (!accountKey || !deviceKey || !isSigningKey(accountKey) || !isSigningKey(deviceKey))
    return err({ type: 'Forged' });
  const peer = identityPublic(deviceKey);
  const inner = peer && innerKey(outer.chain, self, peer);
  const padded = inner && openContent(envelope, inner);
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
