/**
 * An open engine: the parts wired together, from unlocked keys to `close`. Holds no feature of its own; see
 * ARCHITECTURE, "The life of a message", for how the parts work on each other.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type MasterKey,
  type Random,
  encodeDeviceLog,
  logView,
} from '@securechat/crypto';
import type { DocumentStorage } from './ports/document-storage.ts';
import { createSealedStore } from './adapters/sealed-store.ts';
import { Alarms } from './alarms/alarms.ts';
import type { Connection, SystemItem } from './api.ts';
import { Batch } from './batch.ts';
import { Absorb } from './chats/absorb.ts';
import { type Chat, ChatBook } from './chats/chat-book.ts';
import { Composer } from './chats/composer.ts';
import { ChatEvents } from './chats/events.ts';
import { Home, type Self } from './connection/home.ts';
import { Network } from './connection/network.ts';
import type { ConnectionState } from './connection/relay-connection.ts';
import { People } from './contacts/people.ts';
import { Directory } from './directory/directory.ts';
import { type PersonalDocuments, createEncryptedStorageAdapter, openPersonalDocuments } from './documents/index.ts';
import { loadIdentity } from './identity/identity.ts';
import { Intake } from './inbox/intake.ts';
import { Opening } from './inbox/opening.ts';
import { Lane, LaneClosed } from './lane.ts';
import { Courier } from './outbox/courier.ts';
import { Outbox } from './outbox/outbox.ts';
import type { Part, SharedProfile } from './payload/payload.ts';
import { Introduction } from './peers/introduction.ts';
import { type Peer, Peers } from './peers/peers.ts';
import type { Clock } from './ports/clock.ts';
import type { RelayLink } from './ports/relay-link.ts';
import type { Store } from './ports/store.ts';
import { type Projection, createProjection } from './projection/projection.ts';
import type { MessageRow } from './projection/row.ts';
import { Repair } from './repair/repair.ts';
import { SessionBook } from './sessions/session-book.ts';
import { vaultKeys } from './vault/vault.ts';
import { ChatViews } from './views/chat-views.ts';
import { TimelineView } from './views/timeline-view.ts';
import { Topics } from './views/topics.ts';

/** A "typing" that was not taken back is forgotten after this long. */
const TYPING_LIFE = 8_000;
/** A session with the same device is not replaced more often. */
const RESET_PAUSE = 10 * 60_000;

export interface EngineOptions {
  readonly master: MasterKey;
  /** The raw store and the raw document storage: the engine seals both. */
  readonly store: Store;
  readonly storage: DocumentStorage;
  readonly link: RelayLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly segmentSize?: number;
  /** Whether a passphrase protects this device now. */
  readonly isLocked: () => boolean;
  /** A background job failed: the engine cannot go on. Called once. */
  readonly onFailure: (error: unknown) => void;
}

/** Opens the engine, or answers undefined when the store holds keys but no account (onboarding was cut short). */
export async function openEngine(options: EngineOptions): Promise<Engine | undefined> {
  const keys = vaultKeys(options.master);
  const store = createSealedStore({ inner: options.store, keys, random: options.random });
  const loaded = await loadIdentity(store);
  if (loaded === undefined) return undefined;
  const storage = createEncryptedStorageAdapter({
    inner: options.storage,
    keys: { values: keys.documents, names: keys.documentNames },
    random: options.random,
  });
  const personal = await openPersonalDocuments({
    storage,
    accountSecret: loaded.identity.account.secretKey,
    random: options.random,
  });
  const engine = new Engine(options, store, storage, loaded, personal);
  await engine.load();
  return engine;
}

export class Engine {
  readonly store: Store;
  readonly self: Self;
  readonly personal: PersonalDocuments;
  readonly lane = new Lane();
  readonly topics = new Topics();
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly home: Home;
  readonly peers = new Peers();
  readonly people: People;
  readonly alarms = new Alarms();
  readonly events: ChatEvents;
  readonly outbox: Outbox;
  readonly chats: ChatBook;
  readonly projection: Projection;
  readonly composer: Composer;
  readonly absorb: Absorb;
  readonly repair: Repair;
  readonly views: ChatViews;
  readonly timeline: TimelineView;

  readonly #options: EngineOptions;
  readonly #sessions: SessionBook;
  readonly #introduction: Introduction;
  readonly #courier: Courier;
  readonly #intake: Intake;
  readonly #typing = new Map<ChatId, () => void>();
  readonly #resets = new Map<DeviceId, number>();
  readonly #askAfterReset = new Set<AccountId>();
  #network: Network | undefined;
  #connection: Connection = { state: 'offline', waiting: 0 };
  #publishing = false;
  #failed = false;

