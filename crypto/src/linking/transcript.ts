/**
 * What both devices of a linking ceremony hash and derive. The new device commits to everything it will say before it sees
 * the other's key, so nobody can choose a key that makes two ceremonies show the same digits: of whoever is in the middle,
 * each half is fixed before it knows the other.
 *
 *     commitment = SHA-256("... link commitment v1" || N's key 32 || nonce 32 || hello)
 *     transcript = SHA-256("... link transcript v1" || commitment || time u48 || E's key 32 || N's key 32 || nonce 32 || SHA-256(hello))
 *     comparison = first 5 bytes of SHA-256("... link comparison v1" || transcript), mod 1,000,000
 *     grant key  = HKDF(salt transcript, X25519(N, E) || code, "... link grant v1")
 *
 * The transcript is over contents and not over sealed messages: padding and nonces are left to the sender, and could be tried
 * until the digits fit.
 */
import { concatSecrets, hash, wipe } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { time } from '../fields.ts';
import { hkdf } from '../kdf.ts';
import type { Public, Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { sha256, x25519 } from '../sodium.ts';
import type { LinkCode } from './code.ts';

/** What the new device commits to. */
export interface Opening {
  readonly key: Public<'Link'>;
  readonly nonce: Uint8Array;
  readonly hello: Uint8Array;
}

/** Everything said before the grant. */
export interface Said extends Opening {
  readonly commitment: Uint8Array;
  readonly time: number;
  /** The existing device's key. */
  readonly reply: Public<'Link'>;
}

/** What both sides have when nobody is in between. */
export interface Agreement {
  readonly grantKey: Secret<'LinkGrant'>;
  /** Six digits in two groups: `123 456`. */
  readonly comparison: string;
}

/** What an agreement is computed from: the own secret key, the other's public key, the code, and what was said. */
export interface AgreementInput {
  readonly secretKey: Secret<'Link'>;
  readonly theirs: Public<'Link'>;
  readonly code: LinkCode;
  readonly said: Said;
}

const TIME = wireLayout({ time });
const DIGITS = 6;
const COMPARED_BYTES = 5;

/** The commitment to an opening: it hides it (32 random bytes) and binds to it. */
export function commitmentTo({ key, nonce, hello }: Opening): Uint8Array {
  return hash(LABELS.linkCommitment, key, nonce, hello);
}

/** Grant key and comparison; `undefined` when the other's key is of small order. */
export function agree({ secretKey, theirs, code, said }: AgreementInput): Agreement | undefined {
  const shared = x25519(secretKey, theirs);
  if (shared === undefined) return undefined;
  const transcript = transcriptOf(said);
  const material = concatSecrets<'LinkMaterial'>(shared, code);
  const grantKey = hkdf<'LinkGrant'>({ salt: transcript, material, info: LABELS.linkGrant, length: KEY_BYTES });
  wipe(shared, material);
  return { grantKey, comparison: comparisonOf(transcript) };
}

function transcriptOf({ commitment, time: at, reply, key, nonce, hello }: Said): Uint8Array {
  return hash(LABELS.linkTranscript, commitment, TIME.encode({ time: at }), reply, key, nonce, sha256(hello));
}

/** 5 bytes are 40 bits: the bias of the remainder is below 2^-20. */
function comparisonOf(transcript: Uint8Array): string {
  const digest = hash(LABELS.linkComparison, transcript).subarray(0, COMPARED_BYTES);
  const number = digest.reduce((total, byte) => total * 256 + byte, 0) % 10 ** DIGITS;
  const digits = String(number).padStart(DIGITS, '0');
  return `${digits.slice(0, DIGITS / 2)} ${digits.slice(DIGITS / 2)}`;
}
