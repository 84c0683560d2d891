/**
 * A device's pre-keys: the secret halves (PQXDH, 2.4 and 2.5). Each pre-key is one 32-byte seed, from
 * which its X25519 secret and its ML-KEM seed are derived, so a hundred of them take 4 KB. Plain data, never mutated.
 * Knows nothing of how the public halves are laid out (`publication.ts`).
 *
 * Life of a signed pre-key: current for a week, then retired but kept, because messages that used it may still wait in a
 * relay's queue, then dropped. Life of a one-time pre-key: published once, dropped when a handshake has used it.
 */
import { equalBytes } from '../bytes.ts';
import type { Public, Secret } from '../keys.ts';
import { asSecret, KEY_BYTES } from '../keys.ts';
import type { Random } from '../random.ts';
import type { Device } from '../identity/device.ts';

/** The signed X25519 pre-key and the last-resort ML-KEM pre-key, which are made, published and retired together. */
export interface SignedPreKey {
  readonly id: number;
  readonly createdAt: number;
  readonly seed: Secret<'SignedPreKey'>;
}

/** A one-time X25519 pre-key and a one-time ML-KEM pre-key under one id. */
export interface OneTimePreKey {
  readonly id: number;
  readonly seed: Secret<'OneTimePreKey'>;
}

/** All pre-key secrets of one device. */
export interface PreKeys {
  readonly deviceKey: Public<'Device'>;
  readonly signed: SignedPreKey;
  /** Newest first. */
  readonly retired: readonly SignedPreKey[];
  /** Oldest first. */
  readonly oneTime: readonly OneTimePreKey[];
  /** First id of the newest batch, the one that `publishPreKeys` publishes: older ones were handed out already. */
  readonly freshFrom: number;
  readonly nextId: number;
}

const DAY = 24 * 60 * 60 * 1000;

/** Bounds in time and number (C-PREKEY-4 to C-PREKEY-6). */
export const PRE_KEY_LIMITS = {
  /** A signed pre-key older than this is replaced by the next replenishing. */
  rotateAfter: 7 * DAY,
  /** A retired one is kept until it is this old: longer than a relay keeps a queue. */
  keepFor: 60 * DAY,
  retired: 12,
  /** One-time pre-keys made at a time, and kept in all. */
  batch: 200,
  oneTime: 600,
} as const;

/** How many one-time pre-keys to make, at what time. */
export interface Replenishment {
  readonly now: number;
  readonly oneTime: number;
}

/** Pre-keys of a new device. Ids count up from `firstId`, which is at least 1. */
export function createPreKeys(
  device: Device,
  random: Random,
  { now, oneTime, firstId }: Replenishment & { readonly firstId: number },
): PreKeys {
  if (firstId < 1) throw new RangeError('pre-key ids start at 1');
  const signed = createSigned(firstId, now, random);
  const empty = {
    deviceKey: device.publicKey,
    signed,
    retired: [],
    oneTime: [],
    freshFrom: firstId,
    nextId: firstId + 1,
  };
  return withBatch(empty, random, oneTime);
}

/**
 * A fresh batch of `oneTime` one-time pre-keys, and a new signed pre-key when the current one is due. The batch before
 * stays usable but is not published again. Past {@link PRE_KEY_LIMITS} the oldest are dropped.
 */
export function replenishPreKeys(preKeys: PreKeys, device: Device, random: Random, wish: Replenishment): PreKeys {
  const due = wish.now - preKeys.signed.createdAt >= PRE_KEY_LIMITS.rotateAfter;
  const base = due ? rotateSignedPreKey(preKeys, device, random, wish) : preKeys;
  return withBatch(base, random, wish.oneTime);
}

/** A new signed pre-key at once; the old one is retired, and retired ones past their time are dropped. */
export function rotateSignedPreKey(
  preKeys: PreKeys,
  device: Device,
  random: Random,
  { now }: { readonly now: number },
): PreKeys {
  if (!equalBytes(preKeys.deviceKey, device.publicKey)) throw new Error('pre-keys of another device');
  const retired = [preKeys.signed, ...preKeys.retired]
    .filter(({ createdAt }) => now - createdAt < PRE_KEY_LIMITS.keepFor)
    .slice(0, PRE_KEY_LIMITS.retired);
  return { ...preKeys, signed: createSigned(preKeys.nextId, now, random), retired, nextId: preKeys.nextId + 1 };
}

/** Without the one-time pre-key that a handshake used. Save this in the same transaction as the session (C-PREKEY-3). */
export function dropOneTime(preKeys: PreKeys, id: number): PreKeys {
  return { ...preKeys, oneTime: preKeys.oneTime.filter((preKey) => preKey.id !== id) };
}

/** The signed pre-key with this id, current or retired. */
export function findSigned(preKeys: PreKeys, id: number): SignedPreKey | undefined {
  return [preKeys.signed, ...preKeys.retired].find((preKey) => preKey.id === id);
}

/** The one-time pre-key with this id, unless it is used up. */
export function findOneTime(preKeys: PreKeys, id: number): OneTimePreKey | undefined {
  return preKeys.oneTime.find((preKey) => preKey.id === id);
}

function createSigned(id: number, createdAt: number, random: Random): SignedPreKey {
  return { id, createdAt, seed: asSecret<'SignedPreKey'>(random(KEY_BYTES)) };
}

function withBatch(preKeys: PreKeys, random: Random, count: number): PreKeys {
  if (count > PRE_KEY_LIMITS.batch) throw new RangeError(`at most ${PRE_KEY_LIMITS.batch} one-time pre-keys at a time`);
  const freshFrom = preKeys.nextId;
  const batch = Array.from({ length: count }, (_, index) => ({
    id: freshFrom + index,
    seed: asSecret<'OneTimePreKey'>(random(KEY_BYTES)),
  }));
  const oneTime = [...preKeys.oneTime, ...batch].slice(-PRE_KEY_LIMITS.oneTime);
  return { ...preKeys, oneTime, freshFrom, nextId: freshFrom + count };
}
