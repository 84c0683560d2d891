/**
 * Everything that a browser asks of any machine but this one. Chromium sends such requests, whoever makes them (page,
 * worker, service worker), to this stand-in for a proxy, which notes where they wanted to go and refuses them.
 */
import { createServer, type Server } from 'node:http';

/** Chromium's own: asked for with no page open, too. */
const OF_THE_BROWSER = [
  'accounts.google.com',
  'clients2.google.com',
  'content-autofill.googleapis.com',
  'edgedl.me.gvt1.com',
  'optimizationguide-pa.googleapis.com',
  'update.googleapis.com',
];

export class Outside {
  /** Hosts that were asked for, but not on the browser's own account. */
  readonly requests: string[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#note(request.url ?? '?');
      response.writeHead(502).end();
    });
    this.#server.on('connect', (request, socket) => {
      this.#note(request.url ?? '?');
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

  #note(target: string): void {
    const { hostname } = new URL(target.includes('://') ? target : `https://${target}`);
    if (!OF_THE_BROWSER.includes(hostname)) this.requests.push(hostname);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
