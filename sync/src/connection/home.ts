/**
 * Being at home at one's relay: registering the account, signing in with the device key, and keeping pre-keys there. The
 * first two run before every opening of the home socket, so a relay that lost its database is told everything again; the
 * pre-keys, which take long to make, when what waited there is taken in.
 */
import {
  type DeviceId,
  type DeviceLog,
  PRE_KEY_LIMITS,
  type PreKeys,
  type Random,
  logView,
  publishPreKeys,
  replenishPreKeys,
  rotateSignedPreKey,
  signAsDevice,
} from '@securechat/crypto';
import { LABELS, type MailboxId, signInBytes } from '@securechat/relay-protocol';
import { type Batch, inBatch } from '../batch.ts';
import type { Directory, DirectoryAnswer, DirectoryError } from '../directory/directory.ts';
import { type Identity, ONE_TIME_PREKEYS, putIdentity, putPreKeys } from '../identity/identity.ts';
import type { Lane } from '../lane.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { audience, register } from './registration.ts';
import type { SignIn, SignInProblem } from './relay-connection.ts';

const text = new TextEncoder();
const RETRY_AFTER = 5_000;
const LONGEST_RETRY = 10 * 60_000;

/** The mutable cell that holds this device's identity and pre-keys while the engine is open. */
export interface Self {
  identity: Identity;
  preKeys: PreKeys;
}

export interface HomeOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly directory: Pick<Directory, 'ask'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Where another own device receives, as far as it is known. */
  readonly mailboxOf: (deviceId: DeviceId) => MailboxId | undefined;
  /** The account's log as the relay has it, taken up: another own device may have changed it. Undefined: not known. */
  readonly catchUp: () => Promise<DeviceLog | undefined>;
  /** Another own device ended this one's membership. */
  readonly isUnlinked: () => boolean;
  /** One-time pre-keys kept at the relay; fewer in tests. Default {@link ONE_TIME_PREKEYS}. */
  readonly oneTimePreKeys?: number;
}

/** A value, or why the relay refuses us; an undefined problem: it was not reached, or has no time now. */
type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SignInProblem | undefined };

const UNLINKED = { ok: false, error: 'Unlinked' } as const;

export class Home {
  readonly #options: HomeOptions;
  #token: { readonly text: string; readonly expiresAt: number } | undefined;
  #isKeeping = false;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #isStopped = false;

  constructor(options: HomeOptions) {
    this.#options = options;
  }

