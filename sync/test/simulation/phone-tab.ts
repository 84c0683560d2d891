/**
 * The tab in which a simulated device's user talks: it stands for microphone and connection, says to the other end's tab what
 * WebRTC would, and remembers all that it was shown. It outlives its device's crashes as a user does who opens it again.
 */
import type { CallEnd, CallSignal, CallView, CallWire, ReceivedSignal } from '../../src/api.ts';
import type { Client } from '../../src/client.ts';
import type { SimulatedDevice } from './device.ts';
import { attempt } from './rare.ts';
import type { World } from './world.ts';

const KEEP = 5_000;
const FINGERPRINT_BYTES = 32;
const CANDIDATES = 3;

/** What a device was shown of one call, ever. */
export interface Shown {
  readonly comparisons: Set<string>;
  end: CallEnd | undefined;
  /** It was `active`. */
  wasOn: boolean;
}

/** One attempt to connect, as this tab knows it. */
interface Connection {
  readonly callId: string;
  /** The last signal that came, and how many went. */
  received: number;
  sent: number;
  hasOffered: boolean;
  /** Both ends have heard of each other. */
  isUp: boolean;
}

/** Everybody's keys, by their hex: a call may name no other. */
export type KeyRing = Map<string, SimulatedDevice>;

export class PhoneTab {
  readonly device: SimulatedDevice;
  /** By call. */
  readonly shown = new Map<string, Shown>();
  /** Calls of others that were answered here because the user called them at the same time. */
  readonly met = new Set<string>();
  readonly #world: World;
  readonly #keys: KeyRing;
  readonly #fingerprint: Uint8Array;
  #number = 0;
  #client: Client | undefined;
  /** By call: while one is moved there are two. */
  readonly #connections = new Map<string, Connection>();
  /** Parts of calls that the other side moved, by the name under which this tab holds them. */
  readonly #holders = new Map<string, string>();
  /** The call on the screen, and what it is moved to. */
  #calls: readonly string[] = [];
  /** When its beat began: it says that it is there whole beats after that. */
  readonly #born: number;
  #beats = false;
  /** What was on the screen last is a call of its own that rings. */
  #dials = false;
  /** It says that it is there. */
  #isThere = true;

