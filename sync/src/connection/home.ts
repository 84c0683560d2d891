/**
 * Being at home at one's relay: registering the account, signing in with the device key, and keeping pre-keys there.
 * Runs before every opening of the home socket, so a relay that lost its database is told everything again.
 */
import {
  type Random,
  encodeDeviceLog,
  activeDevices,
  logView,
  publishPreKeys,
  replenishPreKeys,
  signAsAccount,
  signAsDevice,
  type PreKeys,
} from '@securechat/crypto';
import { LABELS, registrationBytes, signInBytes } from '@securechat/relay-protocol';
import { Batch } from '../batch.ts';
import type { Directory, DirectoryError } from '../directory/directory.ts';
import { type Identity, ONE_TIME_PREKEYS, putIdentity, putPreKeys } from '../identity/identity.ts';
import type { Lane } from '../lane.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { SignIn, SignInProblem } from './relay-connection.ts';

const text = new TextEncoder();

/** The mutable cell that holds this device's identity and pre-keys while the engine is open. */
export interface Self {
  identity: Identity;
  preKeys: PreKeys;
}

export interface HomeOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: Random;
}

type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SignInProblem | undefined };

export class Home {
  readonly #options: HomeOptions;
  #token: { readonly text: string; readonly expiresAt: number } | undefined;

  constructor(options: HomeOptions) {
    this.#options = options;
  }

  /** Registers if needed, signs in and tops up pre-keys. */
  readonly signIn: SignIn = async () => {
    const { identity } = this.#options.self;
    if (identity.registered < logView(identity.log).length) {
      const registered = await this.#register();
      if (!registered.ok) return registered;
    }
    let token = await this.#requestToken();
    if (!token.ok && token.error === 'NotRegistered') {
      // The relay does not know us although we registered: it was reset. Tell it again, once.
      const registered = await this.#register();
      if (!registered.ok) return registered;
      token = await this.#requestToken();
    }
    if (!token.ok) return token;
    const published = await this.#topUpPreKeys(token.value);
    return published.ok ? token : published;
  };

  /** A token for the relay's HTTP half, fresh for at least a minute. */
  async token(): Promise<Outcome<string>> {
    if (this.#token !== undefined && this.#token.expiresAt > this.#options.clock.now() + 60_000) {
      return { ok: true, value: this.#token.text };
    }
    return this.#requestToken();
  }

  async #register(): Promise<Outcome<null>> {
    const { self, directory } = this.#options;
    const { account, device, mailbox, log, relayUrl } = self.identity;
    const version = logView(log).length;
    // Only this device's mailbox is known here; linked devices register their own (issue 3 extends this list).
    const devices = activeDevices(log)
      .filter((d) => d.id === device.id)
      .map((d) => ({ deviceKey: d.publicKey, mailbox }));
    const fields = { accountKey: account.publicKey, version, deviceLog: encodeDeviceLog(log), devices };
    const signature = signAsAccount(account, LABELS.register, registrationBytes(fields, audience(relayUrl)));
    const answer = await directory.ask(relayUrl, 'register', { body: { ...fields, signature } });
    if (!answer.ok) return { ok: false, error: problemOf(answer.error) };
    await this.#save((batch) => {
      const identity = { ...self.identity, registered: version };
      putIdentity(batch, identity);
      batch.then(() => {
        self.identity = identity;
      });
    });
    return { ok: true, value: null };
  }

  async #requestToken(): Promise<Outcome<string>> {
    const { self, directory } = this.#options;
    const { device, relayUrl } = self.identity;
    const challenge = await directory.ask(relayUrl, 'challenge', { body: { deviceId: device.id } });
    if (!challenge.ok) return { ok: false, error: problemOf(challenge.error) };
    const signature = signAsDevice(device, LABELS.signIn, signInBytes(challenge.value.challenge, audience(relayUrl)));
    const answer = await directory.ask(relayUrl, 'signIn', {
      body: { deviceId: device.id, challenge: challenge.value.challenge, signature },
    });
    if (!answer.ok) return { ok: false, error: problemOf(answer.error) };
    this.#token = { text: answer.value.token, expiresAt: answer.value.expiresAt };
    return { ok: true, value: answer.value.token };
  }

  async #topUpPreKeys(token: string): Promise<Outcome<null>> {
    const { self, directory, random, clock } = this.#options;
    const { relayUrl } = self.identity;
    const count = await directory.ask(relayUrl, 'countPreKeys', { token });
    if (!count.ok) return { ok: false, error: problemOf(count.error) };
    if (count.value.oneTime >= ONE_TIME_PREKEYS / 2) return { ok: true, value: null };
    // The secrets are durable before anyone can use the public halves.
    await this.#save((batch) => {
      const preKeys = replenishPreKeys(self.preKeys, self.identity.device, random, {
        now: clock.now(),
        oneTime: ONE_TIME_PREKEYS,
      });
      putPreKeys(batch, preKeys);
      batch.then(() => {
        self.preKeys = preKeys;
      });
    });
    const body = publishPreKeys(self.preKeys, self.identity.device, addressNote(self.identity));
    const answer = await directory.ask(relayUrl, 'publishPreKeys', { token, body });
    return answer.ok ? { ok: true, value: null } : { ok: false, error: problemOf(answer.error) };
  }

  #save(change: (batch: Batch) => void): Promise<void> {
    return this.#options.lane.run(async () => {
      const batch = new Batch();
      change(batch);
      await batch.commit(this.#options.store);
    });
  }
}

/** What the device signs into its pre-key bundle: where it receives. Mailbox (16 bytes), then the relay's URL. */
export function addressNote(identity: Identity): Uint8Array {
  const url = text.encode(identity.relayUrl);
  const note = new Uint8Array(identity.mailbox.length + url.length);
  note.set(identity.mailbox);
  note.set(url, identity.mailbox.length);
  return note;
}

/** The relay that a signature is meant for: host and port of its URL. */
function audience(relayUrl: string): string {
  return new URL(relayUrl).host;
}

function problemOf(error: DirectoryError): SignInProblem | undefined {
  switch (error.type) {
    case 'Offline':
    case 'Unintelligible':
    case 'ServerBusy':
    case 'RateLimited':
    case 'Internal':
      return undefined;
    case 'NotFound':
    case 'ChallengeUnknown':
      return 'NotRegistered';
    default:
      return 'SignInRefused';
  }
}
