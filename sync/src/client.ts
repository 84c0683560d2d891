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
import { Batch } from './batch.ts';
import { type Handlers, done, refused } from './calls/answers.ts';
import { adoptContacts, contactCalls } from './calls/contact-calls.ts';
import { type StorageEstimate, checkProfile, deviceCalls } from './calls/device-calls.ts';
import { exportCalls } from './calls/export-calls.ts';
import { messageCalls } from './calls/message-calls.ts';
import { createEncryptedStorageAdapter, openPersonalDocuments } from './documents/index.ts';
import { type Engine, openEngine } from './engine.ts';
import { createIdentity, putIdentity, putPreKeys } from './identity/identity.ts';
import { LaneClosed } from './lane.ts';
import { isRelayUrl } from './peers/introduction.ts';
import type { Clock } from './ports/clock.ts';
import type { DeviceSecret } from './ports/device-secret.ts';
import type { RelayLink } from './ports/relay-link.ts';
import { storeErrorType } from './ports/store-error.ts';
import type { Store } from './ports/store.ts';
import { Source } from './readable.ts';
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
  /** Argon2id cost, for tests. */
  readonly vaultCost?: VaultCost;
  /** Something that the code does not know how to go on from; shown as phase `Broken`. */
  readonly onError?: (error: unknown) => void;
}

type AnyResult<K extends CallName> = Promise<Result<CallValue<K>, ClientError>>;
type OpenCalls = Handlers<Exclude<CallName, LifeCall>>;
type LifeCall = 'createAccount' | 'unlock' | 'lock' | 'setPassphrase' | 'eraseDevice';

