/**
 * Port: one relay, as bytes. Adapters: `adapters/web-link.ts` (fetch and WebSocket); the simulation's in-process link.
 * Knows no frame types: encoding and meaning belong to `relay/protocol` and `connection/`.
 */

export interface Socket {
  /** False when the socket is not open (the frame was not sent) or its buffer is full. Never throws. */
  send(frame: Uint8Array): boolean;
  close(): void;
}

export interface SocketEvents {
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  /** Called exactly once, also when opening failed. */
  onClose(): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface RelayLink {
  /** Opens a socket to `relayUrl` (an http(s) origin). Nothing is called before this returns. */
  openSocket(relayUrl: string, events: SocketEvents): Socket;
  /** One JSON request. Rejects only when there was no answer at all (offline, refused, timed out). */
  request(relayUrl: string, request: HttpRequest): Promise<HttpAnswer>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
}
