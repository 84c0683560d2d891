/** The relay without any socket: give it a store, a directory, a clock and randomness, and it serves connections and HTTP. */
import { WIRE_VERSION, type MailboxId, type RelayCode } from '@securechat/relay-protocol';
import type { Clock } from './clock.ts';
import type { RelayConfig } from './config.ts';
import { openConnection, type Connection, type Socket } from './connection.ts';
import type { Directory } from './directory/port.ts';
import { createHttp, type HttpHandler } from './http/api.ts';
import { Governor } from './limits/governor.ts';
import { factsOf, type Log } from './log.ts';
import { Exchange } from './mailbox/exchange.ts';
import { sweepExpired } from './mailbox/expiry.ts';
import { GroupCommit } from './mailbox/group-commit.ts';
import type { MailboxStore } from './mailbox/port.ts';
import { createRegistry, createTally } from './metrics.ts';
import { MeetingPlace } from './rendezvous.ts';
import { storageSecretFrom, TokenDesk } from './tokens.ts';
import { TurnDesk } from './turn.ts';

/** What a relay is made of. */
export interface RelayParts {
  readonly store: MailboxStore;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly config: RelayConfig;
  readonly log: Log;
  /** At least 32 secret bytes; must survive restarts, or every token dies with the process. */
  readonly tokenSecret: Uint8Array;
  /** Shared with the storage server; derived from `tokenSecret` when absent. */
  readonly storageTokenSecret?: Uint8Array;
}

/** A running relay. */
export interface Relay {
  /** A WebSocket was opened. `wireVersion` is the number in its path. */
  connect(socket: Socket, wireVersion?: number): Connection;
  /** Answers `/v1/*`, `/healthz` and `/metrics`. Never rejects. */
  readonly http: HttpHandler;
  /** Closes all connections, puts on disk what is held in memory, and stops timers. The store stays open. */
  close(): Promise<void>;
}

/** Makes a relay. */
export function createRelay(parts: RelayParts): Relay {
  const { store, directory, clock, random, config, log } = parts;
  const tally = createTally();
  const commits = new GroupCommit(store, clock, log, config.commitDelayMs);
  const budget = { used: 0, cap: config.heldBytes };
  const lines = {
    store,
    commits,
    clock,
    log,
    tally: tally.line,
    patienceMs: config.ackPatienceMs,
    window: config.window,
    budget,
  };
  const exchange = new Exchange(lines, config.waitingBytes);
  const governor = new Governor(config.rates, config.connectionsPerAddress, clock);
  const meetings = new MeetingPlace(config.rendezvous, clock);
  const storageSecret = parts.storageTokenSecret ?? storageSecretFrom(parts.tokenSecret);
  const tokens = new TokenDesk({ secret: parts.tokenSecret, storageSecret, clock, random, config });
  const turn = new TurnDesk({ clock, random, config });
  const open = new Set<() => void>();
  const registry = createRegistry({
    line: tally.line,
    commits: commits.tally,
    relay: tally.relay,
    connections: () => open.size,
    devicesOnline: () => exchange.size,
    heldBytes: () => budget.used,
    meetings,
  });
  const stopSweeping = sweepExpired({ store, clock, log, tally: tally.relay, retentionMs: config.retentionMs });
  let closing = false;

  const refused = (code: RelayCode): void => {
    tally.relay.refused[code] = (tally.relay.refused[code] ?? 0) + 1;
  };

  async function signIn(token: string): Promise<{ mailbox: MailboxId } | { code: RelayCode }> {
    try {
      const deviceId = tokens.deviceOf(token);
      if (deviceId === undefined) return { code: 'TokenInvalid' };
      const device = await directory.device(deviceId);
      return device === undefined ? { code: 'NotSignedIn' } : { mailbox: device.mailbox };
    } catch (thrown) {
      log.error(factsOf(thrown), 'directory unreadable');
      return { code: 'ServerBusy' };
    }
  }

  function connect(socket: Socket, wireVersion = WIRE_VERSION): Connection {
    const admitted = closing ? undefined : governor.admit(socket.address);
    const ended = (): void => {
      admitted?.release();
      open.delete(end);
    };
    const governing = admitted?.governor ?? { takeFrame: () => false, takePost: () => false, trust: () => undefined };
    const connection = openConnection(socket, { exchange, governor: governing, signIn, refused, ended });
    const end = (): void => {
      connection.fail('ServerBusy');
    };
    open.add(end);
    if (wireVersion !== WIRE_VERSION) connection.fail('VersionUnsupported');
    if (admitted === undefined) connection.fail(closing ? 'ServerBusy' : 'RateLimited');
    return connection;
  }

  return {
    connect,
    http: createHttp({
      directory,
      exchange,
      store,
      governor,
      meetings,
      tokens,
      turn,
      config,
      log,
      tally: tally.relay,
      registry,
      isClosing: () => closing,
    }),
    close: async () => {
      closing = true;
      stopSweeping();
      meetings.close();
      for (const end of open) end();
      await commits.flush();
    },
  };
}
