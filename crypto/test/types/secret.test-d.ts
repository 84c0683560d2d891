/**
 * What must not compile. This file is never run: `tsc` fails if any line below a `@ts-expect-error` is accepted. The
 * test that carries C-CODEC-3 in `secret.test.ts` checks that it is there and in the build.
 */
import {
  type Account,
  type AccountId,
  type Authority,
  backupKey,
  chatSecretOfGroup,
  concat,
  createDevice,
  type Device,
  type DeviceId,
  distributionOf,
  encodeAccount,
  encodeDevice,
  encodeReceivedSenderKey,
  encodeSenderKey,
  encodeSessions,
  type GroupEnvelopeInput,
  type GroupSecret,
  hash,
  type InviteSecret,
  type LinkCode,
  type MasterKey,
  offerLink,
  openMessage,
  type Public,
  type Random,
  type ReceivedSenderKey,
  type RecoverySecret,
  type RevealedLink,
  sealEnvelope,
  sealGrant,
  sealGroupEnvelope,
  sealMessage,
  type Secret,
  type SenderKey,
  type SenderKeyOwner,
  type Sessions,
  signAsAuthority,
  signAsDevice,
  toBase64Url,
  verifyAsDevice,
  verifyAsRecovery,
} from '../../src/index.ts';
import { stateLayout, wireLayout } from '../../src/codec.ts';
import { fixed, publicKey, secret, sized } from '../../src/fields.ts';
import { asPublic } from '../../src/keys.ts';

declare const root: Secret<'Root'>;
declare const chain: Secret<'Chain'>;
declare const ratchetKey: Public<'Ratchet'>;
declare const deviceKey: Public<'Device'>;
declare const accountKey: Public<'Account'>;
declare const random: Random;
declare const device: Device;
declare const sessions: Sessions;
declare const master: MasterKey;
declare const accountId: AccountId;
declare const plain: Uint8Array;
declare const account: Account;
declare const code: LinkCode;
declare const recovery: RecoverySecret;
declare const revealed: RevealedLink;
declare const senderKey: SenderKey;
declare const received: ReceivedSenderKey;
declare const owner: SenderKeyOwner;
declare const groupSecret: GroupSecret;
declare const sealing: GroupEnvelopeInput;
declare const invite: InviteSecret;

/** C-CODEC-3: secrets do not go into wire layouts, base64, hashes, signed bodies or joins of open bytes. */
export function secretsStayInside(): void {
  stateLayout({ root: secret<'Root'>() });
  // @ts-expect-error a wire layout takes no secret field
  wireLayout({ root: secret<'Root'>() });
  // @ts-expect-error a wire layout takes no state layout either
  wireLayout({ inner: stateLayout({ root: secret<'Root'>() }) });
  // @ts-expect-error fixed bytes cannot be declared to be a secret
  fixed<Secret<'Root'>>(32);
  // @ts-expect-error a field of a public key does not take a secret
  wireLayout({ key: publicKey<'Ratchet'>() }).encode({ key: root });
  wireLayout({ key: publicKey<'Ratchet'>() }).encode({ key: ratchetKey });
  // @ts-expect-error base64 is for the wire
  toBase64Url(root);
  // @ts-expect-error an encoded state is a secret
  toBase64Url(encodeSessions(sessions));
  // @ts-expect-error an encoded device is a secret
  toBase64Url(encodeDevice(device));
  // @ts-expect-error nor may a master key be printed
  toBase64Url(master);
  // @ts-expect-error nor a link code
  toBase64Url(code);
  // @ts-expect-error nor a recovery secret
  toBase64Url(recovery);
  // @ts-expect-error nor the key of the backups
  toBase64Url(backupKey(account));
  // @ts-expect-error what a link says before the grant holds no secret
  offerLink({ code, time: 0, hello: encodeAccount(account), random });
  // @ts-expect-error the authority signs what is published
  signAsAuthority({ type: 'recovery', recovery }, 'label', recovery);
  // @ts-expect-error open bytes are joined apart from secrets
  concat(ratchetKey, chain);
  // @ts-expect-error a secret is no part of a public hash
  hash('label', root);
  // @ts-expect-error what is signed is published
  signAsDevice(device, 'label', root);
  // @ts-expect-error a secret is not declared public in passing
  asPublic<'Ratchet'>(root);
  // @ts-expect-error an envelope's content is the ratchet's output, not a key
  sealEnvelope({ from: { accountKey, device }, to: deviceKey, message: root, random });
  sized(4);
}

/** C-CODEC-3: what a group's members know goes into sealed messages only. */
export function groupSecretsStayInside(): void {
  // @ts-expect-error a distribution carries a chain key: it is not for the wire
  toBase64Url(distributionOf(senderKey, owner));
  // @ts-expect-error nor straight into an envelope, past the session
  sealEnvelope({ from: { accountKey, device }, to: deviceKey, message: distributionOf(senderKey, owner), random });
  sealMessage(sessions, { plaintext: distributionOf(senderKey, owner), ad: plain, random });
  // @ts-expect-error a stored sender key is a secret
  toBase64Url(encodeSenderKey(senderKey));
  // @ts-expect-error so is what was received
  toBase64Url(encodeReceivedSenderKey(received));
  // @ts-expect-error the group's secret is for members
  toBase64Url(groupSecret);
  // @ts-expect-error nor is what is derived from it
  hash('label', chatSecretOfGroup(groupSecret));
  // @ts-expect-error an invite goes into a link through formatInviteSecret
  toBase64Url(invite);
  // @ts-expect-error a group's secret is not its header key
  sealGroupEnvelope({ ...sealing, headerKey: groupSecret });
  // @ts-expect-error what was received seals nothing
  sealGroupEnvelope({ ...sealing, senderKey: received });
}

/** Keys and ids of different names do not stand in for each other. */
export function namesMatter(): void {
  // @ts-expect-error a chain key is not a root key
  const wrongKey: Secret<'Root'> = chain;
  // @ts-expect-error a secret key is not a public key
  const leaked: Public<'Root'> = root;
  // @ts-expect-error plain bytes are nobody's key until they were checked
  verifyAsDevice(plain, 'label', plain, plain);
  // @ts-expect-error an account's key is not a device's key
  verifyAsDevice(accountKey, 'label', plain, plain);
  // @ts-expect-error an account id is not a device id
  const wrongId: DeviceId = accountId;
  // @ts-expect-error a device's key is not a recovery key
  verifyAsRecovery(deviceKey, 'label', plain, plain);
  // @ts-expect-error the phrase is no device, so it removes nothing by that name
  const wrongAuthority: Authority = { type: 'device', device: recovery };
  // @ts-expect-error the new device grants nothing: that is the other side's
  sealGrant(revealed, plain, random);
  // @ts-expect-error any text is not an id
  const anyId: AccountId = 'text';
  void [wrongKey, leaked, wrongId, anyId, wrongAuthority];
}

/** A result must be looked at, and a state cannot be changed in place. */
export function statesAreValues(): void {
  const sealed = sealMessage(sessions, { plaintext: plain, ad: plain, random });
  // @ts-expect-error the error case comes first
  void sealed.value.message;
  // @ts-expect-error a state is never mutated
  sessions.list = [];
  // @ts-expect-error opening needs the sender's device key
  openMessage(sessions, { self: createDevice(random), message: plain, ad: plain, now: 0 });
}
