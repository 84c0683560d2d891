/**
 * The public halves of pre-keys: how a device publishes them and how a sender opens them (PQXDH, 3.2 and 3.3). The
 * relay is not trusted with them: everything is signed by the device, whose key the sender knows from the device log.
 *
 *     signed   = version u8 | device key 32 | id u32 | created u48 | X25519 32 | ML-KEM 1184 | note u16 + bytes | sig 64
 *     one-time = version u8 | id u32 | X25519 32 | ML-KEM 1184 | sig 64
 *
 * Each signature covers everything before it, under its own label. The published PQXDH leaves one-time X25519 keys
 * unsigned; ours ride with the ML-KEM key under one signature.
 */
import { equalBytes } from '../bytes.ts';
import { wireLayout } from '../codec.ts';
import { constant, fixed, publicKey, sized, time, unsigned } from '../fields.ts';
import type { Device } from '../identity/device.ts';
import { identityPublic } from '../identity/device.ts';
import { signAsDevice, verifyAsDevice } from '../identity/signature.ts';
import type { Public } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Malformed, Result } from '../result.ts';
import { err, ok } from '../result.ts';
import { KEM, SIGNATURE_BYTES } from '../sodium.ts';
import { oneTimePairs, signedPairs } from './pre-key-secrets.ts';
import type { PreKeys } from './pre-keys.ts';

/** Bytes of the note that rides in `signed`. */
export const NOTE_BYTES = 256;

/** A one-time pre-key as published; the relay hands each out once. */
export interface PublishedOneTime {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** What a device uploads. */
export interface PublishedPreKeys {
  readonly signed: Uint8Array;
  readonly oneTime: readonly PublishedOneTime[];
}

/** A peer device's verified pre-keys: all that a first message needs. */
export interface PreKeyBundle {
  readonly deviceKey: Public<'Device'>;
  readonly identity: Public<'Identity'>;
  readonly signedId: number;
  /** When the peer made the signed pre-key, by its clock: a relay that serves very old ones is lying or broken. */
  readonly createdAt: number;
  readonly signedKey: Public<'Ratchet'>;
  readonly lastResortKem: Public<'Kem'>;
  readonly oneTime: { readonly id: number; readonly key: Public<'OneTime'>; readonly kem: Public<'Kem'> } | undefined;
  /** What the device wrote beside its keys; signed, and opaque here. */
  readonly note: Uint8Array;
}

/** Why published pre-keys are refused. `WrongDevice`: signed well, but by another device than was asked for. */
export type BundleError = Malformed | { readonly type: 'BadSignature' } | { readonly type: 'WrongDevice' };

// Each layout twice, with and without the signature: what is signed is the encoding of the fields before it.
const SIGNED_FIELDS = {
  version: constant(1),
  deviceKey: publicKey<'Device'>(),
  id: unsigned(4),
  createdAt: time,
  dh: publicKey<'Ratchet'>(),
  kem: fixed<Public<'Kem'>>(KEM.publicKeyBytes),
  note: sized(NOTE_BYTES),
};
const ONE_TIME_FIELDS = {
  version: constant(1),
  id: unsigned(4),
  dh: publicKey<'OneTime'>(),
  kem: fixed<Public<'Kem'>>(KEM.publicKeyBytes),
};
const SIGNATURE = { signature: fixed(SIGNATURE_BYTES) };
const SIGNED_BODY = wireLayout(SIGNED_FIELDS);
const SIGNED = wireLayout({ ...SIGNED_FIELDS, ...SIGNATURE });
const ONE_TIME_BODY = wireLayout(ONE_TIME_FIELDS);
const ONE_TIME = wireLayout({ ...ONE_TIME_FIELDS, ...SIGNATURE });

/** The public halves of the current signed pre-key and of the newest batch of one-time pre-keys (C-PREKEY-1). */
export function publishPreKeys(preKeys: PreKeys, device: Device, note: Uint8Array): PublishedPreKeys {
  if (!equalBytes(preKeys.deviceKey, device.publicKey)) throw new Error('pre-keys of another device');
  const fresh = preKeys.oneTime.filter(({ id }) => id >= preKeys.freshFrom);
  return {
    signed: publishSigned(preKeys, device, note),
    oneTime: fresh.map((preKey) => {
      const { dh, kem } = oneTimePairs(preKey);
      const body = { version: 1, id: preKey.id, dh: dh.publicKey, kem: kem.publicKey } as const;
      const signature = signAsDevice(device, LABELS.oneTimePreKey, ONE_TIME_BODY.encode(body));
      return { id: preKey.id, bytes: ONE_TIME.encode({ ...body, signature }) };
    }),
  };
}

/**
 * Verifies what a relay served for `deviceKey` (PQXDH, 3.3: Alice verifies the signatures and aborts on any failure).
 * Without `oneTime` the last-resort ML-KEM key serves (3.2); then a replay of the first message is caught by the session
 * it made, not by a used-up key. The device key itself must come from the account's device log: that is what ties a
 * bundle to a person.
 */
export function openPreKeyBundle(
  deviceKey: Public<'Device'>,
  signed: Uint8Array,
  oneTime?: PublishedOneTime,
): Result<PreKeyBundle, BundleError> {
  const main = SIGNED.decode(signed);
  const identity = identityPublic(deviceKey);
  const extra = oneTime && ONE_TIME.decode(oneTime.bytes);
  if (main === undefined || identity === undefined || (oneTime && extra?.id !== oneTime.id)) {
    return err({ type: 'Malformed' });
  }
  if (!equalBytes(main.deviceKey, deviceKey)) return err({ type: 'WrongDevice' });
  // Both signatures are checked before any key is used: a relay may mix halves of different devices.
  const signedWell =
    verifyAsDevice(deviceKey, LABELS.signedPreKey, SIGNED_BODY.encode(main), main.signature) &&
    (!extra || verifyAsDevice(deviceKey, LABELS.oneTimePreKey, ONE_TIME_BODY.encode(extra), extra.signature));
  if (!signedWell) return err({ type: 'BadSignature' });
  return ok({
    deviceKey,
    identity,
    signedId: main.id,
    createdAt: main.createdAt,
    signedKey: main.dh,
    lastResortKem: main.kem,
    oneTime: extra && { id: extra.id, key: extra.dh, kem: extra.kem },
    note: main.note,
  });
}

function publishSigned({ signed }: PreKeys, device: Device, note: Uint8Array): Uint8Array {
  const { dh, kem } = signedPairs(signed);
  const { id, createdAt } = signed;
  const keys = { deviceKey: device.publicKey, dh: dh.publicKey, kem: kem.publicKey };
  const body = { version: 1, id, createdAt, ...keys, note } as const;
  return SIGNED.encode({ ...body, signature: signAsDevice(device, LABELS.signedPreKey, SIGNED_BODY.encode(body)) });
}
