/**
 * An open engine: the parts wired together, from unlocked keys to `close`. Holds no feature of its own; see
 * ARCHITECTURE, "The life of a message", for how the parts work on each other.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type DeviceLog,
  type MasterKey,
  type Random,
  activeDevices,
} from '@securechat/crypto';
import type { DocumentStorage } from './ports/document-storage.ts';
import { createRememberingStore } from './adapters/remembering-store.ts';
import { createSealedStore } from './adapters/sealed-store.ts';
import { Alarms } from './alarms/alarms.ts';
import type { Connection, SystemItem } from './api.ts';
import { type Batch, inBatch } from './batch.ts';
import { type StorageEstimate, settingsOf } from './calls/device-calls.ts';
import { writable } from './calls/composing.ts';
import { Absorb } from './chats/absorb.ts';
import { type Chat, ChatBook, isRoot } from './chats/chat-book.ts';
import { Composer } from './chats/composer.ts';
import { ChatEvents } from './chats/events.ts';
import { Expiry, allDisappearing } from './chats/expiry.ts';
import { healProjection } from './chats/healing-projection.ts';
import { OwnTyping } from './chats/own-typing.ts';
import { Redrawing } from './chats/redrawing.ts';
import { Timers } from './chats/timers.ts';
import { TYPING_MEMBERS, Typing } from './chats/typing.ts';
import { Withholding } from './chats/withholding.ts';
import { Absence } from './connection/absence.ts';
import { Home, type Self } from './connection/home.ts';
import { Network } from './connection/network.ts';
import type { ConnectionState } from './connection/relay-connection.ts';
import { ConnectionStatus } from './connection/status.ts';
import { People } from './contacts/people.ts';
import { Exchange } from './devices/exchange.ts';
import { History } from './devices/history.ts';
import { Membership } from './devices/membership.ts';
import { OwnLog } from './devices/own-log.ts';
import { Directory } from './directory/directory.ts';
import { type PersonalDocuments, type WireChange, openPersonalDocuments } from './documents/index.ts';
import { GroupBook } from './groups/group-book.ts';
import { GroupOpening } from './groups/group-opening.ts';
import { ActWriter } from './groups/act-writer.ts';
import { Groups } from './groups/groups.ts';
import { Joining } from './groups/joining.ts';
import { loadIdentity } from './identity/identity.ts';
import { type GroupPartOf, Intake, type Sender } from './inbox/intake.ts';
import { Opening } from './inbox/opening.ts';
import { Lane, LaneClosed } from './lane.ts';
import { Courier } from './outbox/courier.ts';
import { GroupCourier } from './outbox/group-courier.ts';
import { LinkHost } from './linking/host.ts';
import { ChatMedia } from './media/chat-media.ts';
import type { Media } from './media/media.ts';
import type { ViewOnce } from './media/view-once.ts';
import { OWN_TALK_LIMIT, Outbox, TALK_LIMIT } from './outbox/outbox.ts';
import type { Part, SharedProfile } from './payload/payload.ts';
import { Acquaintance } from './peers/acquaintance.ts';
import { Introduction } from './peers/introduction.ts';
import { type Peer, Peers } from './peers/peers.ts';
import type { BlobCache } from './ports/blob-cache.ts';
import type { Clock } from './ports/clock.ts';
import type { RelayLink } from './ports/relay-link.ts';
import type { StorageLink } from './ports/storage-link.ts';
import { storeErrorType } from './ports/store-error.ts';
import type { Store } from './ports/store.ts';
import { type Projection, createProjection } from './projection/projection.ts';
import type { MessageRow } from './projection/row.ts';
import type { VerifiedRecord } from './records/index.ts';
import { Repair } from './repair/repair.ts';
import { SessionBook } from './sessions/session-book.ts';
import type { StatusRow } from './statuses/status-row.ts';
import { Statuses } from './statuses/statuses.ts';
import { type EndedCall, writeEndedCall } from './telephony/records.ts';
import { GroupTelephony } from './telephony/group/group-telephony.ts';
import { Telephony } from './telephony/telephony.ts';
import { CallLog } from './telephony/call-log.ts';
import { sealDocuments } from './vault/sealed-documents.ts';
import { vaultKeys } from './vault/vault.ts';
import { subscribeKeys } from './views/changed-keys.ts';
import { CallListView } from './views/call-list-view.ts';
import { ChatViews } from './views/chat-views.ts';
import { CompletenessView } from './views/completeness.ts';
import { GroupView } from './views/group-view.ts';
import { Pins } from './views/pins.ts';
import { Receipts } from './views/receipts.ts';
import { statusQuote } from './views/status-view.ts';
import { TimelineView } from './views/timeline-view.ts';
import { Topics } from './views/topics.ts';

/** How long the engine stays off line when the disk was full, before it tries whether there is room. */
const FULL_PAUSE = 60_000;

