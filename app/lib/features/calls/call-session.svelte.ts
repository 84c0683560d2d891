/**
 * A call that this tab holds: from the moment its user said yes until it is over. Follows what the engine says of the call,
 * builds the connection when both sides want it, and tells the engine how it goes.
 */
import type { CallId, CallSignal, CallView, CallWire, Millis } from '@securechat/sync/api';
import type { CallLink, LinkOptions } from '$lib/calls/call-link.ts';
import type { CallIdentity } from '$lib/calls/identity.ts';
import { limitsOf, type Limits } from '$lib/calls/limits.ts';
import { judge, type Counts, type Quality } from '$lib/calls/quality.ts';
import type { App } from '$lib/state/app.svelte.ts';
import type { LocalMedia } from './local-media.svelte.ts';
import type { CallPreferences } from './preferences.svelte.ts';

/** What a session needs of a connection. */
export type Link = Pick<CallLink, 'receive' | 'setAudio' | 'setVideo' | 'setLimits' | 'count' | 'close'>;
export type Connect = (options: LinkOptions) => Promise<Link>;

export interface SessionOptions {
  readonly app: App;
  /** Names this session to the engine: no other one has the same. */
  readonly holder: string;
  readonly callId: CallId;
  readonly media: LocalMedia;
  readonly identity: CallIdentity;
  readonly preferences: CallPreferences;
  readonly connect: Connect;
  /** It takes the place of another session, whose media it has, when the engine says so: not before. */
  readonly joins?: boolean;
}

/** The engine gives a call up whose holder is silent for ten seconds. */
const KEEP: Millis = 5_000;
const LOOK: Millis = 2_000;

export class CallSession {
  readonly media: LocalMedia;
  readonly holder: string;
  /** What comes from the other side. */
  remote = $state.raw<MediaStream>();
  quality = $state<Quality>();
  /** Bytes of all of its connections so far, both ways. */
  bytes = $state(0);
  isClosed = $state(false);
  readonly #options: SessionOptions;
  /** Another one after both sides called each other at the same time. */
  #callId: CallId;
  /** Sound and picture are this session's to change and to close. */
  #hasMedia = false;
  /** The engine has said that this session holds a call. */
  #isHolding = false;
  #wire: CallWire | undefined;
  /** Of undefined: it could not be made. */
  #link: Promise<Link | undefined> | undefined;
  #taken = 0;
  #counts: Counts | undefined;
  readonly #stops: (() => void)[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.media = options.media;
    this.holder = options.holder;
    this.#callId = options.callId;
    if (options.joins !== true) this.takeMedia();
    const keeping = setInterval(() => void this.#keep(), KEEP);
    const looking = setInterval(() => void this.#look(), LOOK);
    this.#stops.push(
      options.app.api.watch('callWire', { holder: this.holder }, (wire) => this.#take(wire)),
      () => clearInterval(keeping),
      () => clearInterval(looking),
    );
  }

  get callId(): CallId {
    return this.#callId;
  }

  /** Sound and picture are this session's from now on. */
  takeMedia(): void {
    this.#hasMedia = true;
    this.media.onchange = () => this.#mediaChanged();
    this.#sendMedia();
  }

  /** Ends without what another session goes on with. */
  yieldMedia(): void {
    this.#hasMedia = false;
    this.close();
  }

  /** What the engine says of the call that this device is in. */
  follow(view: CallView | null): void {
    const isMine = view?.holder === this.holder;
    if (view && isMine && view.phase !== 'ended') {
      if (!this.#isHolding) void this.#tell(view.callId);
      this.#isHolding = true;
      this.#callId = view.callId;
      this.media.setHeld(view.held.mine || view.held.theirs);
    } else if (this.#isHolding || (view?.phase === 'ended' && (isMine || view.callId === this.#callId))) this.close();
  }

  /** The limits changed. */
  limit(): void {
    void this.#link?.then((link) => link?.setLimits(this.#limits()));
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const stop of this.#stops) stop();
    if (this.#hasMedia) this.media.close();
    this.remote = undefined;
    void this.#link?.then((link) => link?.close());
  }

  #take(wire: CallWire | null): void {
    if (!wire || this.isClosed) return;
    this.#wire = wire;
    this.#link ??= this.#connect(wire);
    void this.#link.then((link) => link && this.#receive(link));
  }

  #connect(wire: CallWire): Promise<Link | undefined> {
    return this.#options.connect(this.#linkOptions(wire)).catch(() => {
      this.#report(wire.callId, 'failed');
      return undefined;
    });
  }

  #receive(link: Link): void {
    const wire = this.#wire;
    const fresh = wire?.signals.filter(({ n }) => n > this.#taken) ?? [];
    const last = fresh.at(-1);
    if (this.isClosed || !wire || !last) return;
    this.#taken = last.n;
    for (const { type, payload } of fresh) link.receive({ type, payload });
    void this.#options.app.ask('takeSignals', { callId: wire.callId, holder: this.holder, upTo: last.n });
  }

  #linkOptions({ callId, offers }: CallWire): LinkOptions {
    const { app, identity, preferences } = this.#options;
    return {
      offers,
      certificate: identity.certificate,
      relayOnly: preferences.current.hideAddress,
      iceServers: async () => {
        const result = await app.ask('iceServers', null);
        return result?.ok ? result.value.servers : [];
      },
      audio: this.media.microphone,
      video: this.media.video,
      limits: this.#limits(),
      send: (signal: CallSignal) => void app.ask('sendSignal', { callId, holder: this.holder, signal }),
      onstate: (state) => {
        if (state === 'lost') this.quality = undefined;
        this.#report(callId, state);
      },
      onstream: (stream) => (this.remote = stream),
    };
  }

  #report(callId: CallId, state: 'connected' | 'lost' | 'failed'): void {
    void this.#options.app.ask('reportConnection', { callId, holder: this.holder, state });
  }

  #limits(): Limits {
    return limitsOf(this.#options.preferences.current.lowBandwidth, this.media.picture);
  }

  #mediaChanged(): void {
    this.#sendMedia();
    if (this.#isHolding) void this.#tell(this.#callId);
  }

  #sendMedia(): void {
    const { media } = this;
    void this.#link?.then((link) => {
      link?.setAudio(media.microphone);
      link?.setVideo(media.video);
      link?.setLimits(this.#limits());
    });
  }

  async #tell(callId: CallId): Promise<void> {
    await this.#options.app.ask('tellCallMedia', { callId, media: this.media.told });
  }

  async #keep(): Promise<void> {
    if (!this.#isHolding && this.#options.joins !== true) return;
    const kept = await this.#options.app.ask('keepCall', { callId: this.#callId, holder: this.holder });
    if (kept && !kept.ok && kept.error.type === 'UnknownCall') this.close();
  }

  async #look(): Promise<void> {
    const link = await this.#link;
    const counts = await link?.count();
    if (!counts || this.isClosed) return;
    // A connection that was made anew counts from nothing.
    const isSame = this.#counts !== undefined && counts.received >= this.#counts.received;
    if (isSame && this.#counts) this.quality = judge(this.#counts, counts);
    this.#counts = counts;
    this.bytes = counts.bytes;
  }
}
