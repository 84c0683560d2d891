/**
 * A device that was unlinked and kept all it had: the account's secret, its own keys, its sessions, its author keys. It no
 * longer runs an engine; it says by hand what no honest one would.
 */
import {
  type AccountId,
  type AuthorKey,
  type Authority,
  type ChatId,
  type DeviceId,
  type DeviceLog,
  type LogView,
  type Random,
  type Sessions,
  certifyAuthor,
  createAuthorKey,
  decodeSessions,
  emptySessions,
  encodeDeviceLog,
  logView,
  openEnvelope,
  openMessage,
  openPreKeyBundle,
  proveAuthor,
  sealEnvelope,
  sealMessage,
  seededRandom,
  signAsDevice,
  startSession,
  toBase64Url,
} from '@securechat/crypto';
import {
  type EnvelopeId,
  LABELS,
  type MailboxId,
  type RelayFrame,
  decodeRelayFrame,
  encodeFrame,
  signInBytes,
} from '@securechat/relay-protocol';
import { audience, register } from '../../src/connection/registration.ts';
import type { Self } from '../../src/connection/home.ts';
import { Directory } from '../../src/directory/directory.ts';
import type { Engine } from '../../src/engine.ts';
import { PAYLOAD_AD } from '../../src/outbox/courier.ts';
import { type DocumentChange, type Part, type Views, encodePayload } from '../../src/payload/payload.ts';
import { storeKey } from '../../src/ports/store-key.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { Forger } from '../simulation/forge.ts';
import { RELAY_URL, type World } from '../simulation/world.ts';

/** Whom it writes to, as it learned before: it cannot ask anybody any more. */
export interface Target {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly deviceKey: Self['identity']['device']['publicKey'];
  readonly mailbox: MailboxId;
  /** How much of the account's log the target knew. */
  readonly yours: LogView;
}

export class Rogue {
  readonly self: Self;
  readonly random: Random = seededRandom(new Uint8Array(32).fill(13));
  readonly #world: World;
  readonly #device: SimulatedDevice;
  readonly #engine: Engine;
  readonly #sessions: Map<DeviceId, Sessions>;

  private constructor(world: World, device: SimulatedDevice, engine: Engine, sessions: Map<DeviceId, Sessions>) {
    this.#world = world;
    this.#device = device;
    this.#engine = engine;
    this.#sessions = sessions;
    this.self = { ...engine.self };
  }

  /** Copies everything out of a device that is still a member; `knows` are devices that it has talked to. */
  static async of(device: SimulatedDevice, world: World, knows: readonly SimulatedDevice[]): Promise<Rogue> {
    const engine = opened(device);
    const sessions = new Map<DeviceId, Sessions>();
    for (const other of knows) {
      const { id } = opened(other).self.identity.device;
      const bytes = await engine.store.get('sessions', storeKey(id));
      const decoded = bytes && decodeSessions(bytes);
      if (decoded?.ok === true) sessions.set(id, decoded.value);
    }
    return new Rogue(world, device, engine, sessions);
  }

  /** Its author key in a chat in which it had written. */
  author(chatId: string): AuthorKey {
    return this.#forger(chatId).author;
  }

  /** A record as it would have written it; every one stands alone, so nothing that it depends on can be missing. */
  record(chatId: string, text: string, { at, n = 1, author }: { at?: number; n?: number; author?: AuthorKey } = {}) {
    const session = this.random(6);
    const time = { ms: at ?? this.#world.clock.now(), counter: 0 };
    const body = { kind: 'message', text } as const;
    return this.#forger(chatId).change({ session, n, time, body, ...(author && { author }) });
  }

  /** A new author key with the proofs that go with it. */
  newAuthor(chatId: string): { readonly author: AuthorKey; readonly part: Part } {
    const { device } = this.self.identity;
    const author = createAuthorKey(this.random);
    const id = chatId as ChatId;
    const proof = proveAuthor(author, id, device.id);
    const certificate = certifyAuthor(device, id, author.publicKey);
    const key = author.publicKey;
    return { author, part: { type: 'author', chatId: id, key, deviceKey: device.publicKey, proof, certificate } };
  }

  push(chatId: string, ...changes: readonly DocumentChange[]): Part {
    return { type: 'changes', chatId: chatId as ChatId, of: 'push', changes };
  }

