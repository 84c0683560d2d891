/** The transport on Node's own http server and `ws`: for platforms and Node versions that the native engine has no build for. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS } from '@securechat/relay-protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Connection, Socket } from '../connection.ts';
import { HIGH_WATER, LOW_WATER, wireVersionOf, type Transport, type TransportParts } from './port.ts';
import { answerNode, callerOf } from './ws-http.ts';

const NOTHING = new Uint8Array(0);
const PING_MS = 60_000;

/** Starts listening with Node's http server. */
export async function startWs(parts: TransportParts): Promise<Transport> {
  const server = createServer((req, res) => void answerNode(parts, req, res));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.frameBytes, perMessageDeflate: false });
  server.on('upgrade', (req: IncomingMessage, stream: Duplex, head: Buffer) => {
    const wireVersion = wireVersionOf((req.url ?? '').split('?', 1)[0] ?? '');
    if (wireVersion === undefined) stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    else
      sockets.handleUpgrade(req, stream, head, (ws) => {
        carry(parts, ws, callerOf(req, parts.trustProxy), wireVersion);
      });
  });
  const pings = setInterval(() => {
    pingAll(sockets);
  }, PING_MS);
  pings.unref();
  await listen(server, parts);
  return {
    port: portOf(server),
    close: () => {
      clearInterval(pings);
      for (const ws of sockets.clients) ws.close(1000);
      server.closeAllConnections();
      return new Promise((done) => {
        server.close(() => {
          done();
        });
        setImmediate(() => {
          for (const ws of sockets.clients) ws.terminate();
        });
      });
    },
  };
}

/** One WebSocket of `ws` as the relay sees it. */
class WsSocket implements Socket {
  connection: Connection | undefined;
  private isFull = false;

  constructor(
    private readonly ws: WebSocket,
    readonly address: string,
  ) {}

  send(bytes: Uint8Array): 'sent' | 'full' {
    if (this.ws.bufferedAmount > HIGH_WATER) {
      this.isFull = true;
      return 'full';
    }
    this.ws.send(bytes, { binary: true }, () => {
      this.drained();
    });
    return 'sent';
  }

  close(): void {
    this.ws.close(1000);
  }

  private drained(): void {
    if (!this.isFull || this.ws.bufferedAmount > LOW_WATER) return;
    this.isFull = false;
    this.connection?.drained();
  }
}

function carry(parts: TransportParts, ws: WebSocket, address: string, wireVersion: number): void {
  const socket = new WsSocket(ws, address);
  alive.add(ws);
  ws.binaryType = 'nodebuffer';
  ws.on('pong', () => {
    alive.add(ws);
  });
  ws.on('error', () => {
    ws.terminate();
  });
  ws.on('close', () => {
    connection.closed();
  });
  ws.on('message', (message, isBinary) => {
    connection.receive(isBinary && message instanceof Uint8Array ? message : NOTHING);
  });
  const connection = parts.connect(socket, wireVersion);
  socket.connection = connection;
}

/** Sockets that answered since the last round of pings. */
const alive = new WeakSet<WebSocket>();

function pingAll(sockets: WebSocketServer): void {
  for (const ws of sockets.clients) {
    if (alive.delete(ws)) ws.ping();
    else ws.terminate();
  }
}

function listen(server: Server, { host, port }: TransportParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
