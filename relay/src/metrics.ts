/**
 * What the relay counts, for Prometheus. Hot paths add to plain numbers; the registry reads them when it is scraped.
 * No label ever holds an id, an address or a handle.
 */
import type { RelayCode } from '@securechat/relay-protocol';
import { Counter, Gauge, Registry } from 'prom-client';
import type { CommitTally } from './mailbox/group-commit.ts';
import type { LineTally } from './mailbox/line.ts';

/** The relay's own counts. */
export interface RelayTally {
  readonly refused: Partial<Record<RelayCode, number>>;
  readonly requests: Partial<Record<string, number>>;
  expired: number;
  oneTimeHanded: number;
  lastResort: number;
}

/** Where the numbers are. */
export interface Sources {
  readonly line: LineTally;
  readonly commits: CommitTally;
  readonly relay: RelayTally;
  readonly connections: () => number;
  readonly devicesOnline: () => number;
  readonly heldBytes: () => number;
  readonly meetings: { readonly size: number; readonly bytes: number };
}

/** Zeroed counts. */
export function createTally(): { line: LineTally; relay: RelayTally } {
  return {
    line: { direct: 0, fromQueue: 0, ephemeral: 0, ephemeralDropped: 0, spilled: 0, acked: 0 },
    relay: { refused: {}, requests: {}, expired: 0, oneTimeHanded: 0, lastResort: 0 },
  };
}

/** A registry that reads `sources` when asked. */
export function createRegistry(sources: Sources): Registry {
  const registry = new Registry();
  const { line, commits, relay } = sources;
  const count = (
    name: string,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number | undefined>>,
  ): void => {
    const counter = new Counter({
      name: `securechat_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, total] of Object.entries(read())) counter.inc({ [label]: value }, total ?? 0);
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number): void => {
    const metric = new Gauge({
      name: `securechat_${name}`,
      help,
      registers: [registry],
      collect: () => {
        metric.set(read());
      },
    });
  };
  count('deliveries_total', 'Envelopes sent to devices', 'path', () => ({
    direct: line.direct,
    queue: line.fromQueue,
    ephemeral: line.ephemeral,
  }));
  count('envelopes_total', 'What became of envelopes', 'event', () => ({
    acked: line.acked,
    spilled: line.spilled,
    stored: commits.stored,
    expired: relay.expired,
    ephemeral_dropped: line.ephemeralDropped,
  }));
  count('commits_total', 'Group commits', 'outcome', () => ({ ok: commits.commits, failed: commits.failedCommits }));
  count('refused_total', 'Refusals by code', 'code', () => relay.refused);
  count('http_requests_total', 'Requests by endpoint and status', 'answer', () => relay.requests);
  count('prekeys_claimed_total', 'Bundles handed out', 'kind', () => ({
    one_time: relay.oneTimeHanded,
    last_resort: relay.lastResort,
  }));
  gauge('connections', 'Open WebSockets', sources.connections);
  gauge('devices_online', 'Signed-in devices', sources.devicesOnline);
  gauge('held_bytes', 'Memory for deliveries that wait for an ack', sources.heldBytes);
  gauge('rendezvous_open', 'Rendezvous that are open', () => sources.meetings.size);
  gauge('rendezvous_bytes', 'Memory for what was left at them', () => sources.meetings.bytes);
  gauge('resident_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
  return registry;
}
