/**
 * PeerJS without a PeerServer: what its two ends tell each other goes through the sealed channel of a call. The only user of
 * PeerJS. Nothing here reaches a network but the media themselves: `config` is always given, since PeerJS's own names
 * public servers.
 */
import { Peer, ServerMessageType, SocketEventType, type PeerOptions } from 'peerjs';
import type { CallSignal } from '@securechat/sync/api';
import type { ReadSignal } from './read-signal.ts';

/** The two ends of a call have fixed names: who the other one is, the sealed channel has settled. */
export type End = 'caller' | 'callee';

/** Where PeerJS's messages go, and whence they come. */
export interface SignalBridge {
  send(signal: CallSignal): void;
  /** Returns what stops it. */
  listen(onSignal: (signal: ReadSignal) => void): () => void;
}

export interface SignalPeerOptions extends PeerOptions {
  readonly bridge: SignalBridge;
  readonly config: RTCConfiguration;
  readonly other: End;
}

type Listener = (...args: unknown[]) => void;

/** Stands in for PeerJS's socket: the five members that Peer and Negotiator touch. */
class BridgeSocket {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #options: SignalPeerOptions;
  #stop: (() => void) | undefined;

  constructor(options: SignalPeerOptions) {
    this.#options = options;
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
    return this;
  }

  removeAllListeners(): this {
    this.#listeners.clear();
    return this;
  }

  start(): void {
    const { bridge, other } = this.#options;
    this.#stop?.();
    // `src` is who the sealed channel says it is, never what a message says.
    this.#stop = bridge.listen((signal) => this.#emit({ ...signal, src: other }));
    queueMicrotask(() => this.#emit({ type: ServerMessageType.Open }));
  }

  send({ type, payload }: { type: CallSignal['type']; payload: unknown }): void {
    this.#options.bridge.send({ type, payload: JSON.stringify(payload) });
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #emit(message: unknown): void {
    for (const listener of this.#listeners.get(SocketEventType.Message) ?? []) listener(message);
  }
}

/** Made with the name of its own end and {@link SignalPeerOptions}. */
export class SignalPeer extends Peer {
  /** Called by Peer's constructor in place of opening a WebSocket: fields of this class do not exist yet. */
  _createServerConnection(): BridgeSocket {
    const self = this as unknown as { options: SignalPeerOptions; _handleMessage(message: unknown): void };
    const socket = new BridgeSocket(self.options);
    socket.on(SocketEventType.Message, (message) => self._handleMessage(message));
    return socket;
  }
}
