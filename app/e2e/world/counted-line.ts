/**
 * A line between browsers and the relay that counts what goes over it, and looks at no more than the first bytes of a connection, to
 * tell web sockets from the requests of pages.
 */
import type { Socket } from 'node:net';
import { Line } from './line.ts';

export interface Carried {
  /** Bytes that browsers sent over web sockets. */
  readonly up: number;
  /** Bytes that they got over them. */
  readonly down: number;
}

export class CountedLine {
  readonly #line: Line;
  readonly #carried: { up: number; down: number };

  private constructor(line: Line, carried: { up: number; down: number }) {
    this.#line = line;
    this.#carried = carried;
  }

  static async open(relayUrl: string): Promise<CountedLine> {
    const carried = { up: 0, down: 0 };
    const line = await Line.open(relayUrl, (browser, relay) => {
      count(browser, relay, carried);
    });
    return new CountedLine(line, carried);
  }

  get url(): string {
    return this.#line.url;
  }

  /** Since it was opened. */
  get carried(): Carried {
    return { ...this.#carried };
  }

  close(): Promise<void> {
    return this.#line.close();
  }
}

function count(browser: Socket, relay: Socket, carried: { up: number; down: number }): void {
  let isWebSocket = false;
  browser.once('data', (first: Buffer) => {
    isWebSocket = /^upgrade: websocket\r?$/im.test(first.toString('latin1'));
  });
  browser.on('data', (bytes: Buffer) => {
    if (isWebSocket) carried.up += bytes.length;
  });
  relay.on('data', (bytes: Buffer) => {
    if (isWebSocket) carried.down += bytes.length;
  });
  browser.pipe(relay).pipe(browser);
}
