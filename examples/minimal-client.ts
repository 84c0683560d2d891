/**
 * A whole client in one file, on nothing but the two packages that a third party needs: `@securechat/crypto` and
 * `@securechat/relay-protocol`. It registers, publishes pre-keys, starts a session with a stranger, and exchanges text,
 * end to end encrypted, over a real relay. Read it from top to bottom.
 *
 * Left out, because they are the client's own: storage (everything is in memory), several devices, and what is inside
 * of a message. SecureChat's own payload is in `sync/SPEC.md`; here it is plain UTF-8.
 */
import {
  accountIdOf,
  activeDevices,
  canSeal,
  createAccount,
  createDevice,
  createPreKeys,
  decodeDeviceLog,
} from '@securechat/crypto';
import {
  emptySessions,
  encodeDeviceLog,
  logView,
  openEnvelope,
  openMessage,
  openPreKeyBundle,
} from '@securechat/crypto';
import {
  publishPreKeys,
  ready,
  sealEnvelope,
  sealMessage,
  signAsAccount,
  signAsDevice,
  startDeviceLog,
} from '@securechat/crypto';
import { startSession, systemRandom, toAccountKey, toBase64Url, utf8 } from '@securechat/crypto';
import type { Account, Device, DeviceLog, PreKeys, Public, Sessions } from '@securechat/crypto';
import { decodeRelayFrame, encodeFrame, endpoints, httpError, LABELS, pathOf } from '@securechat/relay-protocol';
import { registrationBytes, signInBytes, SOCKET_PATH, toEnvelopeId, toMailboxId } from '@securechat/relay-protocol';
import type { ClaimedPreKeys, Endpoint, MailboxId, RelayFrame } from '@securechat/relay-protocol';
import { WebSocket } from 'ws';

/** What a session binds its messages to: both sides have to name the same purpose. */
const PURPOSE = utf8('SecureChat minimal client v1');

/** A text that arrived, from an account whose device log vouches for the sending device. */
export interface Received {
  readonly from: string;
  readonly text: string;
}

/** Ends a client's story when an answer is not what the protocol allows. A real client would handle each case. */
function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(what);
  return value;
}

function mustBeOk<T>(result: { ok: true; value: T } | { ok: false; error: { type: string } }, what: string): T {
  if (!result.ok) throw new Error(`${what}: ${result.error.type}`);
  return result.value;
}

/** One account on one device at one relay. */
export class MinimalClient {
  readonly accountId: string;
  /** What came in and was not taken yet. */
  readonly inbox: Received[] = [];
  private readonly account: Account = createAccount(systemRandom);
  private readonly device: Device = createDevice(systemRandom);
  readonly mailbox = must(toMailboxId(systemRandom(16)), 'a mailbox has 16 bytes');
  private readonly preKeys: PreKeys;
  /** Sessions by the peer device's key, in base64url. */
  private readonly sessions = new Map<string, Sessions>();
  private readonly waiting = new Set<(frame: RelayFrame) => void>();
  private line = Promise.resolve();
  private socket: WebSocket | undefined;
  private token: string | undefined;

  private constructor(private readonly relayUrl: string) {
    this.accountId = accountIdOf(this.account.publicKey);
    this.preKeys = createPreKeys(this.device, systemRandom, { now: Date.now(), oneTime: 20, firstId: 1 });
  }

  /** Makes an account, registers it at the relay and goes online. */
  static async open(relayUrl: string): Promise<MinimalClient> {
    await ready();
    const client = new MinimalClient(relayUrl);
    await client.register();
    await client.signIn();
    await client.publishPreKeys();
    await client.connect();
    return client;
  }

  /** Sends a text to every device of an account. Resolves when the relay has taken responsibility for it. */
  async send(to: string, text: string): Promise<void> {
    const claimed = await this.call(endpoints.claimPreKeys, { accountId: to });
    const log = verifiedLog(to, claimed);
    for (const device of claimed.devices) await this.sendToDevice(device, log, text);
  }

