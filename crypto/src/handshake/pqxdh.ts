/**
 * PQXDH: the first shared secret between two devices, from X25519 and ML-KEM-768 (The PQXDH Key Agreement Protocol,
 * section 3). Names are the paper's: IK identity key, SPK signed pre-key, OPK one-time pre-key, EK ephemeral key.
 * Knows nothing of sessions, messages or storage.
 *
 *     DH1 = DH(IK_A, SPK_B)   DH2 = DH(EK_A, IK_B)   DH3 = DH(EK_A, SPK_B)   DH4 = DH(EK_A, OPK_B)   SS = KEM secret
 *     SK  = HKDF(salt 0, 0xFF*32 || DH1 || DH2 || DH3 [|| DH4] || SS, label)
 *
 * Beyond the paper's AD (both identity keys, 3.3) the transcript hash covers every public value of the handshake, which
 * rules out that two sides agree on a secret while disagreeing on how: identity misbinding (4.10) and KEM
 * re-encapsulation.
 */
import { hash, wipe } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { unsigned } from '../fields.ts';
import type { Device } from '../identity/device.ts';
import { identityPublic, identitySecret } from '../identity/device.ts';
import { handshakeMaterial, hkdf, NO_SALT } from '../kdf.ts';
import type { KeyPair, Public, Secret, WeakKey } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { KEM, kemDecapsulate, kemEncapsulate, x25519, x25519Public } from '../sodium.ts';
import { type KemPair, oneTimePairs, signedPairs } from './pre-key-secrets.ts';
import { findOneTime, findSigned, type PreKeys } from './pre-keys.ts';
import type { PreKeyBundle } from './publication.ts';

/** What the initiator sends in the clear beside its first messages. */
export interface HandshakeHeader {
  readonly signedId: number;
  /** 0: none was to be had, the last-resort ML-KEM key served. */
  readonly oneTimeId: number;
  readonly ephemeral: Public<'Ephemeral'>;
  readonly kemCiphertext: Public<'KemCiphertext'>;
}

/** What both sides know when the handshake is done. */
export interface Agreement {
  readonly root: Secret<'Root'>;
  /** Names the session, and is bound into each of its messages. */
  readonly transcript: Uint8Array;
}

/** The handshake names a pre-key that this device does not have (any more): used up, expired, or never ours. */
export interface UnknownPreKey {
  readonly type: 'UnknownPreKey';
}

/** "No one-time pre-key" in a header. */
export const NO_ONE_TIME = 0;
const NO_KEY = new Uint8Array(KEY_BYTES);
const IDS = wireLayout({ signedId: unsigned(4), oneTimeId: unsigned(4) });

/**
 * Alice's half (PQXDH, 3.3): agrees with a peer that may be offline. Draws the ephemeral secret, then the coins of the
 * encapsulation. The ephemeral secret is wiped when this returns: who takes the device later cannot repeat the agreement.
 */
export function initiate(
  self: Device,
  peer: PreKeyBundle,
  random: Random,
): Result<Agreement & { readonly header: HandshakeHeader }, WeakKey> {
  const ephemeralSecret = asSecret<'Ephemeral'>(random(KEY_BYTES));
  const kemKey = peer.oneTime?.kem ?? peer.lastResortKem;
  const kem = kemEncapsulate(kemKey, random(KEM.coinBytes));
  const shared = [
    x25519(identitySecret(self), peer.signedKey),
    x25519(ephemeralSecret, peer.identity),
    x25519(ephemeralSecret, peer.signedKey),
    ...(peer.oneTime ? [x25519(ephemeralSecret, peer.oneTime.key)] : []),
    kem?.sharedSecret,
  ];
  const root = rootOf(shared);
  const ephemeral = asPublic<'Ephemeral'>(x25519Public(ephemeralSecret));
  wipe(ephemeralSecret);
  if (root === undefined || kem === undefined) return err({ type: 'WeakKey' });
  const header: HandshakeHeader = {
    signedId: peer.signedId,
    oneTimeId: peer.oneTime?.id ?? NO_ONE_TIME,
    ephemeral,
    kemCiphertext: asPublic<'KemCiphertext'>(kem.ciphertext),
  };
  const keys = { initiator: self.publicKey, responder: peer.deviceKey, signedKey: peer.signedKey, kemKey };
  return ok({ root, transcript: transcriptOf(header, { ...keys, oneTimeKey: peer.oneTime?.key }), header });
}

