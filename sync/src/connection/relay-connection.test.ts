import {
  type ClientFrame,
  type EnvelopeId,
  type MailboxId,
  type RelayFrame,
  decodeClientFrame,
  encodeFrame,
} from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/simulation/clock.ts';
import type { RelayLink, SocketEvents } from '../ports/relay-link.ts';
import { type ConnectionState, RelayConnection, type SignIn } from './relay-connection.ts';

const TO = [new Uint8Array(16).fill(1) as MailboxId];
const MAILBOX = new Uint8Array(16) as MailboxId;

function post(n: number) {
  return { id: new Uint8Array(16).fill(n) as EnvelopeId, data: Uint8Array.of(n), to: TO, ephemeral: false };
}

/** A relay in the test's hands: every socket that was opened, and what was sent on it. */
class Script implements RelayLink {
  readonly sockets: { readonly events: SocketEvents; readonly sent: ClientFrame[]; closed: boolean }[] = [];
  isFull = false;

  openSocket(_url: string, events: SocketEvents) {
    const socket = { events, sent: [] as ClientFrame[], closed: false };
    this.sockets.push(socket);
    return {
      send: (bytes: Uint8Array) => {
        if (this.isFull || socket.closed) return false;
        const frame = decodeClientFrame(bytes.slice());
        if (!frame.ok) throw new Error('not a frame');
        socket.sent.push(frame.value);
        return true;
      },
      close: () => {
        socket.closed = true;
      },
    };
  }

  request(): Promise<never> {
    return Promise.reject(new Error('no HTTP here'));
  }

  get last() {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket');
    return socket;
  }

  say(frame: RelayFrame): void {
    this.last.events.onFrame(encodeFrame(frame));
  }

