/**
 * The engine as the app sees it: `call` and `watch`, over all phases of a device's life (no account, locked, open,
 * broken). Everything with a feature in it is in `calls/`, `views/` and below; here is only the life cycle.
 */
import { type MasterKey, type Random, ready } from '@securechat/crypto';
import type { DocumentStorage } from './ports/document-storage.ts';
import { createSealedStore } from './adapters/sealed-store.ts';
import {
  type CallInput,
  type CallName,
  type CallValue,
  type ClientApi,
  type ClientError,
  MIN_PASSPHRASE,
  type Phase,
  type Profile,
  type Result,
  type WatchArgs,
  type WatchName,
  type WatchValue,
} from './api.ts';
import { inBatch } from './batch.ts';
import { type Handlers, done, refused } from './calls/answers.ts';
import { adoptContacts, contactCalls, readInvitation } from './calls/contact-calls.ts';
import { type StorageEstimate, checkProfile, deviceCalls } from './calls/device-calls.ts';
import { exportCalls } from './calls/export-calls.ts';
import { messageCalls } from './calls/message-calls.ts';
import { openPersonalDocuments } from './documents/index.ts';
import { type Engine, openEngine } from './engine.ts';
import { createIdentity, putIdentity, putPreKeys } from './identity/identity.ts';
import { Lane, LaneClosed } from './lane.ts';
import { isRelayUrl } from './peers/introduction.ts';
import type { Clock } from './ports/clock.ts';
import type { DeviceSecret } from './ports/device-secret.ts';
import type { RelayLink } from './ports/relay-link.ts';
import { storeErrorType } from './ports/store-error.ts';
import { type Store, TABLES } from './ports/store.ts';
import { Source } from './readable.ts';
import { sealDocuments } from './vault/sealed-documents.ts';
import {
  type VaultCost,
  type VaultHeader,
  createMasterKey,
  readVaultHeader,
  unlockVault,
  vaultKeys,
  wrapVault,
} from './vault/vault.ts';
import { watchOf } from './views/watches.ts';

export interface ClientOptions {
  /** Raw: values are sealed by the engine. */
  readonly store: Store;
  readonly storage: DocumentStorage;
  readonly eraseStorage: () => Promise<void>;
  readonly deviceSecret: DeviceSecret;
  readonly link: RelayLink;
  readonly clock: Clock;
  readonly random: Random;
  /** The app remembers that this browser had an account: an empty store then means that the browser evicted it. */
  readonly hadAccount?: boolean;
  readonly estimate?: StorageEstimate;
  readonly segmentSize?: number;
  /** Argon2id cost, and one-time pre-keys kept at the relay: tests take less of both. */
  readonly vaultCost?: VaultCost;
  readonly oneTimePreKeys?: number;
  /** A bug: either the client cannot go on (phase `Broken`), or something small was left out. */
  readonly onError?: (error: unknown) => void;
}

type AnyResult<K extends CallName> = Promise<Result<CallValue<K>, ClientError>>;
type OpenCalls = Handlers<Exclude<CallName, LifeCall>>;
type LifeCall = 'createAccount' | 'unlock' | 'lock' | 'setPassphrase' | 'eraseDevice';

