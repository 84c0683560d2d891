/**
 * The relay link over fetch and WebSocket. Browsers have both; in Node pass a WebSocket class (the `ws` package).
 */
import type { HttpAnswer, HttpRequest, RelayLink, Socket, SocketEvents } from '../ports/relay-link.ts';

const REQUEST_LIMIT = 20_000;
/** Bytes waiting in the socket beyond which `send` answers false. */
const BUFFER_LIMIT = 8 * 1024 * 1024;
const SOCKET_PATH = '/v1/ws';

export interface WebLinkOptions {
  /** Default: the global WebSocket. */
  readonly WebSocket?: typeof WebSocket;
}

export function createWebLink(options: WebLinkOptions = {}): RelayLink {
  return {
    openSocket: (relayUrl, events) => openSocket(options.WebSocket ?? WebSocket, relayUrl, events),
    request,
  };
}

function openSocket(Implementation: typeof WebSocket, relayUrl: string, events: SocketEvents): Socket {
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    queueMicrotask(() => {
      events.onClose();
    });
  };
  let socket: WebSocket;
  try {
    socket = new Implementation(relayUrl.replace(/^http/, 'ws') + SOCKET_PATH);
  } catch {
    close(); // not a URL that can be dialled
    return { send: () => false, close: () => undefined };
  }
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    events.onOpen();
  };
  socket.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data instanceof ArrayBuffer) events.onFrame(new Uint8Array(event.data));
  };
  socket.onclose = close;
  socket.onerror = close;
  return {
    send(frame) {
      if (socket.readyState !== Implementation.OPEN || socket.bufferedAmount > BUFFER_LIMIT) return false;
      socket.send(new Uint8Array(frame));
      return true;
    },
    close() {
      socket.onmessage = null;
      socket.close();
      close();
    },
  };
}

async function request(relayUrl: string, { method, path, body, token }: HttpRequest): Promise<HttpAnswer> {
  const response = await fetch(relayUrl + path, {
    method,
    signal: AbortSignal.timeout(REQUEST_LIMIT),
    cache: 'no-store',
    credentials: 'omit',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body: answer };
}