  /** Registers if needed, and signs in. */
  readonly signIn: SignIn = async () => {
    const { self } = this.#options;
    if (this.#options.isUnlinked()) return UNLINKED;
    if (self.identity.registered < logView(self.identity.log).length) {
      const registered = await this.#register();
      if (!registered.ok) return registered;
    }
    // Before anything that waits there is taken in: one of the own devices may have been removed since, and write on.
    else {
      const theirs = await this.#options.catchUp();
      if (this.#options.isUnlinked()) return UNLINKED;
      // The relay lost some of it, or says so.
      if (theirs !== undefined && logView(theirs).length < logView(self.identity.log).length) await this.#register();
    }
    let token = await this.#requestToken();
    if (!token.ok && token.error === 'NotRegistered') {
      // The relay does not know us although we registered: it was reset. Tell it again, once.
      const registered = await this.#register();
      if (!registered.ok) return registered;
      token = await this.#requestToken();
    }
    return token;
  };

  /**
   * Keeps enough one-time pre-keys at the relay, and a signed one that is not older than a week. What fails is tried again
   * with growing pauses, until {@link stop}.
   */
  async keepPreKeys(): Promise<void> {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    this.#cancelRetry?.();
    const token = await this.token();
    // One that rejects (the engine is closing, the disk is full) is reported by its own job; here it is a retry.
    const kept = token.ok && (await this.#topUpPreKeys(token.value).catch(() => false));
    this.#isKeeping = false;
    this.#failures = kept ? 0 : this.#failures + 1;
    if (kept || this.#isStopped) return;
    const pause = Math.min(RETRY_AFTER * 2 ** (this.#failures - 1), LONGEST_RETRY);
    this.#cancelRetry = this.#options.clock.after(pause, () => void this.keepPreKeys());
  }

  /** Nothing is tried again. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
  }

  /** A token for the relay's HTTP half, fresh for at least a minute as far as this device's clock is right. */
  async token(): Promise<Outcome<string>> {
    if (this.#token !== undefined && this.#token.expiresAt > this.#options.clock.now() + 60_000) {
      return { ok: true, value: this.#token.text };
    }
    return this.#requestToken();
  }

  /** Asks with a token, and once more with a new one if the relay does not take it. */
  async authorized<T>(ask: (token: string) => DirectoryAnswer<T>): Promise<Outcome<Awaited<DirectoryAnswer<T>>>> {
    const token = await this.token();
    if (!token.ok) return token;
    const answer = await ask(token.value);
    if (answer.ok || answer.error.type !== 'TokenInvalid') return { ok: true, value: answer };
    this.#token = undefined;
    const fresh = await this.token();
    return fresh.ok ? { ok: true, value: await ask(fresh.value) } : fresh;
  }

  async #register(): Promise<Outcome<null>> {
    const { self, directory, mailboxOf, catchUp, isUnlinked } = this.#options;
    const { account, device, mailbox, log, relayUrl } = self.identity;
    const problem = await register({
      ...{ directory, relayUrl, account, log },
      by: { type: 'device', device },
      mailboxOf: (id) => (id === device.id ? mailbox : mailboxOf(id)),
    });
    if (problem === undefined) {
      await this.#update({ registered: logView(log).length });
      return { ok: true, value: null };
    }
    const isBehind = problem.type === 'StaleDeviceLog' || problem.type === 'NotAuthorised';
    if (!isBehind) return { ok: false, error: problemOf(problem) };
    await catchUp();
    if (isUnlinked()) return UNLINKED;
    // With a longer log this device is registered already; else the relay has a quarrel with us that no retry ends.
    return logView(self.identity.log).length > logView(log).length
      ? { ok: true, value: null }
      : { ok: false, error: problemOf(problem) };
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

  /** False: the relay did not take them, or was not reached. */
  async #topUpPreKeys(token: string): Promise<boolean> {
    const { self, directory, oneTimePreKeys = ONE_TIME_PREKEYS } = this.#options;
    const { relayUrl } = self.identity;
    // Before anything was published there is nothing to count.
    const isFirst = self.identity.published === 0;
    const count = isFirst ? undefined : await directory.ask(relayUrl, 'countPreKeys', { token });
    if (count?.ok === false) return false;
    const isLow = (count?.value.oneTime ?? 0) < oneTimePreKeys / 2;
    // The secrets are durable before anyone can use the public halves. Those made with the account were never out.
    if (isLow && !isFirst) await this.#renew((keys) => this.#replenished(keys));
    else if (this.#isRotationDue()) await this.#renew((keys) => this.#rotated(keys));
    const { id } = self.preKeys.signed;
    if (!isLow && self.identity.published === id) return true;
    const body = publishPreKeys(self.preKeys, self.identity.device, addressNote(self.identity));
    const answer = await directory.ask(relayUrl, 'publishPreKeys', { token, body });
    if (answer.ok && self.identity.published !== id) await this.#update({ published: id });
    return answer.ok;
  }

  /** Made a week ago, or in a future that a wrong clock saw. */
  #isRotationDue(): boolean {
    const age = this.#options.clock.now() - this.#options.self.preKeys.signed.createdAt;
    return Math.abs(age) >= PRE_KEY_LIMITS.rotateAfter;
  }

  #replenished(preKeys: PreKeys): PreKeys {
    const { self, random, clock, oneTimePreKeys = ONE_TIME_PREKEYS } = this.#options;
    const rotated = this.#isRotationDue() ? this.#rotated(preKeys) : preKeys;
    return replenishPreKeys(rotated, self.identity.device, random, { now: clock.now(), oneTime: oneTimePreKeys });
  }

  #rotated(preKeys: PreKeys): PreKeys {
    const { self, random, clock } = this.#options;
    return rotateSignedPreKey(preKeys, self.identity.device, random, { now: clock.now() });
  }

  #renew(change: (preKeys: PreKeys) => PreKeys): Promise<void> {
    return this.#save((batch) => {
      const preKeys = change(this.#options.self.preKeys);
      putPreKeys(batch, preKeys);
      batch.then(() => {
        this.#options.self.preKeys = preKeys;
      });
    });
  }

  #update(change: Partial<Identity>): Promise<void> {
    const { self } = this.#options;
    return this.#save((batch) => {
      const identity = { ...self.identity, ...change };
      putIdentity(batch, identity);
      batch.then(() => {
        self.identity = identity;
      });
    });
  }

  #save(change: (batch: Batch) => void): Promise<void> {
    return this.#options.lane.run(() => inBatch(this.#options.store, change));
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