  /** The next text that arrives. */
  async receive(): Promise<Received> {
    while (this.inbox.length === 0) await this.next((frame) => frame.type === 'deliver');
    return must(this.inbox.shift(), 'the inbox holds one');
  }

  /** Goes offline. */
  close(): void {
    this.socket?.close();
  }

  /**
   * The account key signs which devices it has, and where their envelopes wait; so does a device that is one of them, here
   * the only one: every device of an account holds the account key, also one that was removed.
   */
  private async register(): Promise<void> {
    const log = startDeviceLog(this.account, this.device, Date.now());
    const fields = {
      accountKey: this.account.publicKey,
      version: logView(log).length,
      deviceLog: encodeDeviceLog(log),
      devices: [{ deviceKey: this.device.publicKey, mailbox: this.mailbox }],
      by: this.device.publicKey,
    };
    const body = registrationBytes(fields, this.host);
    const signature = signAsAccount(this.account, LABELS.register, body);
    const authority = signAsDevice(this.device, LABELS.registerAuthority, body);
    await this.call(endpoints.register, { ...fields, signature, authority });
  }

  /** The device key answers a challenge; the token is the right to read this device's mailbox. */
  private async signIn(): Promise<void> {
    const deviceId = this.device.id;
    const { challenge } = await this.call(endpoints.challenge, { deviceId });
    const signature = signAsDevice(this.device, LABELS.signIn, signInBytes(challenge, this.host));
    const { token } = await this.call(endpoints.signIn, { deviceId, challenge, signature });
    this.token = token;
  }

  /** With these, others can start a session while this device is away. */
  private async publishPreKeys(): Promise<void> {
    await this.call(endpoints.publishPreKeys, publishPreKeys(this.preKeys, this.device, new Uint8Array()));
  }

  private async connect(): Promise<void> {
    this.socket = new WebSocket(`${this.relayUrl.replace(/^http/, 'ws')}${SOCKET_PATH}`);
    this.socket.on('message', (data: Buffer) => {
      this.hear(mustBeOk(decodeRelayFrame(new Uint8Array(data)), 'the relay sent no frame'));
    });
    await new Promise((open) => this.socket?.once('open', open));
    const welcome = this.next((frame) => frame.type === 'welcome');
    this.socket.send(encodeFrame({ type: 'signIn', token: must(this.token, 'signed in') }));
    await welcome;
  }

  private async sendToDevice(device: ClaimedPreKeys['devices'][number], log: DeviceLog, text: string): Promise<void> {
    const known = must(deviceIn(log, device.deviceKey), 'the relay added a device of its own');
    const peer = mustBeOk(openPreKeyBundle(known, device.signed, device.oneTime), 'pre-keys');
    const name = toBase64Url(known);
    const before = this.sessions.get(name) ?? emptySessions();
    const start = { self: this.device, peer, random: systemRandom, now: Date.now() };
    const sessions = canSeal(before) ? before : mustBeOk(startSession(before, start), 'session');
    const sealing = { plaintext: utf8(text), ad: PURPOSE, random: systemRandom };
    const { next, message } = mustBeOk(sealMessage(sessions, sealing), 'sealing');
    this.sessions.set(name, next); // a real client makes this durable before anything leaves the device
    const from = { accountKey: this.account.publicKey, device: this.device };
    await this.post(device.mailbox, sealEnvelope({ from, to: known, message, random: systemRandom }));
  }

  /** The relay sees a mailbox and a padded envelope, not who sent it. */
  async post(mailbox: MailboxId, data: Uint8Array): Promise<void> {
    const id = must(toEnvelopeId(systemRandom(16)), 'an envelope id has 16 bytes');
    const isAnswer = (frame: RelayFrame) =>
      (frame.type === 'accepted' || frame.type === 'refused') && toBase64Url(frame.id) === toBase64Url(id);
    const answer = this.next(isAnswer);
    this.socket?.send(encodeFrame({ type: 'post', id, ephemeral: false, to: [mailbox], data }));
    if ((await answer).type === 'refused') throw new Error('the relay refused the envelope');
  }

