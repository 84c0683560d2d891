/**
 * Everything that a browser asks of any machine but this one. Chromium sends such requests, whoever makes them (page,
 * worker, service worker), to this stand-in for a proxy, which notes where they wanted to go and refuses them.
 */
import { createServer, type Server } from 'node:http';

export class Outside {
  /** Hosts and addresses that were asked for. */
  readonly requests: string[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '?');
      response.writeHead(502).end();
    });
    this.#server.on('connect', (request, socket) => {
      this.requests.push(request.url ?? '?');
      socket.end('HTTP/1.1 502 Refused\r\n\r\n');
    });
  }

  static async open(): Promise<Outside> {
    const outside = new Outside();
    await new Promise<void>((resolve) => outside.#server.listen(0, '127.0.0.1', resolve));
    const address = outside.#server.address();
    outside.#port = address !== null && typeof address === 'object' ? address.port : 0;
    return outside;
  }

  get flags(): string[] {
    return [`--proxy-server=http://127.0.0.1:${String(this.#port)}`];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
