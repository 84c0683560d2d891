/** Vectors of the sealed envelope, with its key schedule, and envelopes that must not open. */
import { accountFromSeed, sealEnvelope, utf8 } from '../../src/index.ts';
import { deviceFromSeed, identityPublic, identitySecret } from '../../src/identity/device.ts';
import { asPublic } from '../../src/keys.ts';
import { x25519Public } from '../../src/sodium.ts';
import { dh, hkdf } from '../support/independent.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

export function buildEnvelope() {
  const account = accountFromSeed(counted(0));
  const [sender, recipient] = [deviceFromSeed(counted(0x20)), deviceFromSeed(counted(0x40))];
  const ephemeralSecret = counted(0x60);
  const message = utf8('opaque to the envelope');
  const from = { accountKey: account.publicKey, device: sender };
  const sealed = sealEnvelope({ from, to: recipient.publicKey, message, random: scripted([hex(ephemeralSecret)]) });
  const [recipientIdentity, ephemeral] = [identityPublic(recipient.publicKey), x25519Public(ephemeralSecret)];
  if (recipientIdentity === undefined) throw new Error('no identity');
  const es = dh(ephemeralSecret, recipientIdentity);
  const outer = hkdf(
    new Uint8Array(32),
    Buffer.concat([es, ephemeral, recipientIdentity]),
    'SecureChat envelope sender v1',
    64,
  );
  const ss = dh(identitySecret(sender), recipientIdentity);
  const inner = hkdf(outer.slice(32), ss, 'SecureChat envelope message v1', 32);
  const posing = { ...sender, publicKey: deviceFromSeed(counted(0x80)).publicKey };
  const sealAs = (accountKey: typeof account.publicKey, device: typeof sender) =>
    sealEnvelope({
      from: { accountKey, device },
      to: recipient.publicKey,
      message,
      random: scripted([hex(ephemeralSecret)]),
    });
  return {
    accountKey: hex(account.publicKey),
    sender: { seed: hex(counted(0x20)), deviceKey: hex(sender.publicKey) },
    recipient: { seed: hex(counted(0x40)), deviceKey: hex(recipient.publicKey) },
    ephemeralSecret: hex(ephemeralSecret),
    message: hex(message),
    es: hex(es),
    senderKey: hex(outer.slice(0, 32)),
    chain: hex(outer.slice(32)),
    ss: hex(ss),
    messageKey: hex(inner),
    envelope: hex(sealed),
    mustFail: [
      { why: 'another version', envelope: hex(tampered(sealed, 0)), error: 'Malformed' },
      { why: 'shorter than its head', envelope: hex(sealed.slice(0, 112)), error: 'Malformed' },
      { why: 'no message', envelope: hex(sealed.slice(0, 113)), error: 'Forged' },
      { why: 'ephemeral key changed', envelope: hex(tampered(sealed, 1)), error: 'NotForMe' },
      {
        why: 'ephemeral key of small order',
        envelope: hex(Uint8Array.of(1, ...new Uint8Array(32), ...sealed.slice(33))),
        error: 'NotForMe',
      },
      { why: 'sender changed', envelope: hex(tampered(sealed, 40)), error: 'NotForMe' },
      { why: 'message changed', envelope: hex(tampered(sealed, 200)), error: 'Forged' },
      { why: 'tag changed', envelope: hex(tampered(sealed, -1)), error: 'Forged' },
      { why: 'padding cut', envelope: hex(sealed.slice(0, -1)), error: 'Forged' },
      {
        why: 'names a device whose secret its maker lacks',
        envelope: hex(sealAs(account.publicKey, posing)),
        error: 'Forged',
      },
      {
        why: 'names an account key that is none',
        envelope: hex(sealAs(asPublic<'Account'>(new Uint8Array(32)), sender)),
        error: 'Forged',
      },
    ],
  };
}
