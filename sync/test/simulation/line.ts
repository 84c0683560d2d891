/**
 * A device's line to the relay in the world: the real relay core, reached over a wire with latency that can be cut, and
 * that the relay's mischief bends. Frames of one connection keep their order, as on TCP, unless mischief says otherwise.
 */
import { type EnvelopeId, decodeClientFrame, decodeRelayFrame, encodeFrame } from '@securechat/relay-protocol';
import type { Connection } from '@securechat/relay';
import type { HttpAnswer, HttpRequest, RelayLink, Socket, SocketEvents } from '../../src/ports/relay-link.ts';
import type { Dice } from './dice.ts';
import type { ClaimBody } from './mischief.ts';
import type { World } from './world.ts';

const LONG = 60_000;

interface Open {
  readonly events: SocketEvents;
  connection: Connection | undefined;
  closed: boolean;
  /** Arrival time of the last frame in each direction: frames do not overtake. */
  toRelay: number;
  toDevice: number;
}

export class Line implements RelayLink {
  /** Cut: nothing passes, new dials fail. */
  cut = false;
  #dead = false;
  readonly #world: World;
  readonly #dice: Dice;
  readonly #address: string;
  readonly #open = new Set<Open>();
  /** Envelopes delivered on this line, for replays. */
  readonly past: Uint8Array[] = [];

  constructor(world: World, dice: Dice, address: string) {
    this.#world = world;
    this.#dice = dice;
    this.#address = address;
  }

  /** The device behind the line is gone: its callbacks are never called again. */
  kill(): void {
    this.#dead = true;
    this.hangUp();
  }

  /** Drops all connections. */
  hangUp(): void {
    for (const open of [...this.#open]) this.#close(open);
  }

  /** A frame that somebody else should have got, or an old one. */
  inject(frame: Uint8Array): void {
    for (const open of this.#open) this.#arrive(open, frame, 1);
  }

  openSocket(_relayUrl: string, events: SocketEvents): Socket {
    const open: Open = { events, connection: undefined, closed: false, toRelay: 0, toDevice: 0 };
    this.#open.add(open);
    this.#later(this.#latency(), () => {
      if (open.closed) return;
      if (this.cut) {
        this.#close(open);
        return;
      }
      open.connection = this.#world.relay.connect({
        address: this.#address,
        send: (bytes) => {
          this.#fromRelay(open, bytes.slice());
          return 'sent';
        },
        close: () => {
          this.#later(this.#latency(), () => {
            this.#close(open);
          });
        },
      });
      events.onOpen();
    });
    return {
      send: (frame) => {
        if (open.closed || open.connection === undefined || this.cut) return false;
        this.#toRelay(open, frame.slice());
        return true;
      },
      close: () => {
        this.#close(open);
      },
    };
  }

  async request(relayUrl: string, request: HttpRequest): Promise<HttpAnswer> {
    await this.#wait(this.#latency());
    if (this.cut || this.#dead) throw new Error('no answer');
    const answer = await this.#world.http(relayUrl, request, this.#address);
    await this.#wait(this.#latency());
    if (this.cut || this.#dead) throw new Error('no answer');
    if (request.path === '/v1/prekeys/claim' && answer.status === 200)
      this.#world.twist(this, answer.body as ClaimBody);
    return answer;
  }

  #toRelay(open: Open, frame: Uint8Array): void {
    const decoded = decodeClientFrame(frame);
    if (decoded.ok && decoded.value.type === 'post') {
      const post = { ...decoded.value, id: decoded.value.id.slice() as EnvelopeId, data: decoded.value.data.slice() };
      this.#world.sawPost(post.id, post.to, post.data);
      const to = post.to.filter((mailbox) => !this.#world.isWithheld(this.#address, mailbox));
      if (to.length === 0 || this.#world.mischief.swallowsPost()) {
        this.#arrive(open, encodeFrame({ type: 'accepted', id: post.id }), this.#latency());
        return;
      }
      if (to.length < post.to.length) frame = encodeFrame({ ...post, to });
    }
    open.toRelay = Math.max(open.toRelay, this.#world.clock.now() + this.#latency());
    const relay = this.#world.relay;
    this.#later(open.toRelay - this.#world.clock.now(), () => {
      if (!open.closed && !this.cut && relay === this.#world.relay) open.connection?.receive(frame);
    });
  }

  #fromRelay(open: Open, frame: Uint8Array): void {
    const decoded = decodeRelayFrame(frame);
    if (!decoded.ok || decoded.value.type !== 'deliver') {
      this.#inOrder(open, frame);
      return;
    }
    this.past.push(frame);
    if (this.#world.mischief.level === 0) {
      this.#inOrder(open, frame);
      return;
    }
    const fate = this.#world.mischief.fateOfDelivery();
    for (const delay of fate.copies) {
      if (fate.swapped) this.#world.giveToAnother(this, frame);
      else if (delay > LONG) this.#world.keepBack(this.#address, frame, delay);
      else this.#arrive(open, frame, delay);
    }
  }

  #inOrder(open: Open, frame: Uint8Array): void {
    open.toDevice = Math.max(open.toDevice, this.#world.clock.now() + this.#latency());
    this.#arrive(open, frame, open.toDevice - this.#world.clock.now());
  }

  #arrive(open: Open, frame: Uint8Array, delay: number): void {
    this.#later(delay, () => {
      if (!open.closed && !this.cut) open.events.onFrame(frame);
    });
  }

  #close(open: Open): void {
    if (open.closed) return;
    open.closed = true;
    this.#open.delete(open);
    open.connection?.closed();
    if (!this.#dead)
      this.#later(1, () => {
        open.events.onClose();
      });
  }

  #latency(): number {
    return this.#dice.between(1, 30);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.clock.after(ms, resolve);
    });
  }

  #later(ms: number, fn: () => void): void {
    this.#world.clock.after(ms, () => {
      if (!this.#dead) fn();
    });
  }
}