/** What Bob's half needs. `peerDeviceKey` is whom the sealed envelope proved to be the sender. */
export interface ResponseInput {
  readonly self: Device;
  readonly preKeys: PreKeys;
  readonly peerDeviceKey: Public<'Device'>;
  readonly header: HandshakeHeader;
}

/** What Bob's half gives: the agreement, and the pair that is his first ratchet key. */
export interface Response extends Agreement {
  readonly ratchetPair: KeyPair<'Ratchet'>;
}

/**
 * Bob's half (PQXDH, 3.4). Changes nothing: the caller drops the one-time pre-key only once a message has authenticated,
 * else anyone could use them up with rubbish.
 */
export function respond({
  self,
  preKeys,
  peerDeviceKey,
  header,
}: ResponseInput): Result<Response, WeakKey | UnknownPreKey> {
  const signedPreKey = findSigned(preKeys, header.signedId);
  const wantsOneTime = header.oneTimeId !== NO_ONE_TIME;
  const oneTimePreKey = wantsOneTime ? findOneTime(preKeys, header.oneTimeId) : undefined;
  if (signedPreKey === undefined || (wantsOneTime && oneTimePreKey === undefined))
    return err({ type: 'UnknownPreKey' });
  const peerIdentity = identityPublic(peerDeviceKey);
  if (peerIdentity === undefined) return err({ type: 'WeakKey' });
  const signed = signedPairs(signedPreKey);
  const oneTime = oneTimePreKey && oneTimePairs(oneTimePreKey);
  const kem: KemPair = oneTime?.kem ?? signed.kem;
  const root = rootOf([
    x25519(signed.dh.secretKey, peerIdentity),
    x25519(identitySecret(self), header.ephemeral),
    x25519(signed.dh.secretKey, header.ephemeral),
    ...(oneTime ? [x25519(oneTime.dh.secretKey, header.ephemeral)] : []),
    kemDecapsulate(kem.secretKey, header.kemCiphertext),
  ]);
  if (root === undefined) return err({ type: 'WeakKey' });
  const keys = { initiator: peerDeviceKey, responder: self.publicKey, signedKey: signed.dh.publicKey };
  const transcript = transcriptOf(header, { ...keys, kemKey: kem.publicKey, oneTimeKey: oneTime?.dh.publicKey });
  // A forged ML-KEM ciphertext has gone unnoticed so far (implicit rejection): it gave another root, and the first
  // message will not authenticate under it.
  return ok({ root, transcript, ratchetPair: signed.dh });
}

/** The KDF of PQXDH section 2.2; `undefined` when any contribution is missing. Wipes the contributions. */
function rootOf(shared: readonly (Uint8Array | undefined)[]): Secret<'Root'> | undefined {
  const present = shared.filter((secret) => secret !== undefined);
  if (present.length !== shared.length) return undefined;
  const material = handshakeMaterial(...present);
  const root = hkdf<'Root'>({ salt: NO_SALT, material, info: LABELS.handshake, length: KEY_BYTES });
  wipe(material, ...present);
  return root;
}

interface TranscriptKeys {
  readonly initiator: Public<'Device'>;
  readonly responder: Public<'Device'>;
  readonly signedKey: Public<'Ratchet'>;
  readonly kemKey: Public<'Kem'>;
  readonly oneTimeKey: Public<'OneTime'> | undefined;
}

/**
 *     SHA-256(label || initiator 32 || responder 32 || signed id u32 || one-time id u32 || EK 32 || SPK 32 || OPK 32
 *             || ML-KEM key 1184 || ML-KEM ciphertext 1088)
 *
 * Every part has a fixed length; an absent one-time key is 32 zeros beside the id 0.
 */
function transcriptOf(header: HandshakeHeader, keys: TranscriptKeys): Uint8Array {
  const ids = IDS.encode({ signedId: header.signedId, oneTimeId: header.oneTimeId });
  const { ephemeral, kemCiphertext } = header;
  const public_ = [keys.initiator, keys.responder, ids, ephemeral, keys.signedKey, keys.oneTimeKey ?? NO_KEY];
  return hash(LABELS.handshakeTranscript, ...public_, keys.kemKey, kemCiphertext);
}