export interface EngineOptions {
  readonly master: MasterKey;
  /** The raw store and the raw document storage: the engine seals both. */
  readonly store: Store;
  readonly storage: DocumentStorage;
  readonly link: RelayLink;
  /** Sealed files, and where they come from. */
  readonly blobCache: BlobCache;
  readonly storageLink: StorageLink;
  readonly clock: Clock;
  readonly random: Random;
  readonly segmentSize?: number;
  readonly oneTimePreKeys?: number;
  /** Whether a passphrase protects this device now. */
  readonly isLocked: () => boolean;
  /** What the platform says of the origin's storage; absent in Node. */
  readonly estimate?: StorageEstimate;
  /** Contacts that the personal documents know of get their chats. Part of a lane job. */
  readonly adoptContacts: (engine: Engine, batch: Batch) => Promise<void>;
  /** Another own device ended this one's membership. Called once. */
  readonly onUnlinked: () => void;
  /** A background job failed: the engine cannot go on. Called once. */
  readonly onFailure: (error: unknown) => void;
  /** Something was left out because of a bug; everything else goes on. */
  readonly onTrouble: (error: unknown) => void;
}

/** A few open windows of a chat. */
const ROWS_AT_HAND = 512;

/** Opens the engine, or answers undefined when the store holds keys but no account (onboarding was cut short). */
export async function openEngine(options: EngineOptions): Promise<Engine | undefined> {
  const keys = vaultKeys(options.master);
  const sealed = createSealedStore({ inner: options.store, keys, random: options.random });
  const store = createRememberingStore({ inner: sealed, table: 'rows', most: ROWS_AT_HAND });
  const loaded = await loadIdentity(store);
  if (loaded === undefined) return undefined;
  const storage = sealDocuments({ inner: options.storage, keys, random: options.random });
  const personal = await openPersonalDocuments({
    storage,
    accountSecret: loaded.identity.account.secretKey,
    random: options.random,
    alone: activeDevices(loaded.identity.log).length === 1,
  });
  const engine = new Engine(options, store, storage, loaded, personal);
  try {
    await engine.load();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

export class Engine {
  readonly store: Store;
  /** Sealed, as the store is. */
  readonly storage: DocumentStorage;
  readonly self: Self;
  readonly personal: PersonalDocuments;
  readonly lane = new Lane();
  readonly topics = new Topics();
  readonly clock: Clock;
  readonly random: Random;
  /** What the platform says of the origin's storage; absent in Node. */
  readonly estimate: StorageEstimate | undefined;
  readonly directory: Directory;
  readonly home: Home;
  readonly peers = new Peers();
  readonly people: People;
  readonly alarms = new Alarms();
  readonly events: ChatEvents;
  readonly outbox: Outbox;
  readonly chats: ChatBook;
  readonly projection: Projection;
  readonly timers: Timers;
  readonly callLog: CallLog;
  readonly telephony: Telephony;
  readonly groupTelephony: GroupTelephony;
  readonly callList: CallListView;
  readonly composer: Composer;
  readonly ownTyping: OwnTyping;
  readonly absorb: Absorb;
  readonly media: Media;
  readonly viewOnce: ViewOnce;
  readonly groupBook: GroupBook;
  readonly groups: Groups;
  readonly joining: Joining;
  readonly acts: ActWriter;
  readonly groupView: GroupView;
  readonly statuses: Statuses;
  readonly withholding: Withholding;
  readonly repair: Repair;
  readonly ownLog: OwnLog;
  readonly membership: Membership;
  readonly exchange: Exchange;
  readonly history: History;
  readonly linkHost: LinkHost;
  readonly acquaintance: Acquaintance;
  readonly views: ChatViews;
  readonly receipts: Receipts;
  readonly timeline: TimelineView;

  readonly #options: EngineOptions;
  readonly #sessions: SessionBook;
  readonly #introduction: Introduction;
  readonly #courier: Courier;
  readonly #groupCourier: GroupCourier;
  readonly #intake: Intake;
  readonly #typing: Typing;
  readonly #redrawing: Redrawing;
  readonly #expiry: Expiry;
  readonly #chatMedia: ChatMedia;
  readonly #status: ConnectionStatus;
  #network: Network | undefined;
  #shared: SharedProfile = { name: '', updated: 0 };
  #publishing = false;
  #failed = false;
  #isCaughtUp = false;
  #isUnlinked = false;
  readonly #absence: Absence;
  readonly #blocked = new Set<AccountId>();
  #cancelRoom: (() => void) | undefined;

  constructor(options: EngineOptions, store: Store, storage: DocumentStorage, self: Self, personal: PersonalDocuments) {
    this.#options = options;
    this.store = store;
    this.storage = storage;
    this.self = self;
    this.personal = personal;
    const { clock, random } = options;
    this.clock = clock;
    this.random = random;
    this.estimate = options.estimate;
    const now = (): number => clock.now();
    const { lane, peers, alarms } = this;
    const background = this.background;
    const me = self.identity.account.id;
    const isContact = (id: AccountId): boolean => this.people.isContact(id);
    /** A contact, or one's own account, whose other devices are written to in the same way. */
    const isTrusted = (id: AccountId): boolean => id === me || isContact(id);
    /** Who has accepted, too. */
    const isFriend = (id: AccountId): boolean => this.people.stateOf(id) === 'accepted';
    const siblings = (): readonly DeviceId[] => this.ownLog.siblings.map(({ id }) => id);
    const isUpToDate = (): boolean => this.#network?.homeState.type === 'online' && this.#status.isUpToDate;
    const ownLog = (log: DeviceLog, batch: Batch): void => void this.ownLog.adopt(log, batch);
    const kick = (): void => {
      this.kick();
    };

    this.#typing = new Typing(clock, (chatId) => {
      this.chatChanged(chatId);
    });
    this.#status = new ConnectionStatus(() => {
      this.topics.emit('connection');
    });
    this.directory = new Directory(options.link);
    const { directory } = this;
    this.ownLog = new OwnLog({
      self,
      peers,
      grew: (before, after) => {
        this.#ownLogGrew(before, after);
      },
    });
    this.membership = new Membership({
      ...{ self, store, lane, clock, directory, peers, alarms, ownLog: this.ownLog },
    });
    this.home = new Home({
      ...{ self, store, lane, clock, random, directory },
      mailboxOf: (deviceId) => peers.get(me)?.addresses[deviceId]?.mailbox,
      catchUp: () => this.membership.catchUp(),
      isUnlinked: () => this.ownLog.isUnlinked,
      ...(options.oneTimePreKeys !== undefined && { oneTimePreKeys: options.oneTimePreKeys }),
    });
    this.people = new People(self, peers, personal);
    this.#absence = new Absence({
      ...{ store, clock },
      contacts: () =>
        [...peers.all()].flatMap(({ accountId, log }) =>
          accountId !== me && log !== undefined && isContact(accountId) ? [accountId] : [],
        ),
    });
    this.events = new ChatEvents(store, random);
    this.#sessions = new SessionBook(store);
    this.outbox = new Outbox(
      (refs) => {
        for (const chatId of new Set(refs.map((ref) => ref.chatId))) this.#ticked(chatId);
        this.topics.emit('connection');
      },
      (accountId) => (accountId === me ? OWN_TALK_LIMIT : TALK_LIMIT),
    );
    this.chats = new ChatBook({
      self,
      store,
      storage,
      random,
      now,
      ...(options.segmentSize !== undefined && { segmentSize: options.segmentSize }),
    });
    this.groupBook = new GroupBook(store);
    this.ownTyping = new OwnTyping({ outbox: this.outbox, book: this.groupBook, now });
    this.withholding = new Withholding({
      ...{ chats: this.chats, now },
      logOf: (id, batch) => peers.get(id, batch)?.log,
      confirmedTo: (id) => this.people.confirmedTo(id),
    });
    const isHidden = (chatId: string, id: string): boolean =>
      personal.chats
        .get()
        .get(chatId as ChatId)
        ?.hidden.has(id) ?? false;
    const projection = createProjection({
      store,
      me: self.identity.account.id,
      now,
      accountOf: (chatId, author) => this.chats.get(chatId as ChatId)?.authors.get(author)?.accountId,
      isHidden,
      isOpened: (chatId, id) => this.viewOnce.isOpened(chatId as ChatId, id),
    });
    this.projection = healProjection(projection, {
      rebuild: (chatId) => this.#redrawing.redraw(chatId),
      all: () => [...this.chats.all()].map(({ chatId }) => chatId),
      background,
    });
    this.callLog = new CallLog({
      ...{ store, now },
      changed: () => {
        this.topics.emit('calls');
      },
    });
    this.#redrawing = new Redrawing({
      ...{ calls: this.callLog, chats: this.chats, projection: this.projection, background },
      parts: () => ({ groups: this.groups, composer: this.composer }),
      changed: (chatId) => {
        this.chatChanged(chatId);
      },
    });
    const write = (call: EndedCall, along: (batch: Batch) => void): Promise<unknown> =>
      writeEndedCall({ store, chats: this.chats, composer: this.composer, groups: this.groups }, call, along);
    this.telephony = new Telephony({
      ...{ self, store, clock, outbox: this.outbox, peers, kick, background },
      hasSiblings: () => siblings().length > 0,
      isFriend,
      nameOf: (id) => this.people.nameOf(id),
      deviceNameOf: (id) => this.personal.devices.get().get(id)?.name ?? '',
      isInGroupCall: () => this.groupTelephony.isInCall,
      write,
      changed: () => {
        this.topics.emit('call');
      },
    });
    this.groupTelephony = new GroupTelephony({
      ...{ self, store, clock, random, outbox: this.outbox, peers, book: this.groupBook, kick, background, write },
      isBlocked: (id) => this.people.isBlocked(id),
      nameOf: (id) => this.people.nameOf(id),
      titleOf: (id) => this.#titleOf(id),
      isInCall: () => this.telephony.isInCall,
      changed: () => {
        this.topics.emit('groupCalls');
      },
    });
    this.callList = new CallListView({
      ...{ log: this.callLog, chats: this.chats, people: this.people, groups: this.groupBook },
      me: () => me,
    });
    this.#expiry = new Expiry({
      ...{ what: allDisappearing([this.projection, this.callLog]), clock, background },
      commit: ({ ops, released }) =>
        inBatch(store, (batch) => {
          batch.add(ops);
          this.media.release(batch, released);
        }),
      changed: (chatId) => {
        this.chatChanged(chatId);
        this.topics.emit('expired', 'calls');
      },
    });
    this.timers = new Timers({
      ...{ chats: this.chats, groups: this.groupBook },
      note: (batch, chatId, event, time, id) => this.events.add(batch, chatId, event, time, id),
    });
    this.#chatMedia = new ChatMedia({
      ...{ store, clock, random, cache: options.blobCache, link: options.storageLink, home: this.home, directory },
      ...{ lane, projection: this.projection, opened: personal.chats, isContact, background, me, kick },
      ...{ chats: this.chats, outbox: this.outbox, groups: () => this.groups },
      hasSiblings: () => siblings().length > 0,
      relayUrl: () => self.identity.relayUrl,
      job: (act) => this.job(act),
      composer: () => this.composer,
      postStatus: (row, media, along) => this.statuses.postFile(row, media, along),
      writable: (chatId) => writable(this, chatId),
      settings: () => settingsOf(personal),
      changed: (what) => {
        this.topics.emit(what);
      },
      chatChanged: (chatId) => {
        this.chatChanged(chatId);
      },
      onTrouble: options.onTrouble,
    });
    this.media = this.#chatMedia.media;
    this.viewOnce = this.#chatMedia.viewOnce;
    this.statuses = new Statuses({
      ...{ self, store, storage, random, clock, outbox: this.outbox, peers, personal, media: this.media },
      ...{ siblings, isContact, isOnline: isUpToDate, kick, background },
      isFriend,
      friends: () => [...personal.contacts.get().keys()].filter(isFriend),
      confirmedTo: (id) => this.people.confirmedTo(id),
      changed: (row) => {
        this.#statusChanged(row);
      },
    });
    this.composer = new Composer({
      self,
      store,
      chats: this.chats,
      projection: this.projection,
      outbox: this.outbox,
      timers: this.timers,
      calls: this.callLog,
      audience: (chat) => [
        ...(chat.with.type !== 'contact' || this.people.isBlocked(chat.with.peer) ? [] : [chat.with.peer]),
        ...(siblings().length > 0 ? [me] : []),
      ],
      isNewThere: (chat) => this.withholding.withholds(chat),
      released: (pointers, batch) => this.media.end(batch, pointers),
      shown: (chat, records) => this.groups.shown(chat, records),
      publishing: (chat) => this.groups.makeRoom(chat),
      published: (chat, record, change, batch) => this.#published(chat, record, change, batch),
      now,
      changed: (chatId) => {
        this.chatChanged(chatId);
      },
      kick,
      trouble: options.onTrouble,
    });
    this.joining = new Joining({
      ...{ store, book: this.groupBook, outbox: this.outbox },
      changed: () => {
        this.topics.emit('joins');
      },
      came: () => {
        background(() => this.acts.letIn());
      },
    });
    this.groups = new Groups({
      ...{ book: this.groupBook, chats: this.chats, peers, outbox: this.outbox, me, now, isContact },
      joining: this.joining,
      introduce: (accountId) => {
        this.#introduction.ask(accountId);
      },
      ask: (chat, batch, to) => this.repair.ask(chat, batch, to),
      confirm: (root, accountId, batch) => {
        this.repair.tellMemberMarks(root, accountId, batch);
      },
      note: (batch, chatId, event, time, id) => this.events.add(batch, chatId, event, time, id),
      keyCame: () => {
        this.#intake.recheck();
      },
      changed: (groupId) => {
        this.chatChanged(groupId);
        this.groupTelephony.reconsider();
        this.kick();
      },
      redraw: (groupId, batch) => {
        this.#redrawing.plan(batch, groupId);
      },
    });
    this.acts = new ActWriter({
      ...{ store, book: this.groupBook, groups: this.groups, chats: this.chats, composer: this.composer },
      ...{ peers, joining: this.joining, me, now },
    });
    this.repair = new Repair({
      store,
      chats: this.chats,
      composer: () => this.composer,
      withholding: this.withholding,
      groups: this.groups,
      outbox: this.outbox,
      clock,
      me,
      siblings,
      isRestored: () => this.ownLog.isRestored,
      isContact,
      lackCard: (id) => this.acquaintance.lackCard(id),
      unheard: (id) => {
        this.acquaintance.lookAgain(id);
      },
      sendsRead: () => personal.settings.get()['sendReceipts'] !== false,
      readMarks: (chatId) => personal.chats.get().get(chatId)?.readMarks ?? new Map(),
      isOnline: isUpToDate,
      isTakingIn: () => this.#intake.waiting > 0,
      changed: (chat) => {
        this.chatChanged(chat.with.type === 'group' ? chat.with.groupId : chat.chatId);
      },
      kick,
      background,
    });
    this.absorb = new Absorb({
      chats: this.chats,
      projection: this.projection,
      composer: this.composer,
      repair: this.repair,
      withholding: this.withholding,
      timers: this.timers,
      calls: this.callLog,
      alarms,
      now,
      me,
      isContact,
      groups: this.groups,
      filled: () => {
        this.topics.emit('history');
        // Meanwhile nothing was asked of other own devices, which may have what this one had not.
        this.exchange.hurry();
      },
      healed: () => {
        this.exchange.hurry();
      },
      released: (pointers, batch) => {
        this.media.release(batch, pointers);
      },
      changed: (chat, added) => {
        this.#absorbed(chat, added);
      },
    });
    this.acquaintance = new Acquaintance({
      ...{ self, store, clock, peers, directory, chats: this.chats, isContact, kick, background },
      isCompanion: (id) => this.groups.isCompanion(id) || this.joining.isAsked(id),
      withholding: this.withholding,
      introduction: () => this.#introduction,
      repair: () => this.repair,
      profile: () => this.sharedProfile(),
      chatWith: (id) => this.chats.get(this.people.chatWith(id)),
      note: (batch, chat, event) => this.note(batch, chat.chatId, event),
      changed: ({ chatId }) => {
        this.chatChanged(chatId);
        this.topics.emit('contacts');
      },
      tellOwn: (peer, batch) => {
        this.exchange.tellPeer(peer, batch);
      },
    });
    const logGrew = async (before: Peer, after: Peer, batch: Batch): Promise<void> => {
      this.#devicesChanged(after.accountId, batch);
      await this.acquaintance.logGrew(before, after, batch);
    };
    this.exchange = new Exchange({
      ...{
        store,
        clock,
        personal,
        peers,
        chats: this.chats,
        outbox: this.outbox,
        repair: this.repair,
        kick,
        background,
      },
      ownLog: this.ownLog,
      isOnline: isUpToDate,
      chatsByTime: () => [...this.chats.all()].sort((a, b) => b.time.ms - a.time.ms),
      adoptContacts: (batch) => options.adoptContacts(this, batch),
      peerMoved: async (before, after, batch) => {
        this.#devicesChanged(after.accountId, batch);
        await this.acquaintance.logGrew(before, after, batch);
        batch.then(() => {
          this.chatChanged(this.people.chatWith(after.accountId));
          this.topics.emit('contacts');
        });
      },
      merged: () => {
        this.shareProfile();
      },
      statusDigest: () => this.statuses.digest(),
      tellGroup: (batch, groupId, to) => {
        this.groups.tell(batch, groupId, to);
      },
      filling: () => {
        this.topics.emit('history');
      },
    });
    this.history = new History({ chats: this.chats, clock });
    this.linkHost = new LinkHost({
      ...{ self, clock, random, directory, peers, personal },
      ownLog: this.ownLog,
      membership: this.membership,
      sessions: this.#sessions,
      welcome: (deviceId, batch, ready) => this.exchange.welcome(deviceId, batch, ready),
      prepareWelcome: () => this.exchange.prepareWelcome(),
      content: () => this.content(),
    });
    this.#introduction = new Introduction({
      self,
      store,
      clock,
      random,
      directory: this.directory,
      peers,
      sessions: this.#sessions,
      alarms,
      learned: (accountId) => {
        this.#absence.lookedUp(accountId);
        this.#intake.recheck();
        this.#courier.kick();
        this.#groupCourier.kick();
        this.acquaintance.learned(accountId);
      },
      ownLog,
      logGrew,
      logFirstSeen: (accountId, log) => this.#acceptFirstLog(accountId, log),
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
      preface: (peer, deviceId) => this.acquaintance.preface(peer, deviceId),
      background,
    });
    this.#groupCourier = new GroupCourier({
      ...{ self, store, clock, random, outbox: this.outbox, peers, groups: this.groupBook },
      network: () => this.#network,
      introduce: (accountId) => {
        this.#introduction.ask(accountId);
      },
      kick: () => {
        this.#courier.kick();
      },
      background,
    });
    const groupOpening = new GroupOpening({ groups: this.groupBook, peers, now });
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
        openForGroup: (data, batch) => groupOpening.open(data, batch),
        isContact: (id) => isTrusted(id) || this.groups.isCompanion(id) || this.joining.isAsked(id),
        isStale: (id) => this.#absence.isStale(id),
        ownLog,
        logGrew,
      }),
      now,
      ack: (ids) => this.#network?.ack(ids),
      isContact: isTrusted,
      before: () => this.composer.publishAll(),
      apply: (news, batch) => this.absorb.apply(news, batch),
      introduce: (accountId) => {
        this.#introduction.ask(accountId);
      },
      onOwn: (part, deviceId, batch) => this.exchange.take(part, deviceId, batch),
      brokenSession: (accountId, deviceId) => {
        this.acquaintance.resetSession(accountId, deviceId);
      },
      groups: this.groups,
      onStatus: (part, from, batch) => this.statuses.take(part, from, batch),
      onPhone: (part, from, batch) => {
        this.telephony.take(part, from, batch);
      },
      onGroupCall: (part, from, batch) => {
        this.groupTelephony.take(part, from, batch);
      },
      onGroup: async (part, from, batch) => {
        await this.#takeGroupPart(part, from, batch);
        batch.then(kick);
      },
      onUnknownKey: (groupId) => {
        this.repair.want(groupId);
      },
      onTyping: (chat, accountId, typing) => {
        if (this.#showsTyping(chat, accountId)) this.#typing.set(chat.chatId, accountId, typing);
      },
      onMedia: (part, from) => {
        this.#chatMedia.heard(part, from);
      },
      onPeer: (peer, batch) => {
        this.acquaintance.wrote(peer, batch);
      },
      onCard: (peer, deviceId, batch) => {
        this.acquaintance.answerCard(peer, deviceId, batch);
      },
      onTaken: (count, left) => {
        this.#status.tookIn(count, left);
        if (this.#status.isUpToDate) this.#upToDate();
      },
      onOverflow: () => {
        this.#network?.renew();
      },
      trouble: options.onTrouble,
      background,
    });
    this.receipts = new Receipts({
      ...{ book: this.groupBook, people: this.people, projection: this.projection },
      me: () => self.identity.account.id,
    });
    const pins = new Pins({
      ...{ book: this.groupBook, people: this.people, projection: this.projection, isHidden, now },
      me: () => self.identity.account.id,
    });
    this.views = new ChatViews({
      chats: this.chats,
      people: this.people,
      personal,
      projection: this.projection,
      outbox: this.outbox,
      composer: this.composer,
      withholding: this.withholding,
      groups: this.groups,
      receipts: this.receipts,
      timers: this.timers,
      calls: this.callList,
      pins,
      completeness: new CompletenessView({
        ...{ chats: this.chats, people: this.people, personal, siblings },
        askedIn: (chat) => this.repair.askedIn(chat),
      }),
      isRestored: () => this.ownLog.isRestored,
      typists: (chatId) => this.#typing.in(chatId),
      alarms: () => alarms.list.get(),
      me: () => self.identity.account.id,
    });
    this.groupView = new GroupView({
      ...{ book: this.groupBook, people: this.people, now },
      linkOf: (key) => this.joining.linkOf(key),
      me: () => self.identity.account.id,
    });
    this.timeline = new TimelineView({
      projection: this.projection,
      people: this.people,
      personal,
      outbox: this.outbox,
      events: this.events,
      calls: this.callList,
      views: this.views,
      groups: this.groupView,
      pins,
      statusQuote: (chat, ref, isMine) => statusQuote(this, ref, { peer: chat.with.peer, isMine }),
      me: () => self.identity.account.id,
    });
  }

  /** Reads what was stored. Afterwards everything can be shown; {@link start} takes up unfinished work. */
  async load(): Promise<void> {
    const { store } = this;
    this.shareProfile();
    await this.peers.load(store);
    await this.alarms.load(store);
    await this.chats.load();
    await this.callLog.load();
    await this.telephony.load();
    await this.groupTelephony.load();
    await this.groupBook.load();
    await this.joining.load();
    await this.projection.load();
    await this.outbox.load(store);
    await this.composer.load();
    await this.#absence.load();
    await this.media.load();
    await this.statuses.load();
    this.alarms.list.subscribe(() => {
      this.topics.emit('alarms');
    });
    subscribeKeys(this.personal.chats, (chatIds) => {
      for (const chatId of chatIds) this.chatChanged(chatId);
      this.#chatMedia.takeOpened(chatIds);
    });
    for (const { accountId } of this.peers.all()) if (this.people.isBlocked(accountId)) this.#blocked.add(accountId);
    subscribeKeys(this.personal.contacts, (accountIds) => {
      for (const accountId of accountIds) {
        this.chatChanged(this.people.chatWith(accountId));
        this.#noteBlocked(accountId);
        this.telephony.decidedAbout(accountId);
      }
      this.groupTelephony.reconsider();
      this.topics.emit('contacts', 'statuses');
    });
    this.personal.profile.subscribe(() => {
      // The user's own name stands beside messages in every chat.
      this.views.forgetAll();
      this.topics.emit('profile', 'chats');
      for (const chat of this.chats.all()) this.topics.emit(`chat:${chat.chatId}`);
    });
    this.personal.settings.subscribe(() => {
      this.topics.emit('settings', 'protection', 'statuses');
    });
    this.personal.devices.subscribe(() => {
      this.topics.emit('devices');
    });
  }

  /** Finishes what an earlier run left (intents before the inbox: their times come first), then goes online. */
  start(): void {
    this.#expiry.start();
    this.statuses.startExpiry();
    if (this.ownLog.isUnlinked) {
      this.#options.onUnlinked();
      return;
    }
    this.background(this.#takeUp);
    this.media.start();
    this.#chatMedia.takeOpened(this.personal.chats.get().keys());
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
          this.#status.drained(this.#intake.waiting);
          this.#intake.recheck();
          if (this.#status.isUpToDate) this.#upToDate();
        },
        onReachable: () => {
          this.#introduction.hurry();
          this.#courier.hurry();
          this.#groupCourier.hurry();
        },
      },
    });
    this.#network.start();
    this.repair.start();
    this.exchange.start();
    this.statuses.startTelling();
  }

  /** Lane job: what an earlier run left. Harmless to repeat. */
  readonly #takeUp = async (): Promise<void> => {
    await this.#redrawing.takeUp();
    await this.composer.publishAll();
    await this.telephony.writeDown();
    await this.groupTelephony.writeDown();
    await this.#intake.load();
    await this.acts.letIn();
    await this.composer.forgetOldCalls();
  };

  /** Goes offline, lets the running job end and frees the documents. Storage stays open: its owner closes it. */
  async close(): Promise<void> {
    this.#cancelRoom?.();
    this.#expiry.stop();
    this.statuses.stop();
    this.linkHost.stop();
    this.exchange.stop();
    this.repair.stop();
    this.#courier.stop();
    this.#groupCourier.stop();
    this.#introduction.stop();
    this.#typing.stop();
    this.telephony.stop();
    this.groupTelephony.stop();
    this.home.stop();
    this.#network?.stop();
    this.#network = undefined;
    await this.media.stop();
    await this.lane.close();
    await this.chats.close();
    await this.personal.close();
  }

  /** One user action: runs in the lane, commits its batch, and answers. Rejects with the storage error, if any. */
  job<T>(act: (batch: Batch) => T | Promise<T>): Promise<T> {
    return this.lane.run(() => inBatch(this.store, act));
  }

  /** A job nobody waits for. A full disk is waited out; any other failure is the engine's end. */
  readonly background = (job: () => Promise<void>): void => {
    this.lane.run(job).catch((error: unknown) => {
      if (error instanceof LaneClosed || this.#failed) return;
      if (storeErrorType(error) === 'QuotaExceeded') {
        this.#waitForRoom();
        return;
      }
      this.#failed = true;
      this.#options.onFailure(error);
    });
  };

  /**
   * The disk is full: the relay keeps what it has for us, and what we have for it stays where it is. All that was not
   * stored is as if it had not happened, so trying again later is all there is to do.
   */
  #waitForRoom(): void {
    if (this.#cancelRoom !== undefined) return;
    this.#network?.stop();
    this.#cancelRoom = this.clock.after(FULL_PAUSE, () => {
      this.#cancelRoom = undefined;
      this.background(this.#takeUp);
      this.#network?.start();
      this.kick();
    });
  }

  /** Resolves when no job is queued or running. */
  idle(): Promise<void> {
    return this.lane.idle();
  }

  isLocked(): boolean {
    return this.#options.isLocked();
  }

  /** Its relay is there. */
  get isOnline(): boolean {
    return this.#network?.homeState.type === 'online';
  }

  get connection(): Connection {
    return this.#status.show(this.outbox.waitingMessages);
  }

  /** What the user has on this device. */
  async content(): Promise<{ readonly chats: number; readonly messages: number }> {
    const chats = [...this.chats.all()].filter((chat) => !isRoot(chat));
    let messages = 0;
    for (const { chatId } of chats) messages += await this.projection.messageCount(chatId);
    return { chats: chats.length, messages };
  }

  /** Takes in one frame of a backup; answers how many records it brought. */
  async takeBackup(parts: readonly Part[]): Promise<number> {
    return this.lane.run(async () => {
      const before = this.chats.countRecords();
      await this.#intake.takeOwn(parts);
      return this.chats.countRecords() - before;
    });
  }

  /** Tries again at once: the browser came online, or the user asked. */
  reconnect(): void {
    this.#network?.start();
    this.#courier.hurry();
    this.#groupCourier.hurry();
    this.media.hurry();
  }

  /** The platform says that the network is gone: do not wait for the socket to notice, dial again. */
  networkLost(): void {
    this.#network?.renew();
  }

  /** Looks at the outbox again after something was added. */
  kick(): void {
    this.#publish();
    this.#courier.kick();
    this.#groupCourier.kick();
  }

  /** The user's own profile as contacts get it: never one that this device could still lose. */
  sharedProfile(): SharedProfile {
    return this.#shared;
  }

  /** Shows contacts the profile as it is now. Call when it is durable. */
  shareProfile(): void {
    const { name, avatar, updated } = this.personal.profile.get();
    this.#shared = { name, updated, ...(avatar && { avatar }) };
  }

  /** Adds a system line to a chat, in the caller's job. */
  async note(batch: Batch, chatId: ChatId, event: SystemItem['event'], time = this.clock.now()): Promise<void> {
    await this.events.add(batch, chatId, event, time);
    batch.then(() => {
      this.chatChanged(chatId);
    });
  }

  /** A chat's summary and window are out of date. */
  chatChanged(chatId: ChatId): void {
    this.views.forget(chatId);
    this.#expiry.plan();
    this.topics.emit(`chat:${chatId}`, 'chats');
  }

  #titleOf(chatId: ChatId): string {
    const chat = this.chats.get(chatId);
    return chat === undefined ? '' : this.views.titleOf(chat);
  }

  /** Which devices an account has is different. Part of a job. */
  #devicesChanged(accountId: AccountId, batch: Batch): void {
    this.telephony.reconsider(accountId, batch);
    batch.then(() => {
      this.groupTelephony.reconsider();
    });
  }

  /** A message, or a status, is queued or has left. */
  #ticked(chatId: ChatId): void {
    if (this.statuses.book.get(chatId) === undefined) this.chatChanged(chatId);
    else this.topics.emit('statuses');
  }

  /** A status, what is shown of its file, and the messages that quote it. */
  #statusChanged(row: StatusRow): void {
    const { account, id } = row;
    const isMine = account === this.self.identity.account.id;
    const others = isMine ? (row.audience ?? []) : [account];
    this.topics.emit(
      'statuses',
      `chat:${id}`,
      ...others.map((other) => `chat:${this.people.chatWith(other)}` as const),
    );
  }

  #publish(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    this.background(async () => {
      this.#publishing = false;
      if (!(await this.composer.publishOne())) return;
      this.#courier.kick();
      this.#groupCourier.kick();
      this.#publish();
    });
  }

  #homeState(state: ConnectionState, problem: string | undefined): void {
    this.#status.moved(state, problem);
    if (state.type === 'online') {
      this.#absence.cameOnline();
      this.media.hurry();
    } else this.#isCaughtUp = false;
    if (problem === 'Unlinked') this.#unlinked();
  }

  /** Everything that waited at the relay is taken in: now it shows what is missing. */
  #upToDate(): void {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    void this.home.keepPreKeys();
    this.repair.hurry();
    this.exchange.hurry();
    if (this.ownLog.siblings.length > 0) this.#introduction.ask(this.ownLog.me);
    this.background(this.#noteOnline);
  }

  /** Lane job: after a long absence everybody is asked. */
  readonly #noteOnline = async (): Promise<void> => {
    if (this.#absence.wasLong) await this.#askEveryone();
    await this.#absence.end();
    // Own devices see when this one was last here.
    if (this.ownLog.siblings.length > 0)
      await this.personal.devices.seen(this.self.identity.device.id, this.clock.now());
  };

  /**
   * The devices of a contact with whom nothing was ever written are taken as they are: there is nothing to keep from them.
   * Not when others of this account, or its lost devices, may have written with them.
   */
  async #acceptFirstLog(accountId: AccountId, log: DeviceLog): Promise<void> {
    const { people, ownLog } = this;
    const records = this.chats.get(people.chatWith(accountId))?.records ?? 0;
    if (!people.isContact(accountId) || records > 0 || ownLog.siblings.length > 0 || ownLog.isRestored) return;
    const confirmedTo = log.entries.length;
    if (confirmedTo > people.confirmedTo(accountId)) await this.personal.contacts.set(accountId, { confirmedTo });
  }

  /** What an account said while it was blocked was dropped, here and on the other own devices: it is asked for. */
  #noteBlocked(accountId: AccountId): void {
    if (this.people.isBlocked(accountId)) {
      this.#blocked.add(accountId);
      return;
    }
    const chat = this.chats.get(this.people.chatWith(accountId));
    if (!this.#blocked.delete(accountId) || chat === undefined) return;
    this.background(async () => {
      await inBatch(this.store, (batch) => this.repair.ask(chat, batch));
      this.kick();
    });
  }

  async #askEveryone(): Promise<void> {
    for (const chat of this.chats.all()) await inBatch(this.store, (batch) => this.repair.ask(chat, batch));
    this.kick();
  }

  /** The account has other devices than before. */
  #ownLogGrew(before: DeviceLog, after: DeviceLog): void {
    this.topics.emit('devices', 'protection');
    if (this.ownLog.isUnlinked) {
      this.#unlinked();
      return;
    }
    const now = new Set(activeDevices(after).map(({ id }) => id));
    this.groupTelephony.reconsider();
    const isSmaller = activeDevices(before).some(({ id }) => !now.has(id));
    this.acquaintance.tellEveryone();
    this.exchange.hurry();
    // The device that left may have been the only one to have something.
    if (isSmaller) this.background(() => this.#askEveryone());
  }

  #unlinked(): void {
    if (this.#isUnlinked) return;
    this.#isUnlinked = true;
    this.home.stop();
    this.#network?.stop();
    this.#courier.stop();
    this.#groupCourier.stop();
    this.#introduction.stop();
    this.repair.stop();
    this.exchange.stop();
    this.statuses.stopTelling();
    this.#chatMedia.stopSending();
    this.telephony.leaveAll();
    this.groupTelephony.leaveAll();
    this.#options.onUnlinked();
  }

  #absorbed(chat: Chat, added: readonly MessageRow[]): void {
    this.chatChanged(chat.chatId);
    for (const { mine, account } of added) if (!mine) this.#typing.set(chat.chatId, account as AccountId, false);
    if (chat.filling !== undefined) this.topics.emit('history');
    this.#chatMedia.came(chat, added);
    this.kick();
  }

  /** Whether it is shown that they type: in a group only that a member does, where members tell it. */
  #showsTyping(chat: Chat, accountId: AccountId): boolean {
    if (chat.with.type !== 'group') return true;
    const members = this.groupBook.stateOf(chat.with.groupId)?.members;
    return !isRoot(chat) && members?.has(accountId) === true && members.size <= TYPING_MEMBERS;
  }

  async #takeGroupPart(part: GroupPartOf, from: Sender, batch: Batch): Promise<void> {
    switch (part.type) {
      case 'group':
        await this.groups.join(part, from, batch);
        return;
      case 'senderKey':
        this.groups.takeKey(part, from, batch);
        return;
      case 'join':
        this.joining.takeComer(part, from.accountId, batch);
        return;
      case 'joinAnswer':
        this.joining.takeAnswer(part, from.accountId, batch);
        return;
    }
  }

  /** An act of ours counts from here on; those whom it is about, and who would not hear of it otherwise, are told. */
  async #published(chat: Chat, record: VerifiedRecord, change: WireChange, batch: Batch): Promise<void> {
    const { body } = record;
    if (chat.with.type !== 'group' || body.kind !== 'act') return;
    await this.groups.govern(chat, [record], batch);
    this.groups.tellConcerned(chat, body.act, change, batch);
  }
}