export class Client implements ClientApi {
  readonly #options: ClientOptions;
  readonly #phase = new Source<Phase>({ type: 'Starting' });
  readonly #watchers = new Set<{ open: (engine: Engine) => void; close: () => void }>();
  /** Opening, locking and erasing, one after the other: two engines on one store would seal from one ratchet state. */
  readonly #lifeLane = new Lane();
  #header: VaultHeader | undefined;
  #master: MasterKey | undefined;
  #engine: Engine | undefined;
  #calls: OpenCalls | undefined;
  #isClosed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Finds out what is on this device and opens it if no passphrase is needed. */
  async start(): Promise<void> {
    await ready();
    await this.#lifeLane.run(async () => {
      try {
        const header = await readVaultHeader(this.#options.store);
        if (header === 'Damaged') this.#phase.set({ type: 'Broken', reason: 'Damaged' });
        else if (header !== undefined) await this.#enter(header);
        else
          this.#phase.set(
            this.#options.hadAccount === true ? { type: 'Broken', reason: 'Evicted' } : { type: 'Empty' },
          );
      } catch (error) {
        this.#break(error);
      }
    });
  }

  /** The open engine; for tests and the simulation, which look behind the API. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  async call<K extends CallName>(name: K, input: CallInput<K>): AnyResult<K> {
    try {
      const life = own(this.#life, name) as ((input: CallInput<K>) => AnyResult<K>) | undefined;
      if (life !== undefined) return await this.#lifeLane.run(() => life(input));
      const handler = own(this.#calls ?? {}, name) as ((input: CallInput<K>) => AnyResult<K>) | undefined;
      return handler === undefined ? this.#withoutEngine(name, input) : await handler(input);
    } catch (error) {
      if (error instanceof LaneClosed) return refused({ type: 'NotOpen' });
      const fault = storeErrorType(error);
      if (this.#isClosed) return refused({ type: 'NotOpen' });
      if (fault === 'QuotaExceeded') return refused({ type: 'StorageFull' });
      if (fault === undefined) throw error;
      this.#break(error);
      return refused({ type: 'NotOpen' });
    }
  }

  /** Onboarding shows who invited before there is an account. */
  #withoutEngine<K extends CallName>(name: K, input: CallInput<K>): Awaited<AnyResult<K>> {
    if (name !== 'readInvitation') return refused({ type: 'NotOpen' });
    return readInvitation((input as CallInput<'readInvitation'>).text) as Awaited<AnyResult<K>>;
  }

  watch<K extends WatchName>(name: K, args: WatchArgs<K>, onValue: (value: WatchValue<K>) => void): () => void {
    if (name === 'phase') {
      const emit = onValue as (value: Phase) => void;
      emit(this.#phase.get());
      return this.#phase.subscribe(() => {
        emit(this.#phase.get());
      });
    }
    let stop: (() => void) | undefined;
    const watcher = {
      open: (engine: Engine): void => {
        stop ??= watchOf(engine, name, args, onValue, (error) => this.#options.onError?.(error));
      },
      close: (): void => {
        stop?.();
        stop = undefined;
      },
    };
    this.#watchers.add(watcher);
    if (this.#engine !== undefined) watcher.open(this.#engine);
    return () => {
      watcher.close();
      this.#watchers.delete(watcher);
    };
  }

  /** Stops everything and closes the store. Nothing is lost: what was unfinished goes on at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lifeLane.run(() => this.#leave()).catch(ignoreClosed);
    await this.#lifeLane.close();
    await this.#options.store.close();
  }

  readonly #life: { readonly [K in LifeCall]: (input: CallInput<K>) => AnyResult<K> } = {
    createAccount: async ({ name, avatar, passphrase, relayUrl }) => {
      const before = this.#phase.get();
      const mayStart = before.type === 'Empty' || (before.type === 'Broken' && before.reason === 'Evicted');
      if (!mayStart) return refused({ type: 'AlreadyExists' });
      const problem = checkProfile(name, avatar) ?? checkPassphrase(passphrase);
      if (problem !== undefined) return refused(problem);
      if (!isRelayUrl(relayUrl)) return refused({ type: 'RelayRefused', code: 'NotAUrl' });
      this.#phase.set({ type: 'Starting' });
      try {
        await this.#create({ name: name.trim(), avatar, passphrase, relayUrl });
      } catch (error) {
        this.#phase.set(before); // whatever was stored is a cut-short onboarding, and harmless
        throw error;
      }
      const opened = this.#phase.get() as Phase;
      return opened.type === 'Open' ? done({ accountId: opened.accountId }) : refused({ type: 'NotOpen' });
    },
    unlock: async ({ passphrase }) => {
      const header = this.#header;
      if (this.#phase.get().type !== 'Locked' || header === undefined) return refused({ type: 'NotOpen' });
      const opened = await unlockVault(header, passphrase, this.#options.deviceSecret);
      if (!opened.ok) return refused({ type: 'WrongPassphrase' });
      await this.#open(opened.value);
      return done(null);
    },
    lock: async () => {
      if (this.#header?.mode !== 'passphrase') return refused({ type: 'NotOpen' });
      await this.#leave();
      this.#phase.set({ type: 'Locked' });
      return done(null);
    },
    setPassphrase: async ({ current, next }) => {
      const [master, header] = [this.#master, this.#header];
      if (master === undefined || header === undefined) return refused({ type: 'NotOpen' });
      const problem = checkPassphrase(next);
      if (problem !== undefined) return refused(problem);
      if (header.mode === 'passphrase') {
        const checked = await unlockVault(header, current, this.#options.deviceSecret);
        if (!checked.ok) return refused({ type: 'WrongPassphrase' });
      }
      await this.#wrap(master, next);
      this.#engine?.topics.emit('profile');
      return done(null);
    },
    eraseDevice: async () => {
      try {
        await this.#leave();
        // Emptied, not destroyed: a new account may be made in it at once.
        await this.#options.store.commit(TABLES.map((table) => ({ op: 'deleteRange', table, from: '', to: '\uffff' })));
        await this.#options.eraseStorage();
        await this.#options.deviceSecret.forget();
      } catch (error) {
        this.#break(error);
        throw error;
      }
      this.#header = undefined;
      this.#phase.set({ type: 'Empty' });
      return done(null);
    },
  };

  async #enter(header: VaultHeader): Promise<void> {
    this.#header = header;
    if (header.mode === 'passphrase') {
      this.#phase.set({ type: 'Locked' });
      return;
    }
    const opened = await unlockVault(header, undefined, this.#options.deviceSecret);
    if (opened.ok) await this.#open(opened.value);
    else this.#phase.set({ type: 'Broken', reason: 'Damaged' });
  }

  async #create(input: {
    name: string;
    avatar: Profile['avatar'] | undefined;
    passphrase: string | undefined;
    relayUrl: string;
  }): Promise<void> {
    const { store: raw, random, clock } = this.#options;
    const master = createMasterKey(random);
    await this.#wrap(master, input.passphrase);
    const { oneTimePreKeys } = this.#options;
    const { identity, preKeys } = createIdentity({
      relayUrl: input.relayUrl,
      now: clock.now(),
      random,
      oneTimePreKeys,
    });
    const keys = vaultKeys(master);
    const personal = await openPersonalDocuments({
      storage: sealDocuments({ inner: this.#options.storage, keys, random }),
      accountSecret: identity.account.secretKey,
      random,
    });
    await personal.profile.set({
      name: input.name,
      updated: clock.now(),
      ...(input.avatar && { avatar: input.avatar }),
    });
    await personal.close();
    // Last, and alone: an identity row means that everything before it is there.
    await inBatch(createSealedStore({ inner: raw, keys, random }), (batch) => {
      putIdentity(batch, identity);
      putPreKeys(batch, preKeys);
    });
    await this.#open(master);
  }

  async #wrap(master: MasterKey, passphrase: string | undefined): Promise<void> {
    const { deviceSecret, random, store, vaultCost } = this.#options;
    const op = await wrapVault({ master, passphrase, deviceSecret, random, ...(vaultCost && { cost: vaultCost }) });
    await store.commit([op]);
    const header = await readVaultHeader(store);
    if (header !== 'Damaged') this.#header = header;
  }

  async #open(master: MasterKey): Promise<void> {
    const engine = await this.#openEngine(master);
    if (engine === undefined) {
      // Keys without an account: onboarding was cut short. Nothing is lost by starting over.
      this.#header = undefined;
      this.#phase.set({ type: 'Empty' });
      return;
    }
    try {
      await engine.job(async (batch) => {
        engine.chats.open(batch, engine.self.identity.account.id, engine.self.identity.account.publicKey);
        await adoptContacts(engine, batch);
      });
    } catch (error) {
      await engine.close();
      throw error;
    }
    this.#master = master;
    this.#engine = engine;
    this.#calls = {
      ...contactCalls(engine),
      ...messageCalls(engine),
      ...deviceCalls(engine, this.#options.estimate),
      ...exportCalls(engine),
    };
    this.#phase.set({ type: 'Open', accountId: engine.self.identity.account.id });
    for (const watcher of this.#watchers) watcher.open(engine);
    engine.start();
  }

  #openEngine(master: MasterKey): Promise<Engine | undefined> {
    const { store, storage, link, clock, random, segmentSize, oneTimePreKeys } = this.#options;
    return openEngine({
      ...{ master, store, storage, link, clock, random },
      isLocked: () => this.#header?.mode === 'passphrase',
      onFailure: (error) => {
        this.#break(error);
      },
      onTrouble: (error) => this.#options.onError?.(error),
      ...(segmentSize !== undefined && { segmentSize }),
      ...(oneTimePreKeys !== undefined && { oneTimePreKeys }),
    });
  }

  async #leave(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#calls = undefined;
    for (const watcher of this.#watchers) watcher.close();
    await engine?.close();
    this.#master?.fill(0);
    this.#master = undefined;
  }

  #break(error: unknown): void {
    if (this.#isClosed) return;
    const type = storeErrorType(error);
    const reason = type === 'QuotaExceeded' ? 'StorageFull' : type === 'Unavailable' ? 'StorageUnavailable' : 'Damaged';
    this.#phase.set({ type: 'Broken', reason });
    this.#calls = undefined;
    void this.#lifeLane.run(() => this.#leave()).catch(ignoreClosed);
    // Last: whatever the listener does, the phase is set and the engine is on its way out.
    this.#options.onError?.(error);
  }
}

/** A client over the given ports; `start` has been called and its first phase is known when this resolves. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const client = new Client(options);
  await client.start();
  return client;
}

/** A member that the table itself has: a name comes from a page, and every object has a `toString`. */
function own(table: object, name: string): unknown {
  return Object.hasOwn(table, name) ? (table as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Closing what is closed already is no failure; nor is a failure to close what is broken anyway. */
function ignoreClosed(): void {
  return undefined;
}

function checkPassphrase(passphrase: string | undefined): ClientError | undefined {
  if (passphrase === undefined || passphrase.length >= MIN_PASSPHRASE) return undefined;
  return { type: 'PassphraseTooShort', minimum: MIN_PASSPHRASE };
}
