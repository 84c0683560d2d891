/**
 * The connection of a call: this side's sound and picture go out, the other side's come in. Knows WebRTC and PeerJS; who is
 * called, and whether they want to be, it does not know.
 *
 * The caller's side makes the offers. When the connection is lost it makes another one, with the same tracks and the same
 * certificate, until it is told to close:
 *
 *   connecting -> connected -> lost -> connected -> ...
 *
 * Both sides always send a sound and a picture track. What is off is replaced by nothing, so that nothing has to be
 * negotiated anew when it goes on.
 */
import type { CallOption, MediaConnection } from 'peerjs';
import type { CallSignal } from '@securechat/sync/api';
import { blankVideo } from './blank.ts';
import { onlyVp8 } from './frames/only-vp8.ts';
import { limitSender, type Limits } from './limits.ts';
import { count, type Counts, type Stat } from './quality.ts';
import { readSignal, type ReadSignal } from './read-signal.ts';
import { SignalPeer, type SignalBridge, type SignalPeerOptions } from './signal-peer.ts';

export interface LinkOptions {
  /** This side called. */
  readonly offers: boolean;
  readonly certificate: RTCCertificate;
  /** Connects by way of a server only, so that the other side does not learn this one's network address. */
  readonly relayOnly: boolean;
  /** The servers that help; asked before each attempt, since their credentials expire. */
  readonly iceServers: () => Promise<readonly IceServer[]>;
  readonly audio: MediaStreamTrack;
  readonly video: MediaStreamTrack | undefined;
  readonly limits: Limits;
  readonly send: (signal: CallSignal) => void;
  /** `lost` is not told again until it was connected. */
  readonly onstate: (state: 'connected' | 'lost') => void;
  readonly onstream: (stream: MediaStream) => void;
  /** Seals what goes out over each connection, and opens what comes in; answers with the latter. */
  readonly attach?: (connection: RTCPeerConnection) => MediaStream;
}

export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/** An attempt may take so long; a connection that stutters may come back by itself for so long. */
const ATTEMPT = 12_000;
const STUTTER = 3_000;