  card(log: DeviceLog = this.self.identity.log): Part {
    const { relayUrl, mailbox } = this.self.identity;
    const profile = { updated: this.#world.clock.now(), name: 'attack' };
    return { type: 'card', accepts: true, deviceLog: encodeDeviceLog(log), relayUrl, mailbox, profile };
  }

  /** Seals in the session that it had with the device, or in a new one, and lays it into the mailbox. */
  async say(
    target: Target,
    parts: readonly Part[],
    { session, ...views }: Partial<Views> & { readonly session: 'old' | 'fresh' },
  ): Promise<RelayFrame['type']> {
    const sessions = session === 'old' ? this.#sessions.get(target.deviceId) : await this.#startSession(target);
    if (sessions === undefined) throw new Error('no session');
    const { account, device, log } = this.self.identity;
    const mine = logView(log);
    const { yours } = target;
    const plaintext = encodePayload({ views: { mine, yours, yourProfile: 0, ...views }, parts });
    const sealed = sealMessage(sessions, { plaintext, ad: PAYLOAD_AD, random: this.random });
    if (!sealed.ok) throw new Error('cannot seal');
    this.#sessions.set(target.deviceId, sealed.value.next);
    const from = { accountKey: account.publicKey, device };
    const { message } = sealed.value;
    const data = sealEnvelope({ from, to: target.deviceKey, message, random: this.random });
    return this.#post(target.mailbox, data);
  }

  /** Registers a log, under its own signature unless it has a better one; undefined: the relay took it. */
  register(log: DeviceLog, by: Authority = { type: 'device', device: this.self.identity.device }) {
    const { account, device, mailbox, relayUrl } = this.self.identity;
    const mailboxOf = (id: DeviceId): MailboxId | undefined => (id === device.id ? mailbox : undefined);
    return this.#ask(register({ directory: this.#directory, relayUrl, account, by, log, mailboxOf }));
  }

  /** What the relay says to its signing in. */
  async signIn(): Promise<string> {
    const { device } = this.self.identity;
    const challenge = await this.#ask(this.#directory.ask(RELAY_URL, 'challenge', { body: { deviceId: device.id } }));
    if (!challenge.ok) return challenge.error.type;
    const bytes = signInBytes(challenge.value.challenge, audience(RELAY_URL));
    const body = {
      deviceId: device.id,
      challenge: challenge.value.challenge,
      signature: signAsDevice(device, LABELS.signIn, bytes),
    };
    const answer = await this.#ask(this.#directory.ask(RELAY_URL, 'signIn', { body }));
    return answer.ok ? 'signed in' : answer.error.type;
  }

  /** Whether any of these envelopes opens with what it has. */
  canRead(envelopes: readonly Uint8Array[]): boolean {
    const { device } = this.self.identity;
    return envelopes.some((data) => {
      const envelope = openEnvelope(device, data);
      if (!envelope.ok) return false;
      const { deviceKey, message } = envelope.value;
      const state = [...this.#sessions.values(), emptySessions()];
      const { preKeys } = this.self;
      const now = this.#world.clock.now();
      const input = { self: device, preKeys, peerDeviceKey: deviceKey, message, ad: PAYLOAD_AD, now };
      return state.some((sessions) => openMessage(sessions, input).ok);
    });
  }

  #forger(chatId: string): Forger {
    return new Forger({ engine: this.#engine }, chatId);
  }

  async #startSession(target: Target): Promise<Sessions> {
    const { accountId, deviceId, deviceKey } = target;
    const claimed = await this.#ask(
      this.#directory.ask(RELAY_URL, 'claimPreKeys', { body: { accountId, deviceIds: [deviceId] } }),
    );
    const offered = claimed.ok ? claimed.value.devices[0] : undefined;
    const bundle = offered && openPreKeyBundle(deviceKey, offered.signed, offered.oneTime);
    if (bundle?.ok !== true) throw new Error('no pre-keys');
    const { device } = this.self.identity;
    const now = this.#world.clock.now();
    const started = startSession(emptySessions(), { self: device, peer: bundle.value, random: this.random, now });
    if (!started.ok) throw new Error('no session');
    return started.value;
  }

  /** Answers what the relay says to it: posting needs no account. */
  async #post(mailbox: MailboxId, data: Uint8Array): Promise<RelayFrame['type']> {
    const heard: RelayFrame['type'][] = [];
    const connection = this.#world.relay.connect({
      address: 'rogue',
      send: (bytes) => {
        const frame = decodeRelayFrame(bytes);
        if (frame.ok) heard.push(frame.value.type);
        return 'sent';
      },
      close: () => undefined,
    });
    const id = this.random(16) as EnvelopeId;
    connection.receive(encodeFrame({ type: 'post', id, ephemeral: false, to: [mailbox], data }));
    await this.#world.pass(5_000);
    connection.closed();
    return heard[0] ?? 'error';
  }

  get #directory(): Directory {
    return new Directory(this.#device.line);
  }

  /** Requests take time, and time passes only when the world lets it. */
  async #ask<T>(answer: Promise<T>): Promise<T> {
    await this.#world.pass(1_000);
    return answer;
  }
}

/** All envelopes that are posted from now on, and to which mailboxes. */
export function watchPosts(world: World): { readonly data: Uint8Array[]; readonly to: Set<string> } {
  const seen = { data: [] as Uint8Array[], to: new Set<string>() };
  const saw = world.sawPost.bind(world);
  world.sawPost = (id, to, data) => {
    for (const mailbox of to) seen.to.add(toBase64Url(mailbox));
    seen.data.push(data);
    saw(id, to, data);
  };
  return seen;
}

/** A device as somebody knows it who has talked to it. */
export function targetOf(device: SimulatedDevice): Target {
  const { account, device: keys, mailbox, log } = opened(device).self.identity;
  return { accountId: account.id, deviceId: keys.id, deviceKey: keys.publicKey, mailbox, yours: logView(log) };
}

function opened(device: SimulatedDevice): Engine {
  const { engine } = device;
  if (engine === undefined) throw new Error(`${device.name} is not open`);
  return engine;
}
