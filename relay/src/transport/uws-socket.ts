/**
 * One native WebSocket. Frames said during one turn of the event loop leave together: one cork, one system call. The relay
 * hears `full` when too much waits, and of room when it has drained.
 */
import type { WebSocket } from 'uWebSockets.js';
import type { Connection, Socket } from '../connection.ts';
import { HIGH_WATER, LOW_WATER } from './port.ts';

/** What is known of a socket from its upgrade on. */
export interface Upgrade {
  readonly address: string;
  readonly wireVersion: number;
  socket?: UwsSocket;
}

/** Sockets with something to send, flushed together at the end of the turn. */
export class Turn {
  private dirty: UwsSocket[] = [];

  add(socket: UwsSocket): void {
    if (this.dirty.push(socket) > 1) return;
    setImmediate(() => {
      const sockets = this.dirty;
      this.dirty = [];
      for (const each of sockets) each.flush();
    });
  }
}

/** See the module's header. */
export class UwsSocket implements Socket {
  /** Set right after the relay took the socket in. */
  connection: Connection | undefined;
  readonly address: string;
  private queue: Uint8Array[] = [];
  private queued = 0;
  private isOpen = true;
  private isFull = false;

  constructor(
    private readonly ws: WebSocket<Upgrade>,
    private readonly turn: Turn,
  ) {
    this.address = ws.getUserData().address;
  }

  send(bytes: Uint8Array): 'sent' | 'full' {
    if (!this.isOpen) return 'sent';
    if (this.queued + this.ws.getBufferedAmount() > HIGH_WATER) {
      this.isFull = true;
      return 'full';
    }
    if (this.queue.push(bytes) === 1) this.turn.add(this);
    this.queued += bytes.length;
    return 'sent';
  }

  close(): void {
    this.flush();
    if (this.isOpen) this.ws.end(1000);
  }

  /** Hands the queue to the system; says so when that made room again. */
  flush(): void {
    if (!this.isOpen) return;
    const queue = this.queue;
    this.queue = [];
    this.queued = 0;
    this.ws.cork(() => {
      for (const bytes of queue) this.ws.send(bytes, true);
    });
    this.drained();
  }

  /** The system took what waited. */
  drained(): void {
    if (!this.isOpen || !this.isFull || this.ws.getBufferedAmount() > LOW_WATER) return;
    this.isFull = false;
    this.connection?.drained();
  }

  /** The native socket is gone and must not be touched again. */
  gone(): void {
    this.isOpen = false;
    this.queue = [];
    this.connection?.closed();
  }
}
