/** People for unit tests of the engine's parts: identities, what a relay would say of them, and peers made of that. */
import {
  accountIdOf,
  addDevice,
  createDevice,
  encodeDeviceLog,
  publishPreKeys,
  seededRandom,
  startSession,
  openPreKeyBundle,
  emptySessions,
  type Random,
  type Sessions,
} from '@securechat/crypto';
import type { ClaimedPreKeys } from '@securechat/relay-protocol';
import { addressNote, type Self } from '../../src/connection/home.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { type Peer, newPeer } from '../../src/peers/peers.ts';

export const RELAY = 'https://relay.test';
export const NOW = Date.UTC(2026, 0, 5);

export function randomOf(name: string): Random {
  const key = new Uint8Array(32);
  key.set(new TextEncoder().encode(name).slice(0, 32));
  return seededRandom(key);
}

const PARTIES = new Map<string, Self>();

/** A person with one device; the same one whenever the name is the same. The cell is the caller's. */
export function party(name: string): Self {
  const made =
    PARTIES.get(name) ?? createIdentity({ relayUrl: RELAY, now: NOW, random: randomOf(name), oneTimePreKeys: 2 });
  PARTIES.set(name, made);
  return { ...made };
}

/** What an honest relay answers who asks for this person's pre-keys. */
export function claimOf({ identity, preKeys }: Self): ClaimedPreKeys {
  const { signed, oneTime } = publishPreKeys(preKeys, identity.device, addressNote(identity));
  return {
    accountKey: identity.account.publicKey,
    deviceLog: encodeDeviceLog(identity.log),
    devices: [
      {
        deviceKey: identity.device.publicKey,
        mailbox: identity.mailbox,
        signed,
        ...(oneTime[0] !== undefined && { oneTime: oneTime[0] }),
      },
    ],
  };
}

/** The person as somebody who never heard of them knows them: by an invite. */
export function invited({ identity }: Self): Peer {
  return newPeer(accountIdOf(identity.account.publicKey), identity.account.publicKey, identity.relayUrl);
}

/** The person as somebody who asked the relay knows them. */
export function known(self: Self): Peer {
  const { log, device, relayUrl, mailbox } = self.identity;
  return { ...invited(self), log, addresses: { [device.id]: { relayUrl, mailbox } } };
}

/** A session from one person's device to the other's. */
export function sessionTo(from: Self, to: Self, random: Random, now = NOW): Sessions {
  const { signed } = publishPreKeys(to.preKeys, to.identity.device, addressNote(to.identity));
  const bundle = openPreKeyBundle(to.identity.device.publicKey, signed);
  const started = bundle.ok
    ? startSession(emptySessions(), { self: from.identity.device, peer: bundle.value, random, now })
    : undefined;
  if (started?.ok !== true) throw new Error('no session');
  return started.value;
}

/** The same person after a second device was added to the log. */
export function withTablet(self: Self): { readonly self: Self; readonly tablet: ReturnType<typeof createDevice> } {
  const tablet = createDevice(randomOf('tablet'));
  const { account } = self.identity;
  const log = addDevice(
    self.identity.log,
    account,
    { type: 'device', device: self.identity.device },
    { deviceKey: tablet.publicKey, time: NOW },
  );
  return { self: { ...self, identity: { ...self.identity, log } }, tablet };
}
