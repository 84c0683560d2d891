/**
 * From a pre-key's seed to its two key pairs. Deriving instead of storing keeps pre-keys small: an ML-KEM secret key
 * alone has 2,400 bytes.
 *
 *     HKDF-Expand(seed, label, 96) = X25519 secret 32 || ML-KEM seed d || z 64
 */
import { utf8 } from '../bytes.ts';
import { expand } from '../kdf.ts';
import type { KeyPair, Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { KEM, kemPair, x25519Public } from '../sodium.ts';
import type { OneTimePreKey, SignedPreKey } from './pre-keys.ts';

/** An ML-KEM-768 key pair: 1,184 and 2,400 bytes. */
export interface KemPair {
  readonly publicKey: Public<'Kem'>;
  readonly secretKey: Secret<'Kem'>;
}

/** Both pairs of one pre-key. */
export interface PreKeyPairs<Name extends string> {
  readonly dh: KeyPair<Name>;
  readonly kem: KemPair;
}

/** The pairs of a signed pre-key. Its X25519 pair is also the responder's first ratchet key (Double Ratchet, 5.1). */
export function signedPairs({ seed }: SignedPreKey): PreKeyPairs<'Ratchet'> {
  return pairsOf<'Ratchet'>(seed, LABELS.signedSecrets);
}

/** The pairs of a one-time pre-key. */
export function oneTimePairs({ seed }: OneTimePreKey): PreKeyPairs<'OneTime'> {
  return pairsOf<'OneTime'>(seed, LABELS.oneTimeSecrets);
}

function pairsOf<Name extends string>(seed: Secret<string>, label: string): PreKeyPairs<Name> {
  const bytes = expand<Name>(seed, utf8(label), KEY_BYTES + KEM.seedBytes);
  const secretKey = asSecret<Name>(bytes.slice(0, KEY_BYTES));
  const kem = kemPair(bytes.subarray(KEY_BYTES));
  return {
    dh: { publicKey: asPublic<Name>(x25519Public(secretKey)), secretKey },
    kem: { publicKey: asPublic<'Kem'>(kem.publicKey), secretKey: asSecret<'Kem'>(kem.secretKey) },
  };
}