export class CallLink implements SignalBridge {
  readonly #options: LinkOptions;
  readonly #config: RTCConfiguration;
  readonly #peer: SignalPeer;
  #listener: ((signal: ReadSignal) => void) | undefined;
  /** What came before PeerJS listened. */
  #early: ReadSignal[] = [];
  #connection: MediaConnection | undefined;
  #audio: MediaStreamTrack;
  #video: MediaStreamTrack | undefined;
  #limits: Limits;
  #state: 'connecting' | 'connected' | 'lost' | 'closed' = 'connecting';
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes of connections that are no more. */
  #bytes = 0;
  #counts: Counts | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#audio = options.audio;
    this.#video = options.video;
    this.#limits = options.limits;
    this.#config = {
      certificates: [options.certificate],
      bundlePolicy: 'max-bundle',
      iceServers: [],
      iceTransportPolicy: options.relayOnly ? 'relay' : 'all',
    };
    const [own, other] = options.offers ? (['caller', 'callee'] as const) : (['callee', 'caller'] as const);
    const peerOptions: SignalPeerOptions = { bridge: this, config: this.#config, other };
    this.#peer = new SignalPeer(own, peerOptions);
    this.#peer.on('error', () => this.#lose());
    if (options.offers) this.#peer.on('open', () => void this.#call());
    else this.#peer.on('call', (connection) => void this.#answer(connection));
  }

  /** Something that the other side's connection said. */
  receive(signal: CallSignal): void {
    const read = readSignal(signal);
    if (!read || this.#state === 'closed') return;
    if (this.#listener) this.#listener(read);
    else this.#early.push(read);
  }

  /** Sends this track from now on. */
  setAudio(track: MediaStreamTrack): void {
    this.#audio = track;
    void this.#sender('audio')?.replaceTrack(track);
  }

  /** Sends this picture from now on; undefined: none. */
  setVideo(track: MediaStreamTrack | undefined): void {
    this.#video = track;
    void this.#sender('video')?.replaceTrack(track ?? null);
  }

  setLimits(limits: Limits): void {
    this.#limits = limits;
    this.#limit();
  }

  /** What WebRTC has counted of the connection that is on; undefined: there is none. `bytes` goes over all of them. */
  async count(): Promise<Counts | undefined> {
    const connection = this.#connection?.peerConnection;
    if (connection?.connectionState !== 'connected') return undefined;
    const stats: Stat[] = [];
    (await connection.getStats()).forEach((stat: Stat) => stats.push(stat));
    this.#counts = count(stats, performance.now());
    return { ...this.#counts, bytes: this.#bytes + this.#counts.bytes };
  }

  /** Ends it for good. The tracks are not stopped: they belong to whoever made them. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#drop();
    this.#peer.destroy();
  }

  // What PeerJS calls.

  send(signal: CallSignal): void {
    if (this.#state !== 'closed') this.#options.send(signal);
  }

  listen(onSignal: (signal: ReadSignal) => void): () => void {
    this.#listener = onSignal;
    queueMicrotask(() => {
      for (const signal of this.#early.splice(0)) onSignal(signal);
    });
    return () => (this.#listener = undefined);
  }

  async #call(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#call(), ATTEMPT);
    await this.#prepare();
    if (this.#state === 'closed' || this.#state === 'connected') return;
    this.#drop();
    this.#use(this.#peer.call(this.#options.offers ? 'callee' : 'caller', this.#outgoing(), this.#describing()));
  }

  async #answer(connection: MediaConnection): Promise<void> {
    await this.#prepare();
    if (this.#state === 'closed') return;
    this.#drop();
    connection.answer(this.#outgoing(), this.#describing());
    this.#use(connection);
  }

  async #prepare(): Promise<void> {
    const servers = await this.#options.iceServers();
    this.#config.iceServers = servers.map(({ urls, ...credentials }) => ({ urls: [...urls], ...credentials }));
  }

  /** PeerJS sends both kinds of tracks, or cannot send the other kind later. */
  #outgoing(): MediaStream {
    return new MediaStream([this.#audio, this.#video ?? blankVideo()]);
  }

  #describing(): CallOption {
    return this.#options.attach ? { sdpTransform: onlyVp8 } : {};
  }

  #use(connection: MediaConnection): void {
    this.#connection = connection;
    const { peerConnection } = connection;
    const opened = this.#options.attach?.(peerConnection);
    const isCurrent = (): boolean => this.#connection === connection;
    void this.#sender('video')?.replaceTrack(this.#video ?? null);
    connection.on('stream', (stream) => {
      if (isCurrent()) this.#options.onstream(opened ?? stream);
    });
    for (const event of ['close', 'error'] as const)
      connection.on(event, () => {
        if (isCurrent()) this.#lose();
      });
    peerConnection.addEventListener('connectionstatechange', () => {
      if (isCurrent()) this.#follow(peerConnection.connectionState);
    });
  }

  #follow(state: RTCPeerConnectionState): void {
    if (state === 'failed') this.#lose();
    else if (state === 'disconnected') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#lose(), STUTTER);
    } else if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#limit();
      if (this.#state === 'connected') return;
      this.#state = 'connected';
      this.#options.onstate('connected');
    }
  }

  /** The caller's side tries again, at once when it was connected; the other side waits for its offer. */
  #lose(): void {
    const was = this.#state;
    if (was === 'closed') return;
    clearTimeout(this.#timer);
    if (was === 'connected') {
      this.#state = 'lost';
      this.#options.onstate('lost');
    }
    if (this.#options.offers) this.#timer = setTimeout(() => void this.#call(), was === 'connected' ? 0 : STUTTER);
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#bytes += this.#counts?.bytes ?? 0;
    this.#counts = undefined;
    connection?.close();
  }

  #limit(): void {
    for (const kind of ['audio', 'video'] as const) {
      const sender = this.#sender(kind);
      // The next change sets them again: the other side may be negotiating just now.
      if (sender) void limitSender(sender, kind, this.#limits).catch(() => undefined);
    }
  }

  /** Senders keep their place: sound first. A sender whose track is off has no kind by itself. */
  #sender(kind: 'audio' | 'video'): RTCRtpSender | undefined {
    const transceivers = this.#connection?.peerConnection?.getTransceivers() ?? [];
    return transceivers.find(({ receiver }) => receiver.track.kind === kind)?.sender;
  }
}