  constructor(world: World, device: SimulatedDevice, keys: KeyRing) {
    this.#world = world;
    this.device = device;
    this.#keys = keys;
    this.#fingerprint = Uint8Array.from({ length: FINGERPRINT_BYTES }, () => world.dice.below(256));
    keys.set(hexOf(this.#fingerprint), device);
    this.#born = world.clock.now();
  }

  /** The name by which the engine knows it; another after each reload. */
  get name(): string {
    return `${this.device.name} ${String(this.#number)}`;
  }

  /** Looks at its device again, if that was opened anew; to be called after whatever may have opened one. */
  attach(): void {
    if (!this.device.isOpen || this.device.client === this.#client) return;
    const { client } = this.device;
    this.#client = client;
    this.reload();
    client.watch('call', null, (call) => {
      if (this.#client !== client) return;
      const isOn = call !== null && call.phase !== 'ended';
      this.#calls = isOn ? [call.callId, ...(call.moving ? [call.moving.callId] : [])] : [];
      if (call !== null) this.#see(call);
      this.#beat();
      if (call?.moving !== undefined && call.holder === this.#holderOf(call.callId)) void this.#goOn(call.moving);
    });
  }

  /** A new tab in the place of the one that was there: it holds nothing. */
  reload(): void {
    this.#number += 1;
    this.#isThere = true;
    this.#connections.clear();
    this.#holders.clear();
    this.#listen(this.name);
  }

  #listen(holder: string): void {
    const client = this.#client;
    const { name } = this;
    client?.watch('callWire', { holder }, (wire) => {
      if (this.#client === client && this.name === name && wire !== null) this.#talk(wire);
    });
  }

  #holderOf(callId: string): string {
    return this.#holders.get(callId) ?? this.name;
  }

  /** The other side moves the call: a tab answers that by itself, once, unless it is frozen. */
  async #goOn({ callId }: { readonly callId: string }): Promise<void> {
    if (!this.#isThere || this.#holders.has(callId)) return;
    const holder = `${this.name} ${callId}`;
    this.#holders.set(callId, holder);
    this.#listen(holder);
    await this.#ask((client) =>
      client.call('answerCall', { callId, holder, keys: { fingerprint: this.#fingerprint } }),
    );
  }

  /** Goes on here with what is on at another device of this user; whether it may be. */
  async move(callId: string, from: string): Promise<boolean> {
    const { name } = this;
    const keys = { fingerprint: this.#fingerprint };
    const answer = await this.#ask((client) => client.call('moveCall', { callId, from, holder: name, keys }));
    return answer?.ok === true;
  }

  /** The tab freezes: nothing is heard of it any more. */
  freeze(): void {
    this.#isThere = false;
  }

  /** Whether the call was begun; undefined when the device died under it. */
  async call(callId: string, chatId: string, video: boolean): Promise<boolean | undefined> {
    const keys = { fingerprint: this.#fingerprint };
    const { name } = this;
    const answer = await this.#ask((client) => client.call('startCall', { callId, chatId, video, holder: name, keys }));
    return answer?.ok;
  }

  async answer(callId: string): Promise<void> {
    const { name } = this;
    await this.#ask((client) =>
      client.call('answerCall', { callId, holder: name, keys: { fingerprint: this.#fingerprint } }),
    );
  }

  async decline(callId: string): Promise<void> {
    await this.#ask((client) => client.call('declineCall', { callId }));
  }

  async hangUp(callId: string): Promise<void> {
    await this.#ask((client) => client.call('hangUp', { callId }));
  }

  async hold(callId: string, held: boolean): Promise<void> {
    await this.#ask((client) => client.call('holdCall', { callId, held }));
  }

  /** Of what never was connected no browser says that it is. */
  async report(callId: string, state: 'connected' | 'lost' | 'failed'): Promise<void> {
    if (state === 'connected' && this.#connections.get(callId)?.isUp !== true) return;
    const holder = this.#holderOf(callId);
    await this.#ask((client) => client.call('reportConnection', { callId, holder, state }));
  }

  /** Says something more to the other end's tab, if it talks. */
  async chatter(): Promise<void> {
    for (const callId of this.#calls) {
      const connection = this.#connections.get(callId);
      if (connection !== undefined) await this.#say(connection, 'CANDIDATE');
    }
  }

  /** How many it said, and heard, in its connection of this call. */
  signalsOf(callId: string): { readonly sent: number; readonly received: number } {
    return this.#connections.get(callId) ?? { sent: 0, received: 0 };
  }

  #ask<T>(act: (client: Client) => Promise<T>): Promise<T | undefined> {
    const client = this.#client;
    if (client === undefined || !this.device.isOpen || this.device.client !== client) return Promise.resolve(undefined);
    return attempt(() => act(client));
  }

  #see({ callId, phase, end, comparison, outgoing }: CallView): void {
    if (outgoing && phase === 'ringing') this.#dials = true;
    else if (this.#dials && !outgoing && phase === 'connecting') this.met.add(callId);
    if (!outgoing || phase !== 'ringing') this.#dials = false;
    const known = this.shown.get(callId) ?? { comparisons: new Set(), end: undefined, wasOn: false };
    this.shown.set(callId, known);
    if (known.end !== undefined && phase !== 'ended')
      this.#world.violations.push(`${this.device.name}: call ${callId} was over (${known.end}), and is ${phase} again`);
    if (comparison !== undefined) known.comparisons.add(comparison.join(' '));
    if (phase === 'active') known.wasOn = true;
    if (end !== undefined) known.end ??= end;
  }

  #talk(wire: CallWire): void {
    const { callId, offers, signals, fingerprint } = wire;
    const connection = this.#connections.get(callId) ?? {
      callId,
      received: 0,
      sent: 0,
      hasOffered: false,
      isUp: false,
    };
    this.#connections.set(callId, connection);
    const other = this.#keys.get(hexOf(fingerprint));
    if (other === undefined || other === this.device)
      this.#world.violations.push(`${this.device.name}: call ${callId} has a key that is nobody's`);
    const fresh = signals.filter(({ n }) => n > connection.received);
    for (const signal of fresh) this.#hear(connection, signal, other?.name ?? '');
    void this.#connect(connection, { offers, fresh });
  }

  async #connect(
    connection: Connection,
    { offers, fresh }: { readonly offers: boolean; readonly fresh: readonly ReceivedSignal[] },
  ): Promise<void> {
    const { callId, received } = connection;
    const holder = this.#holderOf(callId);
    if (offers && !connection.hasOffered) {
      connection.hasOffered = true;
      await this.#say(connection, 'OFFER');
      for (let n = 0; n < CANDIDATES; n += 1) await this.#say(connection, 'CANDIDATE');
    }
    if (fresh.some(({ type }) => type === 'OFFER')) await this.#say(connection, 'ANSWER');
    if (fresh.some(({ type }) => type === 'OFFER' || type === 'ANSWER')) {
      connection.isUp = true;
      await this.report(callId, 'connected');
    }
    if (fresh.length > 0) await this.#ask((client) => client.call('takeSignals', { callId, holder, upTo: received }));
  }

  async #say(connection: Connection, type: CallSignal['type']): Promise<void> {
    connection.sent += 1;
    const { callId, sent } = connection;
    const { device } = this;
    const holder = this.#holderOf(callId);
    const sdp = `v=0\r\na=fingerprint:sha-256 ${colonHexOf(this.#fingerprint)}\r\n`;
    const said = { of: [callId, device.name, sent], ...(type !== 'CANDIDATE' && { sdp }) };
    const answer = await this.#ask((client) =>
      client.call('sendSignal', { callId, holder, signal: { type, payload: JSON.stringify(said) } }),
    );
    // What was not taken is not missed.
    if (answer?.ok !== true) connection.sent -= 1;
  }

  /** Everything comes, once and in order, from the device whose key the call has. */
  #hear(connection: Connection, { n, payload }: ReceivedSignal, other: string): void {
    const { of } = JSON.parse(payload) as { readonly of: readonly unknown[] };
    const expected = [connection.callId, other, connection.received + 1];
    if (JSON.stringify([...of, n]) !== JSON.stringify([...expected, connection.received + 1]))
      this.#world.violations.push(
        `${this.device.name} heard ${JSON.stringify(of)} as signal ${String(n)}, not ${JSON.stringify(expected)}`,
      );
    connection.received = n;
  }

  /** With no call on the screen there is no timer: days of silence are a hundred thousand beats. */
  #beat(): void {
    if (this.#beats || this.#calls.length === 0) return;
    this.#beats = true;
    this.#world.clock.after(KEEP - ((this.#world.clock.now() - this.#born) % KEEP), () => {
      this.#beats = false;
      for (const callId of this.#isThere ? this.#calls : [])
        void this.#ask((client) => client.call('keepCall', { callId, holder: this.#holderOf(callId) }));
      this.#beat();
    });
  }
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function colonHexOf(bytes: Uint8Array): string {
  return (hexOf(bytes).toUpperCase().match(/../g) ?? []).join(':');
}
