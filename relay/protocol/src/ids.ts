/**
 * The ids that travel on the wire, branded so that one cannot stand where another belongs.
 * Account and device ids are hashes of public keys, computed by whoever holds a hash function; here they are only shapes.
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 16 random bytes: where a device's envelopes wait. Knowing one lets anyone post to it; only its device may read it. */
export type MailboxId = Branded<Uint8Array, 'MailboxId'>;
/** 16 random bytes made by the sender: one post, and each delivery of it. */
export type EnvelopeId = Branded<Uint8Array, 'EnvelopeId'>;
/** base64url(SHA-256("SecureChat account v1" || Ed25519 public key)), 43 characters. */
export type AccountId = string;
/** base64url(SHA-256("SecureChat device v1" || Ed25519 public key)), 43 characters. */
export type DeviceId = string;
/** 3 to 30 of a-z, 0-9, underscore and full stop. */
export type Handle = string;
/** base64url(SHA-256("SecureChat recovery v1" || Ed25519 public key)), 43 characters. */
export type RecoveryId = string;
/** base64url of 16 bytes that only the two who meet can know: where they leave bytes for each other. */
export type RendezvousId = string;

/** Bytes of a mailbox or envelope id. */
export const ID_BYTES = 16;

/** `bytes` as a mailbox id, or undefined when they are not 16. */
export function toMailboxId(bytes: Uint8Array): MailboxId | undefined {
  return bytes.length === ID_BYTES ? (bytes as MailboxId) : undefined;
}

/** `bytes` as an envelope id, or undefined when they are not 16. */
export function toEnvelopeId(bytes: Uint8Array): EnvelopeId | undefined {
  return bytes.length === ID_BYTES ? (bytes as EnvelopeId) : undefined;
}

/** Whether `text` has the shape of an account, device or recovery id. */
export function isKeyHash(text: string): boolean {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text);
}

/** Whether `text` has the shape of a rendezvous id. */
export function isRendezvousId(text: string): text is RendezvousId {
  return /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text);
}

/** Whether `text` may be a handle. */
export function isHandle(text: string): text is Handle {
  return /^[a-z0-9_.]{3,30}$/.test(text);
}

/** In a registration: the device keeps the mailbox that the relay has for it. Nobody's mailbox: 16 random bytes are not zeros. */
export const KEPT_MAILBOX = new Uint8Array(ID_BYTES) as MailboxId;
