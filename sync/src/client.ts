/**
 * The engine as the app sees it: `call` and `watch`, over all phases of a device's life (no account, locked, open,
 * broken). Everything with a feature in it is in `calls/`, `views/` and below; here is only the life cycle.
 */
import { type DeviceId, type MasterKey, type PreKeys, type Random, ready } from '@securechat/crypto';
import type { DocumentStorage } from './ports/document-storage.ts';
import { createMemoryBlobCache } from './adapters/memory-blob-cache.ts';
import { createSealedStore } from './adapters/sealed-store.ts';
import { createWebStorageLink } from './adapters/web-storage-link.ts';
import {
  type CallInput,
  type CallName,
  type CallValue,
  type ClientApi,
  type ClientError,
  type Linking,
  MIN_PASSPHRASE,
  NAME_LIMIT,
  type Phase,
  type Result,
  type WatchArgs,
  type WatchName,
  type WatchValue,
} from './api.ts';
import { inBatch } from './batch.ts';
import { type Handlers, done, refused } from './calls/answers.ts';
import { backupCalls } from './calls/backup-calls.ts';
import { groupCallCalls } from './calls/group-call-calls.ts';
import { groupCalls } from './calls/group-calls.ts';
import { groupLinkCalls } from './calls/group-link-calls.ts';
import { adoptContacts, contactCalls, readInvitation } from './calls/contact-calls.ts';
import { type StorageEstimate, checkProfile, deviceCalls } from './calls/device-calls.ts';
import { exportCalls } from './calls/export-calls.ts';
import { iceCalls } from './calls/ice-calls.ts';
import { mediaCalls } from './calls/media-calls.ts';
import { messageCalls } from './calls/message-calls.ts';
import { phoneCalls } from './calls/phone-calls.ts';
import { pollCalls } from './calls/poll-calls.ts';
import { ownDeviceCalls } from './calls/own-device-calls.ts';
import { statusCalls } from './calls/status-calls.ts';
import { timerCalls } from './calls/timer-calls.ts';
import { Directory } from './directory/directory.ts';
import { type PersonalDocuments, openPersonalDocuments } from './documents/index.ts';
import { type Engine, openEngine } from './engine.ts';
import {
  type Identity,
  createDeviceKeys,
  createIdentity,
  linkedIdentity,
  putIdentity,
  putPreKeys,
} from './identity/identity.ts';
import { restoreIdentity } from './identity/restoration.ts';
import { Lane, LaneClosed } from './lane.ts';
import { LinkGuest } from './linking/guest.ts';
import { isRelayUrl } from './peers/introduction.ts';
import { type PeerAddress, Peers, newPeer } from './peers/peers.ts';
import type { BlobCache } from './ports/blob-cache.ts';
import type { Clock } from './ports/clock.ts';
import type { DeviceSecret } from './ports/device-secret.ts';
import type { RelayLink } from './ports/relay-link.ts';
import type { StorageLink } from './ports/storage-link.ts';
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
  /** Sealed files of messages. Default: in memory, gone with the client. */
  readonly blobCache?: BlobCache;
  /** Default: over fetch. */
  readonly storageLink?: StorageLink;
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
type LifeCall =
  'createAccount' | 'startLinking' | 'cancelLinking' | 'restore' | 'unlock' | 'lock' | 'setPassphrase' | 'eraseDevice';

/** Everything that a new account, a linked one and a restored one begin with on a device. */
interface Beginning {
  readonly identity: Identity;
  readonly preKeys: PreKeys;
  readonly passphrase: string | undefined;
  /** Of the other own devices. */
  readonly addresses?: ReadonlyMap<DeviceId, PeerAddress>;
  /** Of the personal documents, when other own devices have them. */
  readonly generations?: ReadonlyMap<string, number>;
  /** Writes what the personal documents begin with. */
  readonly fill?: (personal: PersonalDocuments) => Promise<void>;
}

