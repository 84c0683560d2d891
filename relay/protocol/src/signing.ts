/**
 * What clients sign for a relay, byte for byte, so that both sides compute the same. Every signature is Ed25519 over
 * `utf8(label) || 0x00 || body` (crypto's `signAsAccount` / `signAsDevice` do exactly this); here are the labels and bodies.
 *
 * `audience` is the host (with port, when it is not the scheme's own) of the relay URL that the client dialled, as in
 * `new URL(relayUrl).host`: it stops one relay from using a signature that was made for another.
 */
import { fixed, id, list, sized, struct, unsigned, type Field, type Value } from './codec.ts';
import type { MailboxId } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Signature labels. */
export const LABELS = {
  register: 'SecureChat register v1',
  registerAuthority: 'SecureChat register authority v1',
  signIn: 'SecureChat sign-in v1',
} as const;

/** Hash labels of the three ids: id = base64url(SHA-256(utf8(label) || Ed25519 public key)). */
export const ID_LABELS = {
  account: 'SecureChat account v1',
  device: 'SecureChat device v1',
  recovery: 'SecureChat recovery v1',
} as const;

const registrationBody = struct({
  audience: sized(300),
  accountKey: fixed(32),
  version: unsigned(4),
  deviceLog: sized(LIMITS.deviceLogBytes),
  devices: list(struct({ deviceKey: fixed(32), mailbox: id<MailboxId>() }), LIMITS.devices),
  by: fixed(32),
  recoveryKey: sized(32),
});

const signInBody = struct({ challenge: fixed(LIMITS.challengeBytes), audience: sized(300) });

/** The signed part of a registration. */
export type RegistrationFields = Omit<Value<typeof registrationBody>, 'audience' | 'recoveryKey'> & {
  /** Absent: no recovery key is in force. Signed as 32 bytes or none. */
  readonly recoveryKey?: Uint8Array;
};

/**
 * The body of a registration at `audience`. It is signed twice: by the account key (label `LABELS.register`), and by the
 * secret half of `by` (label `LABELS.registerAuthority`), a device or the recovery key: the account secret alone, which a
 * device that was unlinked still has, changes nothing.
 */
export function registrationBytes(fields: RegistrationFields, audience: string): Uint8Array {
  const { recoveryKey = new Uint8Array(0) } = fields;
  return encode(registrationBody, { ...fields, recoveryKey, audience: utf8(audience) });
}

/** The body that the device key signs (label `LABELS.signIn`) to sign in at `audience`. */
export function signInBytes(challenge: Uint8Array, audience: string): Uint8Array {
  return encode(signInBody, { challenge, audience: utf8(audience) });
}

/** The exact message under an Ed25519 signature with a label. */
export function signedMessage(label: string, body: Uint8Array): Uint8Array {
  const prefix = utf8(label);
  const message = new Uint8Array(prefix.length + 1 + body.length);
  message.set(prefix);
  message.set(body, prefix.length + 1);
  return message;
}

function encode<T>(field: Field<T>, value: T): Uint8Array {
  const out = { bytes: new Uint8Array(field.size(value)), at: 0 };
  field.write(out, value);
  return out.bytes;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
