/** Fuzz targets of this folder: what somebody with the link code, or a camera, can make this device parse. Must never throw. */
import { createAccount, createDevice, ready, seededRandom, startDeviceLog } from '@securechat/crypto';
import type { MailboxId } from '@securechat/relay-protocol';
import { type Grant, type Hello, decodeGrant, decodeHello, encodeGrant, encodeHello, readLinkText } from './grant.ts';

export const fuzzTargets: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  hello: decodeHello,
  grant: decodeGrant,
  linkText: (bytes) => readLinkText(new TextDecoder('latin1').decode(bytes)),
};

export const fuzzReady = ready;

/** A grant with every field, and the hello of the device that it is for. */
export function linkSamples(): { readonly hello: Hello; readonly grant: Grant } {
  const random = seededRandom(new Uint8Array(32).fill(21));
  const account = createAccount(random);
  const [device, other] = [createDevice(random), createDevice(random)];
  const mailbox = random(16) as MailboxId;
  const log = startDeviceLog(account, device, 1_767_225_600_000);
  const relayUrl = 'https://relay.example';
  const addresses = new Map([
    [device.id, { relayUrl, mailbox }],
    [other.id, { relayUrl: 'http://other.example:8080', mailbox }],
  ]);
  const generations = new Map(Object.entries({ profile: 0, chats: 3 }));
  return {
    hello: { deviceKey: other.publicKey, mailbox, name: 'Laptop', preKey: random(120) },
    grant: { account, log, relayUrl, addresses, generations },
  };
}

/** Made when they are first asked for: crypto is not ready before. */
export const fuzzSamples: Readonly<Record<string, readonly Uint8Array[]>> = {
  get hello() {
    return [encodeHello(linkSamples().hello)];
  },
  get grant() {
    return [encodeGrant(linkSamples().grant), encodeGrant(undefined)];
  },
  linkText: [new TextEncoder().encode('securechat-link:ABCD-EFGH-JKMN-PQRS-TVWX:https://relay.example')],
};