  /** The newest socket opens and the relay welcomes. */
  welcome(): void {
    this.last.events.onOpen();
    this.say({ type: 'welcome', mailbox: MAILBOX, queued: 0 });
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

async function start(signIn: SignIn = () => Promise.resolve({ ok: true, value: 'token' })) {
  const [link, clock] = [new Script(), new VirtualClock(0)];
  const states: [ConnectionState['type'], string | undefined][] = [];
  const delivered: number[] = [];
  let drained = 0;
  const connection = new RelayConnection({
    relayUrl: 'https://relay.test',
    link,
    clock,
    random: (length) => new Uint8Array(length).fill(128), // jitter: exactly 1
    signIn,
    events: {
      onState: (state, problem) => states.push([state.type, problem]),
      onDeliver: ({ data }) => delivered.push(data[0] ?? -1),
      onDrained: () => (drained += 1),
    },
  });
  connection.start();
  await settle();
  /** Lets time pass, and everything that hangs on it. */
  const pass = async (ms: number): Promise<void> => {
    const end = clock.now() + ms;
    while (clock.step(end)) await settle();
    await settle();
  };
  return { connection, link, clock, states, delivered, drained: () => drained, pass };
}

describe('relay connection', () => {
  it('S-LINK-1 signs in with a fresh token, is online when welcomed, and hands on what is delivered', async () => {
    const { connection, link, states, delivered, drained } = await start();
    link.last.events.onOpen();
    expect(link.last.sent).toEqual([{ type: 'signIn', token: 'token' }]);
    expect(connection.state.type).toBe('connecting');
    link.say({ type: 'welcome', mailbox: MAILBOX, queued: 1 });
    link.say({ type: 'deliver', id: post(1).id, data: Uint8Array.of(7) });
    link.say({ type: 'drained' });
    expect(states.map(([type]) => type)).toEqual(['connecting', 'online']);
    expect([delivered, drained()]).toEqual([[7], 1]);
    link.say({ type: 'welcome', mailbox: MAILBOX, queued: 1 }); // once is enough
    expect(states).toHaveLength(2);
  });

  it('S-LINK-2 tries again with growing pauses of at most a minute, and at once when asked to', async () => {
    const { connection, link, pass, states } = await start();
    const pauses: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      link.last.events.onClose();
      const { state } = connection;
      if (state.type !== 'waiting') throw new Error('must wait');
      const count = link.sockets.length;
      let waited = 0;
      while (link.sockets.length === count && waited < 100_000) {
        await pass(500);
        waited += 500;
      }
      pauses.push(waited);
    }
    expect(pauses.slice(0, 5)).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(Math.max(...pauses)).toBe(60_000);
    link.last.events.onClose();
    const count = link.sockets.length;
    connection.start();
    await settle();
    expect(link.sockets.length).toBe(count + 1);
    expect(states.at(-1)?.[0]).toBe('connecting');
  });

  it('S-LINK-2 a relay that welcomes and hangs up does not reset the pauses; one that stays does', async () => {
    const { connection, link, pass } = await start();
    const pauseAfter = async (online: number): Promise<number> => {
      link.welcome();
      await pass(online);
      link.last.events.onClose();
      const { state } = connection;
      const until = state.type === 'waiting' ? state.until : 0;
      const before = link.sockets.length;
      let waited = 0;
      for (; link.sockets.length === before; waited += 250) await pass(250);
      return until === 0 ? 0 : waited;
    };
    const hasty = [await pauseAfter(10), await pauseAfter(10), await pauseAfter(10)];
    expect(hasty).toEqual([500, 1000, 2000]);
    const pong = (): void => link.say({ type: 'pong' });
    link.welcome();
    for (let i = 0; i < 3; i += 1) {
      await pass(25_000);
      pong();
    }
    link.last.events.onClose();
    const before = link.sockets.length;
    await pass(500);
    expect(link.sockets.length).toBe(before + 1);
  });

  it('S-LINK-3 counts a relay that says nothing to two pings as lost, whatever the clock does', async () => {
    const { connection, link, pass } = await start();
    link.welcome();
    await pass(25_000);
    expect(link.last.sent.at(-1)).toEqual({ type: 'ping' });
    link.say({ type: 'pong' });
    await pass(50_000);
    expect(connection.state.type).toBe('online');
    await pass(25_000);
    expect(connection.state.type).not.toBe('online');
    expect(link.sockets[0]?.closed).toBe(true);
  });

  it('S-LINK-3 gives up a socket that never opens and a frame that is none', async () => {
    const { connection, link, pass } = await start();
    await pass(30_000);
    expect(link.sockets[0]?.closed).toBe(true);
    await pass(1_000);
    link.welcome();
    expect(connection.state.type).toBe('online');
    link.last.events.onFrame(Uint8Array.of(0xff, 1, 2));
    expect(connection.state.type).toBe('waiting');
  });

  it('S-LINK-4 stays away when another connection of this device took over, until it is started again', async () => {
    const { connection, link, pass, states } = await start();
    link.welcome();
    link.say({ type: 'error', code: 'ReplacedByNewer' });
    expect(states.at(-1)).toEqual(['stopped', 'ReplacedByNewer']);
    await pass(10 * 60_000);
    expect(link.sockets).toHaveLength(1);
    connection.start();
    await settle();
    expect(link.sockets).toHaveLength(2);
  });

  it('S-LINK-5 every post is answered: accepted, refused by mailbox, no answer, and all of them when it drops', async () => {
    const { connection, link, pass } = await start();
    expect(await connection.post(post(1))).toEqual({ type: 'lost', reason: 'Disconnected' });
    link.welcome();
    const [accepted, refused, silent] = [post(2), post(3), post(4)].map((input) => connection.post(input));
    link.say({ type: 'accepted', id: post(2).id });
    link.say({ type: 'accepted', id: post(9).id }); // of nobody
    link.say({ type: 'refused', id: post(3).id, failures: [{ mailbox: MAILBOX, code: 'MailboxFull' }] });
    expect(await accepted).toEqual({ type: 'accepted' });
    expect(await refused).toEqual({ type: 'refused', failures: [{ mailbox: MAILBOX, code: 'MailboxFull' }] });
    await pass(20_000);
    link.say({ type: 'pong' });
    await pass(10_000);
    expect(await silent).toEqual({ type: 'lost', reason: 'NoAnswer' });
    const dropped = [connection.post(post(5)), connection.post(post(6))];
    link.last.events.onClose();
    expect(await Promise.all(dropped)).toEqual(Array(2).fill({ type: 'lost', reason: 'Disconnected' }));
  });

  it('S-LINK-5 a socket that takes no more is an answer too', async () => {
    const { connection, link } = await start();
    link.welcome();
    link.isFull = true;
    expect(await connection.post(post(1))).toEqual({ type: 'lost', reason: 'Disconnected' });
  });

  it('S-LINK-6 after stop nothing is heard and nothing is dialled, also by a sign-in that was under way', async () => {
    let finish: () => void = () => undefined;
    const slow: SignIn = () =>
      new Promise((resolve) => {
        finish = () => {
          resolve({ ok: true, value: 'token' });
        };
      });
    const { connection, link, pass, states, delivered } = await start(slow);
    connection.stop();
    finish();
    await pass(10 * 60_000);
    expect(link.sockets).toHaveLength(0);
    connection.start();
    await settle();
    finish();
    await settle();
    link.welcome();
    connection.stop();
    link.say({ type: 'deliver', id: post(1).id, data: Uint8Array.of(7) });
    link.last.events.onClose();
    await pass(10 * 60_000);
    expect([delivered, link.sockets.length, states.at(-1)?.[0]]).toEqual([[], 1, 'stopped']);
  });

  it('S-LINK-7 says why the relay refuses, and takes a sign-in that fails for a try that failed', async () => {
    const answers: Awaited<ReturnType<SignIn>>[] = [
      { ok: false, error: 'SignInRefused' },
      { ok: false, error: undefined },
    ];
    const { link, states, pass } = await start(() => {
      const next = answers.shift();
      return next === undefined ? Promise.reject(new Error('closing')) : Promise.resolve(next);
    });
    expect(states.at(-1)).toEqual(['waiting', 'SignInRefused']);
    await pass(500);
    expect(states.at(-1)).toEqual(['waiting', undefined]);
    await pass(1_000);
    expect(states.at(-1)).toEqual(['waiting', undefined]);
    expect(link.sockets).toHaveLength(0);
  });

  it('S-LINK-8 acks only while it is online, in frames that the relay takes', async () => {
    const { connection, link } = await start();
    const ids = Array.from({ length: 1500 }, () => post(1).id);
    link.last.events.onOpen();
    connection.ack(ids);
    expect(link.last.sent.map((frame) => frame.type)).toEqual(['signIn']);
    link.say({ type: 'welcome', mailbox: MAILBOX, queued: 0 });
    connection.ack(ids);
    const acks = link.last.sent.filter((frame) => frame.type === 'ack');
    expect(acks.map((frame) => frame.ids.length)).toEqual([1024, 476]);
  });

  it('S-LINK-9 renews: hangs up and dials again, posts under way answered as lost', async () => {
    const { connection, link } = await start();
    link.welcome();
    const pending = connection.post(post(1));
    connection.renew();
    await settle();
    expect(await pending).toEqual({ type: 'lost', reason: 'Disconnected' });
    expect(link.sockets.map((socket) => socket.closed)).toEqual([true, false]);
  });
});
