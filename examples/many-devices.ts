/**
 * One account on several devices, on nothing but `@securechat/crypto` and `@securechat/relay-protocol`: a device is linked at
 * a rendezvous, another unlinks it, and the recovery phrase leads back when every device is lost. What devices tell each
 * other beyond their keys is a client's own; here it is the least that works. Texts are in `minimal-client.ts`.
 */
import {
  addDevice,
  answerOffer,
  authorityKeyOf,
  createAccount,
  createDevice,
  createRecovery,
  decodeAccount,
} from '@securechat/crypto';
import {
  activeDevices,
  decodeDeviceLog,
  encodeAccount,
  encodeDeviceLog,
  linkRendezvous,
  logView,
  offerLink,
} from '@securechat/crypto';
import {
  openEscrow,
  openGrant,
  readRecoveryWords,
  readReveal,
  ready,
  recoveryIdOf,
  recoveryKeyOf,
  recoveryOf,
} from '@securechat/crypto';
import { recoveryWords, removeDevice, revealLink, sealEscrow, sealGrant, setRecovery } from '@securechat/crypto';
import { signAsAccount, signAsAuthority, startDeviceLog, systemRandom } from '@securechat/crypto';
import { toAccountKey, toBase64Url, toDeviceKey } from '@securechat/crypto';
import type { Account, Authority, Device, DeviceLog, LinkCode } from '@securechat/crypto';
import { endpoints, httpError, LABELS, pathOf, registrationBytes, toMailboxId } from '@securechat/relay-protocol';
import type { Endpoint, Registration } from '@securechat/relay-protocol';

/** Where the devices of an account receive: what a registration says, beside the log, about all of them. */
type Addresses = Registration['devices'];

/** What a user does with the six digits: says whether the other screen shows the same. */
export type Compare = (digits: string) => Promise<boolean> | boolean;

/** The slots of a rendezvous in the order of the ceremony. */
const SLOT = { offer: '0', reply: '1', reveal: '2', grant: '3' } as const;

/** How often a device looks whether something is in a slot. */
const POLL_MS = 20;

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(what);
  return value;
}

function mustBeOk<T>(result: { ok: true; value: T } | { ok: false; error: { type: string } }): T {
  if (!result.ok) throw new Error(result.error.type);
  return result.value;
}

/** One device and what it knows of its account. */
export class OwnDevice {
  private constructor(
    private readonly relayUrl: string,
    private readonly account: Account,
    private readonly device: Device,
    private log: DeviceLog,
    private addresses: Addresses,
  ) {}

  /** A new account on its first device. */
  static async first(relayUrl: string): Promise<OwnDevice> {
    await ready();
    const [account, device] = [createAccount(systemRandom), createDevice(systemRandom)];
    const log = startDeviceLog(account, device, Date.now());
    const self = new OwnDevice(relayUrl, account, device, log, [addressOf(device)]);
    await self.register(self.asDevice);
    return self;
  }

  /** A new device, shown the code. `compare` is asked for both; here the vouching one decides. */
  static async join(relayUrl: string, code: LinkCode, compare: Compare): Promise<OwnDevice> {
    const place = new Place(relayUrl, code);
    const device = createDevice(systemRandom);
    const own = addressOf(device);
    const hello = encodeAddress(own);
    const { state, offer } = offerLink({ code, time: Date.now(), hello, random: systemRandom });
    await place.leave(SLOT.offer, offer);
    const revealed = mustBeOk(revealLink(state, await place.take(SLOT.reply)));
    await place.leave(SLOT.reveal, revealed.reveal);
    await compare(revealed.comparison);
    const grant = decodeGrant(mustBeOk(openGrant(revealed.state, await place.take(SLOT.grant))));
    return new OwnDevice(relayUrl, grant.account, device, grant.log, grant.addresses);
  }

