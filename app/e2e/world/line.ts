/** A line between browsers and a server: a TCP proxy. Who is not there, or is killed, at one end is gone for the other as well. */
import { type Server, type Socket, connect, createServer } from 'node:net';

/** Brings what one connection's ends say to the other. */
export type Carry = (browser: Socket, server: Socket) => void;

export class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(to: string, carry: Carry) {
    const { hostname, port } = new URL(to);
    this.#server = createServer((browser) => {
      const server = connect(Number(port), hostname);
      carry(browser, server);
      this.#tie(browser, server);
      this.#tie(server, browser);
    });
  }

  static async open(to: string, carry: Carry): Promise<Line> {
    const line = new Line(to, carry);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the line is closed');
    return `http://127.0.0.1:${String(address.port)}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #tie(socket: Socket, other: Socket): void {
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
