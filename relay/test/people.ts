/** Keys and signatures of test people, made with Node's crypto: an independent reading of the wire law. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { ID_LABELS, LABELS, registrationBytes, signedMessage, signInBytes } from '@securechat/relay-protocol';
import type { EnvelopeId, MailboxId, Registration } from '@securechat/relay-protocol';
import { createHash } from 'node:crypto';

/** An Ed25519 key pair. */
export interface Keys {
  readonly publicKey: Uint8Array;
  readonly secret: KeyObject;
}

/** A person with one device. */
export interface Person {
  readonly account: Keys;
  readonly device: Keys;
  readonly accountId: string;
  readonly deviceId: string;
  readonly mailbox: MailboxId;
}

/** A fresh key pair. */
export function createKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { publicKey: new Uint8Array(Buffer.from(x, 'base64url')), secret: privateKey };
}

/** A fresh person. */
export function createPerson(): Person {
  const account = createKeys();
  const device = createKeys();
  return {
    account,
    device,
    accountId: hashId(ID_LABELS.account, account.publicKey),
    deviceId: hashId(ID_LABELS.device, device.publicKey),
    mailbox: randomId() as MailboxId,
  };
}

/** 16 random bytes. */
export function randomId(): EnvelopeId & MailboxId {
  return new Uint8Array(randomBytes(16)) as EnvelopeId & MailboxId;
}

/** The hash id of a key. */
export function hashId(label: string, publicKey: Uint8Array): string {
  return createHash('sha256').update(label).update(publicKey).digest('base64url');
}

/** A signature over a labelled body. */
export function signWith(keys: Keys, label: string, body: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, signedMessage(label, body), keys.secret));
}

/** What a registration may say instead of the usual; `by`: the keys of its authority, else the person's device. */
export type RegistrationChange = { readonly by?: Keys } & Partial<
  Pick<Registration, 'version' | 'deviceLog' | 'devices' | 'recoveryKey' | 'invite'>
>;

/** A registration as its owner and an authority sign it. */
export function registrationOf(person: Person, host: string, change: RegistrationChange = {}): Registration {
  const { by = person.device, ...content } = change;
  const fields = {
    accountKey: person.account.publicKey,
    version: 1,
    deviceLog: Uint8Array.of(1),
    devices: [entryOf(person)],
    by: by.publicKey,
    ...content,
  };
  const body = registrationBytes(fields, host);
  return {
    ...fields,
    signature: signWith(person.account, LABELS.register, body),
    authority: signWith(by, LABELS.registerAuthority, body),
  };
}

/** A person's device as a registration names it. */
export function entryOf({ device, mailbox }: Pick<Person, 'device' | 'mailbox'>): Registration['devices'][number] {
  return { deviceKey: device.publicKey, mailbox };
}

/** The same account on another, new device: it holds the account secret, as every own device does. */
export function anotherDeviceOf(person: Person): Person {
  const { device, deviceId, mailbox } = createPerson();
  return { ...person, device, deviceId, mailbox };
}

/** The answer to a sign-in challenge. */
export function signInSignature(person: Person, challenge: Uint8Array, host: string): Uint8Array {
  return signWith(person.device, LABELS.signIn, signInBytes(challenge, host));
}