  constructor(options: EngineOptions, store: Store, storage: DocumentStorage, self: Self, personal: PersonalDocuments) {
    this.#options = options;
    this.store = store;
    this.self = self;
    this.personal = personal;
    const { clock, random } = options;
    this.clock = clock;
    this.random = random;
    const now = (): number => clock.now();
    const { lane, peers, alarms } = this;
    const background = this.background;
    const isContact = (id: AccountId): boolean => this.people.isContact(id);
    const kick = (): void => {
      this.#publish();
      this.#courier.kick();
    };

    this.directory = new Directory(options.link);
    this.home = new Home({ self, store, lane, directory: this.directory, clock, random });
    this.people = new People(self, peers, personal);
    this.events = new ChatEvents(store, random);
    this.#sessions = new SessionBook(store);
    this.outbox = new Outbox((refs) => {
      for (const { chatId } of refs) this.#chatChanged(chatId);
      this.topics.emit('connection');
    });
    this.chats = new ChatBook({
      self,
      store,
      storage,
      random,
      now,
      ...(options.segmentSize !== undefined && { segmentSize: options.segmentSize }),
    });
    this.projection = createProjection({
      store,
      me: self.identity.account.id,
      accountOf: (chatId, author) => this.chats.get(chatId as ChatId)?.authors.get(author)?.accountId,
      isHidden: (chatId, id) =>
        personal.chats
          .get()
          .get(chatId as ChatId)
          ?.hidden.has(id) ?? false,
    });
    this.composer = new Composer({
      self,
      store,
      chats: this.chats,
      projection: this.projection,
      outbox: this.outbox,
      audience: (chat) => (chat.isSelf || this.people.isBlocked(chat.peer) ? [] : [chat.peer]),
      now,
      changed: (chatId) => {
        this.#chatChanged(chatId);
      },
      kick,
    });
    this.repair = new Repair({
      store,
      chats: this.chats,
      composer: () => this.composer,
      outbox: this.outbox,
      clock,
      isContact,
      lacksCard: (id) => this.#lacksCard(id),
      sendsRead: () => personal.settings.get()['sendReceipts'] !== false,
      readMarks: (chatId) => personal.chats.get().get(chatId)?.readMarks ?? new Map(),
      isOnline: () => this.#network?.homeState.type === 'online',
      kick,
      background,
    });
    this.absorb = new Absorb({
      chats: this.chats,
      projection: this.projection,
      composer: this.composer,
      outbox: this.outbox,
      repair: this.repair,
      alarms,
      now,
      isContact,
      changed: (chat, added) => {
        this.#absorbed(chat, added);
      },
    });
    this.#introduction = new Introduction({
      self,
      store,
      lane,
      clock,
      random,
      directory: this.directory,
      peers,
      sessions: this.#sessions,
      alarms,
      learned: (accountId) => {
        this.#learned(accountId);
      },
      background,
    });
    this.#courier = new Courier({
      self,
      store,
      lane,
      clock,
      random,
      outbox: this.outbox,
      peers,
      sessions: this.#sessions,
      network: () => this.#network,
      introduce: (accountId) => {
        this.#introduction.ask(accountId);
      },
      preface: (peer) => this.#preface(peer),
      background,
    });
    this.#intake = new Intake({
      self,
      store,
      chats: this.chats,
      peers,
      sessions: this.#sessions,
      opening: new Opening({
        self,
        peers,
        sessions: this.#sessions,
        alarms,
        now,
        isBlocked: (id) => this.people.isBlocked(id),
        isContact,
      }),
      now,
      ack: (ids) => this.#network?.ack(ids),
      isContact,
      apply: (news, batch) => this.absorb.apply(news, batch),
      introduce: (accountId, fresh) => {
        this.#introduction.ask(accountId, { fresh });
      },
      brokenSession: (accountId, deviceId) => {
        this.#resetSession(accountId, deviceId);
      },
      onTyping: (chatId, typing) => {
        this.#setTyping(chatId, typing);
      },
      onPeer: (peer, batch) => this.#peerMoved(peer, batch),
      onBuffer: () => {
        this.topics.emit('connection');
      },
      onOverflow: () => {
        this.reconnect();
      },
      background,
    });
    this.views = new ChatViews({
      chats: this.chats,
      people: this.people,
      personal,
      projection: this.projection,
      outbox: this.outbox,
      composer: this.composer,
      isTyping: (chatId) => this.#typing.has(chatId),
      alarms: () => alarms.list.get(),
      me: () => self.identity.account.id,
    });
    this.timeline = new TimelineView({
      projection: this.projection,
      people: this.people,
      personal,
      outbox: this.outbox,
      events: this.events,
      views: this.views,
      me: () => self.identity.account.id,
    });
  }

  /** Reads what was stored. Afterwards everything can be shown; {@link start} takes up unfinished work. */
  async load(): Promise<void> {
    const { store } = this;
    await this.peers.load(store);
    await this.alarms.load(store);
    await this.chats.load();
    await this.outbox.load(store);
    await this.composer.load();
    this.alarms.list.subscribe(() => {
      this.views.forgetAll();
      this.topics.emit('alarms', 'chats');
      for (const chat of this.chats.all()) this.topics.emit(`chat:${chat.chatId}`);
    });
    this.personal.chats.subscribe(() => {
      this.#everythingChanged();
    });
    this.personal.contacts.subscribe(() => {
      this.#everythingChanged();
      this.topics.emit('contacts');
    });
    this.personal.profile.subscribe(() => {
      this.#everythingChanged();
      this.topics.emit('profile');
    });
    this.personal.settings.subscribe(() => {
      this.topics.emit('settings');
    });
  }

  /** Finishes what an earlier run left (intents before the inbox: their times come first), then goes online. */
  start(): void {
    this.background(async () => {
      for (const chatId of await this.projection.unfinishedRebuilds()) await this.#rebuild(chatId as ChatId);
      while (await this.composer.publishOne()) continue;
      await this.#intake.load();
    });
    const { identity } = this.self;
    const { clock, random, link } = this.#options;
    this.#network = new Network({
      homeUrl: identity.relayUrl,
      link,
      clock,
      random,
      signIn: this.home.signIn,
      events: {
        onHomeState: (state, problem) => {
          this.#homeState(state, problem);
        },
        onDeliver: (envelope) => {
          this.#intake.deliver(envelope);
        },
        onDrained: () => {
          this.#intake.recheck();
        },
        onReachable: () => {
          this.#introduction.hurry();
          this.#courier.hurry();
        },
      },
    });
    this.#network.start();
    this.repair.start();
  }

  /** Goes offline, lets the running job end and frees the documents. Storage stays open: its owner closes it. */
  async close(): Promise<void> {
    this.#network?.stop();
    this.#network = undefined;
    this.repair.stop();
    this.#courier.stop();
    this.#introduction.stop();
    for (const cancel of this.#typing.values()) cancel();
    this.#typing.clear();
    await this.lane.close();
    await this.chats.close();
    await this.personal.close();
  }

  /** One user action: runs in the lane, commits its batch, and answers. Rejects with the storage error, if any. */
  job<T>(act: (batch: Batch) => Promise<T>): Promise<T> {
    return this.lane.run(async () => {
      const batch = new Batch();
      const value = await act(batch);
      await batch.commit(this.store);
      return value;
    });
  }

  /** A job nobody waits for; its failure is the engine's. */
  readonly background = (job: () => Promise<void>): void => {
    this.lane.run(job).catch((error: unknown) => {
      if (error instanceof LaneClosed || this.#failed) return;
      this.#failed = true;
      this.#options.onFailure(error);
    });
  };

  /** Resolves when no job is queued or running. */
  idle(): Promise<void> {
    return this.lane.idle();
  }

  isLocked(): boolean {
    return this.#options.isLocked();
  }

  get connection(): Connection {
    return { ...this.#connection, waiting: this.outbox.waitingMessages };
  }

  /** Tries again at once: the browser came online, or the user asked. */
  reconnect(): void {
    this.#network?.start();
    this.#courier.hurry();
  }

  /** Looks at the outbox again after something was added. */
  kick(): void {
    this.#publish();
    this.#courier.kick();
  }

  /** The user's own profile as contacts get it. */
  sharedProfile(): SharedProfile {
    const { name, avatar, updated } = this.personal.profile.get();
    return { name, updated, ...(avatar && { avatar }) };
  }

  /** Adds a system line to a chat, in the caller's job. */
  async note(batch: Batch, chatId: ChatId, event: SystemItem['event']): Promise<void> {
    await this.events.add(batch, chatId, event, this.clock.now());
    batch.then(() => {
      this.#chatChanged(chatId);
    });
  }

  /** A chat's summary and window are out of date. */
  chatChanged(chatId: ChatId): void {
    this.#chatChanged(chatId);
  }

  #publish(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    this.background(async () => {
      this.#publishing = false;
      if (!(await this.composer.publishOne())) return;
      this.#courier.kick();
      this.#publish();
    });
  }

  #homeState(state: ConnectionState, problem: string | undefined): void {
    this.#connection = {
      state: state.type === 'online' ? 'online' : state.type === 'connecting' ? 'connecting' : 'offline',
      waiting: 0,
      ...(state.type === 'waiting' && { nextAttemptAt: state.until }),
      ...(isProblem(problem) && { problem }),
    };
    if (state.type === 'online') this.repair.hurry();
    this.topics.emit('connection');
  }

  /** What goes with everything sent to a peer until it showed that it knows our log and profile. */
  #preface(peer: Peer): readonly Part[] {
    if (!this.#lacksCard(peer.accountId)) return [];
    const { log, relayUrl, mailbox } = this.self.identity;
    const profile = this.sharedProfile();
    const card: Part = {
      type: 'card',
      accepts: true,
      deviceLog: encodeDeviceLog(log),
      relayUrl,
      mailbox,
      ...(peer.knowsProfile !== profile.updated && { profile }),
    };
    return [card];
  }

  #lacksCard(accountId: AccountId): boolean {
    const peer = this.peers.get(accountId);
    if (peer === undefined || !this.people.isContact(accountId)) return false;
    return (
      peer.knowsLog < logView(this.self.identity.log).length ||
      peer.knowsProfile !== this.personal.profile.get().updated
    );
  }

  #absorbed(chat: Chat, added: readonly MessageRow[]): void {
    this.#chatChanged(chat.chatId);
    if (added.some((row) => !row.mine)) this.#setTyping(chat.chatId, false);
    this.kick();
  }

  /** A peer showed something new of itself or of what it knows of us. */
  #peerMoved(peer: Peer, batch: Batch): void {
    const before = this.peers.get(peer.accountId);
    this.chats.open(batch, peer.accountId, peer.publicKey);
    const behind =
      peer.log !== undefined && before?.log !== undefined && logView(before.log).length < logView(peer.log).length;
    batch.then(() => {
      if (before?.profile !== peer.profile || before?.accepts !== peer.accepts || behind) this.#everythingChanged();
      this.topics.emit('contacts');
    });
  }

  #learned(accountId: AccountId): void {
    this.#intake.recheck();
    this.#courier.kick();
    if (!this.#askAfterReset.delete(accountId)) return;
    const chat = this.chats.get(this.people.chatWith(accountId));
    if (chat === undefined) return;
    this.background(async () => {
      const batch = new Batch();
      await this.repair.ask(chat, batch);
      await batch.commit(this.store);
      this.#courier.kick();
    });
  }

  #resetSession(accountId: AccountId, deviceId: DeviceId): void {
    const now = this.clock.now();
    if ((this.#resets.get(deviceId) ?? -Infinity) > now - RESET_PAUSE) return;
    this.#resets.set(deviceId, now);
    this.#askAfterReset.add(accountId);
    this.#introduction.ask(accountId, { fresh: [deviceId] });
  }

  #setTyping(chatId: ChatId, typing: boolean): void {
    this.#typing.get(chatId)?.();
    const was = this.#typing.delete(chatId);
    if (typing) {
      const cancel = this.clock.after(TYPING_LIFE, () => {
        this.#setTyping(chatId, false);
      });
      this.#typing.set(chatId, cancel);
    }
    if (was !== typing) this.#chatChanged(chatId);
  }

  #chatChanged(chatId: ChatId): void {
    this.views.forget(chatId);
    this.topics.emit(`chat:${chatId}`, 'chats');
  }

  #everythingChanged(): void {
    this.views.forgetAll();
    this.topics.emit('chats');
    for (const chat of this.chats.all()) this.topics.emit(`chat:${chat.chatId}`);
  }

  async #rebuild(chatId: ChatId): Promise<void> {
    const chat = this.chats.get(chatId);
    if (chat === undefined) return;
    const documents = await this.chats.documents(chat);
    await this.projection.rebuild(chatId, documents.readAll());
    this.#chatChanged(chatId);
  }
}

function isProblem(problem: string | undefined): problem is NonNullable<Connection['problem']> {
  return problem === 'SignInRefused' || problem === 'VersionTooOld' || problem === 'NotRegistered';
}
