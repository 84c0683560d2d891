/** The transport on uWebSockets.js: the native engine does the sockets, this file only wires it to the ports. */
import { connect } from 'node:net';
import { LIMITS } from '@securechat/relay-protocol';
import type {
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_listen_socket,
  us_socket_context_t,
  WebSocket,
} from 'uWebSockets.js';
import type { Transport, TransportParts } from './port.ts';
import { addressOf, wireVersionOf } from './port.ts';
import type { UwsEngine } from './uws-engine.ts';
import { answerNative } from './uws-http.ts';
import { Turn, UwsSocket, type Upgrade } from './uws-socket.ts';

const NOTHING = new Uint8Array(0);

/** Starts listening with the native engine. */
export function startUws(engine: UwsEngine, parts: TransportParts): Promise<Transport> {
  const app = engine.App();
  const sockets = new Set<UwsSocket>();
  const turn = new Turn();
  app.ws<Upgrade>('/*', {
    maxPayloadLength: LIMITS.frameBytes,
    maxBackpressure: 0,
    idleTimeout: 120,
    sendPingsAutomatically: true,
    compression: engine.DISABLED,
    upgrade: (res, req, context) => {
      upgrade(parts, res, req, context);
    },
    open: (ws) => {
      open(ws);
    },
    message: (ws, message, isBinary) => {
      ws.getUserData().socket?.connection?.receive(isBinary ? new Uint8Array(message) : NOTHING);
    },
    drain: (ws) => ws.getUserData().socket?.drained(),
    close: (ws) => {
      const { socket } = ws.getUserData();
      if (socket !== undefined) sockets.delete(socket);
      socket?.gone();
    },
  });
  app.any('/*', (res, req) => {
    answerNative(parts, res, req);
  });

  function open(ws: WebSocket<Upgrade>): void {
    const upgrade = ws.getUserData();
    const socket = new UwsSocket(ws, turn);
    upgrade.socket = socket;
    sockets.add(socket);
    socket.connection = parts.connect(socket, upgrade.wireVersion);
  }

  return listen(engine, app, parts, sockets);
}

function upgrade(parts: TransportParts, res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void {
  const wireVersion = wireVersionOf(req.getUrl());
  if (wireVersion === undefined) {
    res.writeStatus('404 Not Found').end();
    return;
  }
  const remote = Buffer.from(res.getRemoteAddressAsText()).toString();
  const address = addressOf(remote, req.getHeader('x-forwarded-for'), parts.trustProxy);
  res.upgrade<Upgrade>(
    { address, wireVersion },
    req.getHeader('sec-websocket-key'),
    req.getHeader('sec-websocket-protocol'),
    req.getHeader('sec-websocket-extensions'),
    context,
  );
}

async function listen(
  engine: UwsEngine,
  app: TemplatedApp,
  parts: TransportParts,
  sockets: Set<UwsSocket>,
): Promise<Transport> {
  if (parts.port !== 0) await checkFree(parts.host, parts.port);
  return new Promise((resolve, reject) => {
    app.listen(parts.host, parts.port, (token) => {
      if (token === false) reject(new Error(`cannot listen on port ${String(parts.port)}`));
      else resolve({ port: engine.us_socket_local_port(token), close: closeOnce(engine, token, sockets) });
    });
  });
}

/**
 * Rejects when somebody answers on the port. The engine itself would share it with another relay in silence; its exclusive
 * mode is no help, as with it the port cannot be had again for a minute after a crash.
 */
function checkFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port });
    probe.once('connect', () => {
      const isOwnEcho = probe.localPort === port;
      probe.destroy();
      if (isOwnEcho) resolve();
      else reject(new Error(`port ${String(port)} is in use`));
    });
    probe.once('error', () => {
      resolve();
    });
  });
}

/** The engine must not be handed a listening socket twice. */
function closeOnce(engine: UwsEngine, token: us_listen_socket, sockets: Set<UwsSocket>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    engine.us_listen_socket_close(token);
    for (const socket of sockets) socket.close();
    return new Promise((done) => {
      setImmediate(done);
    });
  };
  return () => (closed ??= close());
}
