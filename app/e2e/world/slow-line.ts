/** A line from browsers to a storage server that is as slow as one in real life: what goes up a test machine's own is up before a test has looked. */
import { type Server, type Socket, connect, createServer } from 'node:net';

/** Behind its time by less than this, in milliseconds, the line does not wait: timers are no finer. */
const SLACK = 20;

export class SlowLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #bytesPerSecond: number;
  /** When what it took up so far is through: all connections share the line. */
  #freeAt = 0;

  private constructor(to: string, bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
    const { hostname, port } = new URL(to);
    this.#server = createServer((browser) => {
      this.#join(browser, connect(Number(port), hostname));
    });
  }

  static async open(to: string, bytesPerSecond: number): Promise<SlowLine> {
    const line = new SlowLine(to, bytesPerSecond);
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

  /** Who is not there, or is killed, is gone for the browser as well. */
  #join(browser: Socket, storage: Socket): void {
    browser.on('data', (bytes: Buffer) => {
      const isTaken = storage.write(bytes);
      const wait = this.#take(bytes.length);
      if (isTaken && wait < SLACK) return;
      browser.pause();
      const resume = (): void => {
        setTimeout(() => browser.resume(), this.#take(0));
      };
      if (isTaken) resume();
      else storage.once('drain', resume);
    });
    storage.pipe(browser);
    browser.on('end', () => storage.end());
    for (const [socket, other] of [
      [browser, storage],
      [storage, browser],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  /** Milliseconds until these bytes are through. */
  #take(bytes: number): number {
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes / this.#bytesPerSecond) * 1000;
    return this.#freeAt - now;
  }
}