export class Client implements ClientApi {
  readonly #options: ClientOptions;
  readonly #phase = new Source<Phase>({ type: 'Starting' });
  readonly #watchers = new Set<{ open: (engine: Engine) => void; close: () => void }>();
  #header: VaultHeader | undefined;
  #master: MasterKey | undefined;
  #engine: Engine | undefined;
  #calls: OpenCalls | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Finds out what is on this device and opens it if no passphrase is needed. */
  async start(): Promise<void> {
    try {
      await ready();
      const header = await readVaultHeader(this.#options.store);
      if (header === 'Damaged') this.#phase.set({ type: 'Broken', reason: 'Damaged' });
      else if (header === undefined) {
        this.#phase.set(this.#options.hadAccount === true ? { type: 'Broken', reason: 'Evicted' } : { type: 'Empty' });
      } else await this.#enter(header);
    } catch (error) {
      this.#break(error);
    }
  }

  /** The open engine; for tests and the simulation, which look behind the API. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  async call<K extends CallName>(name: K, input: CallInput<K>): AnyResult<K> {
    try {
      const life = this.#life[name as LifeCall] as ((input: CallInput<K>) => AnyResult<K>) | undefined;
      if (life !== undefined) return await life(input);
      const handler = this.#calls?.[name as keyof OpenCalls] as ((input: CallInput<K>) => AnyResult<K>) | undefined;
      return handler === undefined ? refused({ type: 'NotOpen' }) : await handler(input);
    } catch (error) {
      if (error instanceof LaneClosed) return refused({ type: 'NotOpen' });
      if (storeErrorType(error) === 'QuotaExceeded') return refused({ type: 'StorageFull' });
      throw error;
    }
  }

  watch<K extends WatchName>(name: K, args: WatchArgs<K>, onValue: (value: WatchValue<K>) => void): () => void {
    if (name === 'phase') {
      const emit = onValue as (value: Phase) => void;
      emit(this.#phase.get());
      return this.#phase.subscribe(() => {
        emit(this.#phase.get());
      });
    }
    let stop: () => void = () => undefined;
    const watcher = {
      open: (engine: Engine): void => {
        stop = watchOf(engine, name, args, onValue, (error) => this.#options.onError?.(error));
      },
      close: (): void => {
        stop();
        stop = () => undefined;
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
    await this.#leave();
    await this.#options.store.close();
  }

  readonly #life: { readonly [K in LifeCall]: (input: CallInput<K>) => AnyResult<K> } = {
    createAccount: async ({ name, avatar, passphrase, relayUrl }) => {
      const phase = this.#phase.get();
      const mayStart = phase.type === 'Empty' || (phase.type === 'Broken' && phase.reason === 'Evicted');
      if (!mayStart) return refused({ type: 'AlreadyExists' });
      const problem = checkProfile(name, avatar) ?? checkPassphrase(passphrase);
      if (problem !== undefined) return refused(problem);
      if (!isRelayUrl(relayUrl)) return refused({ type: 'RelayRefused', code: 'NotAUrl' });
      this.#phase.set({ type: 'Starting' });
      await this.#create({ name: name.trim(), avatar, passphrase, relayUrl });
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
      await this.#leave();
      await this.#options.store.destroy();
      await this.#options.eraseStorage();
      await this.#options.deviceSecret.forget();
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
    const { identity, preKeys } = createIdentity({ relayUrl: input.relayUrl, now: clock.now(), random });
    const personal = await openPersonalDocuments({
      storage: this.#sealedStorage(master),
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
    const batch = new Batch();
    putIdentity(batch, identity);
    putPreKeys(batch, preKeys);
    await batch.commit(createSealedStore({ inner: raw, keys: vaultKeys(master), random }));
    await this.#open(master);
  }

  #sealedStorage(master: MasterKey): DocumentStorage {
    const keys = vaultKeys(master);
    const { storage: inner, random } = this.#options;
    return createEncryptedStorageAdapter({
      inner,
      keys: { values: keys.documents, names: keys.documentNames },
      random,
    });
  }

  async #wrap(master: MasterKey, passphrase: string | undefined): Promise<void> {
    const { deviceSecret, random, store, vaultCost } = this.#options;
    const op = await wrapVault({ master, passphrase, deviceSecret, random, ...(vaultCost && { cost: vaultCost }) });
    await store.commit([op]);
    const header = await readVaultHeader(store);
    if (header !== 'Damaged') this.#header = header;
  }

  async #open(master: MasterKey): Promise<void> {
    const { store, storage, link, clock, random, segmentSize } = this.#options;
    const engine = await openEngine({
      master,
      store,
      storage,
      link,
      clock,
      random,
      isLocked: () => this.#header?.mode === 'passphrase',
      onFailure: (error) => {
        this.#break(error);
      },
      ...(segmentSize !== undefined && { segmentSize }),
    });
    if (engine === undefined) {
      // Keys without an account: onboarding was cut short. Nothing is lost by starting over.
      this.#header = undefined;
      this.#phase.set({ type: 'Empty' });
      return;
    }
    await engine.job(async (batch) => {
      engine.chats.open(batch, engine.self.identity.account.id, engine.self.identity.account.publicKey);
      await adoptContacts(engine, batch);
    });
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

  async #leave(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#calls = undefined;
    this.#master?.fill(0);
    this.#master = undefined;
    for (const watcher of this.#watchers) watcher.close();
    await engine?.close();
  }

  #break(error: unknown): void {
    this.#options.onError?.(error);
    const type = storeErrorType(error);
    const reason = type === 'QuotaExceeded' ? 'StorageFull' : type === 'Unavailable' ? 'StorageUnavailable' : 'Damaged';
    void this.#leave().catch(() => undefined);
    this.#phase.set({ type: 'Broken', reason });
  }
}

/** A client over the given ports; `start` has been called and its first phase is known when this resolves. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const client = new Client(options);
  await client.start();
  return client;
}

function checkPassphrase(passphrase: string | undefined): ClientError | undefined {
  if (passphrase === undefined || passphrase.length >= MIN_PASSPHRASE) return undefined;
  return { type: 'PassphraseTooShort', minimum: MIN_PASSPHRASE };
}