  /** Deliveries are taken one after another, so that texts stay in order. */
  private hear(frame: RelayFrame): void {
    if (frame.type !== 'deliver') this.tell(frame);
    else this.line = this.line.then(() => this.take(frame));
  }

  private async take(frame: RelayFrame & { type: 'deliver' }): Promise<void> {
    const received = await this.open(frame.data).catch(() => undefined); // forged or foreign: nothing to show
    if (received !== undefined) this.inbox.push(received);
    this.socket?.send(encodeFrame({ type: 'ack', ids: [frame.id] })); // only now may the relay forget it
    this.tell(frame);
  }

  /** Envelope, then sender, then session: each layer proves what the next one relies on. */
  private async open(envelope: Uint8Array): Promise<Received> {
    const { accountKey, deviceKey, message } = mustBeOk(openEnvelope(this.device, envelope), 'envelope');
    const from = accountIdOf(accountKey);
    const log = verifiedLog(from, await this.call(endpoints.account, {}, { accountId: from }));
    must(deviceIn(log, deviceKey), 'the sender is no device of the account it names');
    const name = toBase64Url(deviceKey);
    const before = this.sessions.get(name) ?? emptySessions();
    const opening = {
      self: this.device,
      preKeys: this.preKeys,
      peerDeviceKey: deviceKey,
      message,
      ad: PURPOSE,
      now: Date.now(),
    };
    const { next, plaintext } = mustBeOk(openMessage(before, opening), 'message');
    this.sessions.set(name, next);
    return { from, text: new TextDecoder().decode(plaintext) };
  }

  /** The next frame that `isWanted` says yes to. */
  private next(isWanted: (frame: RelayFrame) => boolean): Promise<RelayFrame> {
    return new Promise((resolve) => {
      const listener = (frame: RelayFrame) => {
        if (!isWanted(frame)) return;
        this.waiting.delete(listener);
        resolve(frame);
      };
      this.waiting.add(listener);
    });
  }

  private tell(frame: RelayFrame): void {
    for (const listener of this.waiting) listener(frame);
  }

  /** Signatures for a relay name the host that was dialled, so that one relay cannot use them at another. */
  private get host(): string {
    return new URL(this.relayUrl).host;
  }

  private async call<Request, Response>(
    endpoint: Endpoint<Request, Response>,
    body: Request,
    path: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const response = await fetch(this.relayUrl + pathOf(endpoint, path), {
      method: endpoint.method,
      headers: { 'content-type': 'application/json', ...(this.token && { authorization: `Bearer ${this.token}` }) },
      ...(endpoint.method !== 'GET' && { body: JSON.stringify(endpoint.request.print(body)) }),
    });
    const answer: unknown = await response.json();
    const refusal = httpError.parse(answer);
    if (!response.ok) throw new Error(refusal.ok ? refusal.value.error.code : `status ${response.status}`);
    return mustBeOk(endpoint.response.parse(answer), endpoint.path);
  }
}

/** The relay is not believed: the account id is the hash of the key, and the key signs the log. */
function verifiedLog(accountId: string, served: { accountKey: Uint8Array; deviceLog: Uint8Array }): DeviceLog {
  const key = must(toAccountKey(served.accountKey), 'an account key');
  if (accountIdOf(key) !== accountId) throw new Error('the relay served another account');
  return mustBeOk(decodeDeviceLog(served.deviceLog, key), 'device log');
}

function deviceIn(log: DeviceLog, key: Uint8Array): Public<'Device'> | undefined {
  return activeDevices(log).find(({ publicKey }) => toBase64Url(publicKey) === toBase64Url(key))?.publicKey;
}