  /** An own device that vouches for a new one: only when its user finds the same digits on both screens. */
  async welcome(code: LinkCode, compare: Compare): Promise<void> {
    const place = new Place(this.relayUrl, code);
    const offer = await place.take(SLOT.offer);
    const answered = mustBeOk(answerOffer({ code, offer, random: systemRandom }));
    await place.leave(SLOT.reply, answered.reply); // `Taken` here: somebody else knows the code and was quicker
    const compared = mustBeOk(readReveal(answered.state, await place.take(SLOT.reveal)));
    if (!(await compare(compared.comparison))) throw new Error('not the same digits');
    const added = must(decodeAddress(compared.hello), 'an address');
    const deviceKey = must(toDeviceKey(added.deviceKey), 'a device key');
    this.log = addDevice(this.log, this.account, this.asDevice, { deviceKey, time: Date.now() });
    this.addresses = [...this.addresses, added];
    await this.register(this.asDevice);
    const grant = encodeGrant(this.account, this.log, this.addresses);
    await place.leave(SLOT.grant, sealGrant(compared.state, grant, systemRandom));
  }

  /** Takes another device out. It keeps the account secret; neither the log nor the relay take its word any more. */
  async unlink(other: OwnDevice): Promise<void> {
    this.log = removeDevice(this.log, this.account, this.asDevice, other.device.id, Date.now());
    await this.register(this.asDevice);
  }

  /** Makes a phrase for the day when every device is lost. Write it down: no device keeps it. */
  async makePhrase(): Promise<readonly string[]> {
    const secret = createRecovery(systemRandom);
    const entry = { recoveryKey: recoveryKeyOf(secret), escrow: sealEscrow(secret, this.account), time: Date.now() };
    this.log = setRecovery(this.log, this.account, this.asDevice, entry);
    await this.register(this.asDevice);
    return recoveryWords(secret);
  }

  /** The account on a new device, from the twelve words alone; the devices that there were are unlinked. */
  static async recover(relayUrl: string, words: string): Promise<OwnDevice> {
    await ready();
    const recovery = mustBeOk(readRecoveryWords(words));
    const recoveryId = recoveryIdOf(recoveryKeyOf(recovery));
    const served = await call(relayUrl, endpoints.recovery, {}, { recoveryId });
    const log = verifiedLog(served.accountKey, served.deviceLog);
    const account = mustBeOk(openEscrow(recovery, must(recoveryOf(log), 'a recovery key in force').escrow));
    if (toBase64Url(account.publicKey) !== toBase64Url(served.accountKey)) throw new Error('another account');
    const device = createDevice(systemRandom);
    const by: Authority = { type: 'recovery', recovery };
    const entry = { deviceKey: device.publicKey, time: Date.now() };
    const self = new OwnDevice(relayUrl, account, device, addDevice(log, account, by, entry), [addressOf(device)]);
    for (const { id } of activeDevices(log)) {
      self.log = removeDevice(self.log, account, self.asDevice, id, Date.now());
    }
    await self.register(by);
    return self;
  }

  /** What everybody may know: how many devices the relay's log has, checked as any client checks it. */
  async devicesAtRelay(): Promise<number> {
    const served = await call(this.relayUrl, endpoints.account, {}, { accountId: this.account.id });
    return activeDevices(verifiedLog(served.accountKey, served.deviceLog)).length;
  }

  /** Tells the relay the newest log. The account key signs, and so does an authority that is in force there. */
  private async register(by: Authority): Promise<void> {
    const active = new Set(activeDevices(this.log).map(({ publicKey }) => toBase64Url(publicKey)));
    const recoveryKey = recoveryOf(this.log)?.recoveryKey;
    const fields = {
      accountKey: this.account.publicKey,
      version: logView(this.log).length,
      deviceLog: encodeDeviceLog(this.log),
      devices: this.addresses.filter(({ deviceKey }) => active.has(toBase64Url(deviceKey))),
      by: authorityKeyOf(by),
      ...(recoveryKey && { recoveryKey }),
    };
    const body = registrationBytes(fields, new URL(this.relayUrl).host);
    const signature = signAsAccount(this.account, LABELS.register, body);
    const authority = signAsAuthority(by, LABELS.registerAuthority, body);
    await call(this.relayUrl, endpoints.register, { ...fields, signature, authority });
  }

