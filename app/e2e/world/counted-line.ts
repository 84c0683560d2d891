/**
 * A line between browsers and the relay that counts what goes over it: a TCP proxy that looks at no more than the first
 * bytes of a connection, to tell web sockets from the requests of pages.
 */
import { type Server, type Socket, connect, createServer } from 'node:net';

export interface Carried {
  /** Bytes that browsers sent over web sockets. */
  readonly up: number;
  /** Bytes that they got over them. */
  readonly down: number;
}

export class CountedLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #up = 0;
  #down = 0;

  private constructor(relayUrl: string) {
    const { hostname, port } = new URL(relayUrl);
    this.#server = createServer((browser) => {
      this.#join(browser, connect(Number(port), hostname));
    });
  }

  static async open(relayUrl: string): Promise<CountedLine> {
    const line = new CountedLine(relayUrl);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the line is closed');
    return `http://127.0.0.1:${String(address.port)}`;
  }

  /** Since it was opened. */
  get carried(): Carried {
    return { up: this.#up, down: this.#down };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(browser: Socket, relay: Socket): void {
    let isWebSocket = false;
    browser.once('data', (first: Buffer) => {
      isWebSocket = /^upgrade: websocket\r?$/im.test(first.toString('latin1'));
    });
    browser.on('data', (bytes: Buffer) => {
      if (isWebSocket) this.#up += bytes.length;
    });
    relay.on('data', (bytes: Buffer) => {
      if (isWebSocket) this.#down += bytes.length;
    });
    browser.pipe(relay).pipe(browser);
    for (const [socket, other] of [
      [browser, relay],
      [relay, browser],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // A killed browser resets its connections.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