export class Client implements ClientApi {
  readonly #options: ClientOptions;
  readonly #blobCache: BlobCache;
  readonly #storageLink: StorageLink;
  readonly #phase = new Source<Phase>({ type: 'Starting' });
  readonly #linking = new Source<Linking>({ type: 'Idle' });
  #guest: LinkGuest | undefined;
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
    this.#blobCache = options.blobCache ?? createMemoryBlobCache();
    this.#storageLink = options.storageLink ?? createWebStorageLink();
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
      if (this.#engine?.ownLog.isUnlinked === true && !UNLINKED_CALLS.has(name)) return refused({ type: 'Unlinked' });
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
    if (name === 'phase') return watchSource(this.#phase, onValue as (value: Phase) => void);
    if (name === 'linking') return watchSource(this.#linking, onValue as (value: Linking) => void);
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
    this.#endLinking();
    await this.#lifeLane.run(() => this.#leave()).catch(ignoreClosed);
    await this.#lifeLane.close();
    await this.#blobCache.close();
    await this.#options.store.close();
  }

  readonly #life: { readonly [K in LifeCall]: (input: CallInput<K>) => AnyResult<K> } = {
    createAccount: async ({ name, avatar, passphrase, relayUrl, deviceName = '' }) => {
      const problem =
        this.#checkStart(passphrase, relayUrl) ?? checkProfile(name, avatar) ?? checkDeviceName(deviceName);
      if (problem !== undefined) return refused(problem);
      this.#endLinking();
      const { random, clock, oneTimePreKeys } = this.#options;
      const created = createIdentity({ relayUrl, now: clock.now(), random, oneTimePreKeys });
      return this.#begin({
        ...{ ...created, passphrase },
        fill: async (personal) => {
          const { device } = created.identity;
          await personal.profile.set({ name: name.trim(), updated: clock.now(), ...(avatar && { avatar }) });
          await personal.devices.set(device.id, { name: deviceName.trim(), addedAt: clock.now() });
        },
      });
    },
    startLinking: ({ relayUrl, deviceName, passphrase }) => {
      const problem = this.#checkStart(passphrase, relayUrl) ?? checkDeviceName(deviceName);
      if (problem !== undefined) return Promise.resolve(refused(problem));
      this.#endLinking();
      this.#startLinking(relayUrl, deviceName.trim(), passphrase);
      return Promise.resolve(done(null));
    },
    cancelLinking: () => {
      this.#endLinking();
      return Promise.resolve(done(null));
    },
    restore: async ({ phrase, relayUrl, deviceName, passphrase }) => {
      const problem = this.#checkStart(passphrase, relayUrl) ?? checkDeviceName(deviceName);
      if (problem !== undefined) return refused(problem);
      this.#endLinking();
      const { random, clock, link, oneTimePreKeys } = this.#options;
      const restored = await restoreIdentity({
        ...{ phrase, relayUrl, random, oneTimePreKeys, now: clock.now(), directory: new Directory(link) },
      });
      if (!restored.ok) return restored;
      const { addresses, ...rest } = restored.value;
      const begun = await this.#begin({
        ...{ ...rest, passphrase, addresses },
        fill: (personal) =>
          personal.devices.set(rest.identity.device.id, { name: deviceName.trim(), addedAt: clock.now() }),
      });
      return begun.ok ? done(null) : begun;
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
        await this.#blobCache.clear();
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

  /** Undefined: an account may begin on this device. */
  #checkStart(passphrase: string | undefined, relayUrl: string): ClientError | undefined {
    const phase = this.#phase.get();
    const mayStart = phase.type === 'Empty' || (phase.type === 'Broken' && phase.reason === 'Evicted');
    if (!mayStart) return { type: 'AlreadyExists' };
    return (
      checkPassphrase(passphrase) ?? (isRelayUrl(relayUrl) ? undefined : { type: 'RelayRefused', code: 'NotAUrl' })
    );
  }

  #startLinking(relayUrl: string, deviceName: string, passphrase: string | undefined): void {
    const { random, clock, link, oneTimePreKeys } = this.#options;
    // Made now, not at the end: pre-keys take a while, and the device has nothing else to do.
    const own = createDeviceKeys({ now: clock.now(), random, oneTimePreKeys });
    const guest = new LinkGuest({
      ...{ clock, random, relayUrl, deviceName, directory: new Directory(link) },
      device: own.device,
      mailbox: own.mailbox,
      preKeys: own.preKeys,
      show: (state) => {
        if (this.#guest === guest) this.#linking.set(state);
      },
      accept: (grant) =>
        this.#lifeLane.run(async () => {
          const begun = await this.#begin({ ...linkedIdentity(grant, own), passphrase });
          if (!begun.ok) throw new Error(`linking: ${begun.error.type}`);
        }),
    });
    this.#guest = guest;
    guest.run().then(
      () => {
        if (this.#phase.get().type === 'Open' && this.#guest === guest) this.#endLinking();
      },
      (error: unknown) => {
        this.#endLinking();
        this.#break(error);
      },
    );
  }

  #endLinking(): void {
    this.#guest?.stop();
    this.#guest = undefined;
    this.#linking.set({ type: 'Idle' });
  }

  /** Stores an account with this as its device, and opens it. */
  async #begin(input: Beginning): AnyResult<'createAccount'> {
    const before = this.#phase.get();
    this.#phase.set({ type: 'Starting' });
    try {
      await this.#store(input);
    } catch (error) {
      this.#phase.set(before); // whatever was stored is a cut-short onboarding, and harmless
      throw error;
    }
    const opened = this.#phase.get() as Phase;
    return opened.type === 'Open' ? done({ accountId: opened.accountId }) : refused({ type: 'NotOpen' });
  }

  async #store({ identity, preKeys, passphrase, addresses, generations, fill }: Beginning): Promise<void> {
    const { store: raw, random } = this.#options;
    const master = createMasterKey(random);
    await this.#wrap(master, passphrase);
    const keys = vaultKeys(master);
    const personal = await openPersonalDocuments({
      storage: sealDocuments({ inner: this.#options.storage, keys, random }),
      accountSecret: identity.account.secretKey,
      random,
      alone: false,
      ...(generations && { generations: Object.fromEntries(generations) }),
    });
    await fill?.(personal);
    await personal.close();
    // Last, and alone: an identity row means that everything before it is there.
    await inBatch(createSealedStore({ inner: raw, keys, random }), (batch) => {
      const { account, log, relayUrl } = identity;
      const peer = newPeer(account.id, account.publicKey, relayUrl);
      new Peers().put(batch, { ...peer, log, accepts: true, addresses: Object.fromEntries(addresses ?? []) });
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
      await this.#settle(engine);
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
      ...mediaCalls(engine),
      ...pollCalls(engine),
      ...groupCalls(engine),
      ...groupLinkCalls(engine),
      ...statusCalls(engine),
      ...timerCalls(engine),
      ...phoneCalls(engine),
      ...groupCallCalls(engine),
      ...iceCalls(engine),
      ...deviceCalls(engine),
      ...ownDeviceCalls(engine),
      ...backupCalls(engine),
      ...exportCalls(engine),
    };
    this.#phase.set(openPhase(engine));
    for (const watcher of this.#watchers) watcher.open(engine);
    engine.start();
  }

  /** A full disk stops nobody from reading: then this waits for the next start. */
  async #settle(engine: Engine): Promise<void> {
    try {
      await engine.job((batch) => {
        engine.ownLog.settle(batch);
      });
    } catch (error) {
      if (storeErrorType(error) !== 'QuotaExceeded') throw error;
    }
  }

  #openEngine(master: MasterKey): Promise<Engine | undefined> {
    const { store, storage, link, clock, random, segmentSize, oneTimePreKeys } = this.#options;
    return openEngine({
      ...{ master, store, storage, link, clock, random },
      ...{ blobCache: this.#blobCache, storageLink: this.#storageLink },
      isLocked: () => this.#header?.mode === 'passphrase',
      adoptContacts,
      onUnlinked: () => {
        if (this.#engine !== undefined) this.#phase.set(openPhase(this.#engine));
      },
      ...(this.#options.estimate && { estimate: this.#options.estimate }),
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

/** What an unlinked device may still do: read, search, export, and be erased. */
const UNLINKED_CALLS: ReadonlySet<CallName> = new Set<CallName>([
  'exportPart',
  'storageUse',
  'safetyNumber',
  'readInvitation',
  'dismissAlarm',
  'setSettings',
  'markRead',
  'loadMedia',
  'cancelMedia',
  'mediaBytes',
  'mediaUse',
  'freeMedia',
]);

function openPhase(engine: Engine): Phase {
  const { isUnlinked } = engine.ownLog;
  return { type: 'Open', accountId: engine.self.identity.account.id, ...(isUnlinked && { unlinked: true }) };
}

function watchSource<T>(source: Source<T>, onValue: (value: T) => void): () => void {
  onValue(source.get());
  return source.subscribe(() => {
    onValue(source.get());
  });
}

function checkDeviceName(name: string): ClientError | undefined {
  return name.trim().length > NAME_LIMIT ? { type: 'TooLong', limit: NAME_LIMIT } : undefined;
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