  private get asDevice(): Authority {
    return { type: 'device', device: this.device };
  }
}

/** A rendezvous: eight slots at the relay that only those who have the code can find. */
class Place {
  private readonly rendezvousId: string;

  constructor(
    private readonly relayUrl: string,
    code: LinkCode,
  ) {
    this.rendezvousId = toBase64Url(linkRendezvous(code));
  }

  /** Fills a slot. Each is written once. */
  async leave(slot: string, data: Uint8Array): Promise<void> {
    await call(this.relayUrl, endpoints.putRendezvous, { data }, { rendezvousId: this.rendezvousId, slot });
  }

  /** What the other side left, as soon as it did. `Expired` ends the waiting. */
  async take(slot: string): Promise<Uint8Array> {
    for (;;) {
      const asked = call(this.relayUrl, endpoints.rendezvous, {}, { rendezvousId: this.rendezvousId, slot });
      const found = await asked.catch((thrown: unknown) => {
        if (thrown instanceof Error && thrown.message === 'NotFound') return undefined;
        throw thrown;
      });
      if (found !== undefined) return found.data;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

async function call<Request, Response>(
  relayUrl: string,
  endpoint: Endpoint<Request, Response>,
  body: Request,
  path: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fetch(relayUrl + pathOf(endpoint, path), {
    method: endpoint.method,
    ...(endpoint.method !== 'GET' && { body: JSON.stringify(endpoint.request.print(body)) }),
  });
  const answer: unknown = await response.json();
  const refusal = httpError.parse(answer);
  if (!response.ok) throw new Error(refusal.ok ? refusal.value.error.code : `status ${response.status}`);
  return mustBeOk(endpoint.response.parse(answer));
}

/** The relay is not believed: the account key signs the log, and each change in it has an authority of its own. */
function verifiedLog(accountKey: Uint8Array, deviceLog: Uint8Array): DeviceLog {
  return mustBeOk(decodeDeviceLog(deviceLog, must(toAccountKey(accountKey), 'an account key')));
}

function addressOf(device: Device): Addresses[number] {
  return { deviceKey: device.publicKey, mailbox: must(toMailboxId(systemRandom(16)), 'a mailbox has 16 bytes') };
}

function encodeAddress({ deviceKey, mailbox }: Addresses[number]): Uint8Array {
  return Uint8Array.of(...deviceKey, ...mailbox);
}

function decodeAddress(bytes: Uint8Array): Addresses[number] | undefined {
  const mailbox = toMailboxId(bytes.slice(32));
  return mailbox && { deviceKey: bytes.slice(0, 32), mailbox };
}

/** The grant of this example: account[33] count[1] addresses[48 each] log… */
function encodeGrant(account: Account, log: DeviceLog, addresses: Addresses): Uint8Array {
  const all = addresses.flatMap((address) => [...encodeAddress(address)]);
  return Uint8Array.of(...encodeAccount(account), addresses.length, ...all, ...encodeDeviceLog(log));
}

function decodeGrant(bytes: Uint8Array): { account: Account; log: DeviceLog; addresses: Addresses } {
  const account = mustBeOk(decodeAccount(bytes.slice(0, 33)));
  const count = must(bytes[33], 'a count');
  const addresses = Array.from({ length: count }, (_, n) => {
    return must(decodeAddress(bytes.slice(34 + 48 * n, 34 + 48 * (n + 1))), 'an address');
  });
  return { account, log: verifiedLog(account.publicKey, bytes.slice(34 + 48 * count)), addresses };
}
