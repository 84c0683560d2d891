/** What the server counts, for /metrics. Labels are outcomes and codes only, never a name or an owner. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Ledger } from './blobs/ledger.ts';

/** How the life of a blob went on. */
export type BlobEvent = 'created' | 'finished' | 'terminated' | 'expired';

/** The counters of one server. */
export interface Metrics {
  blob(event: BlobEvent): void;
  refusal(code: string): void;
  received(bytes: number): void;
  sent(bytes: number): void;
  /** The Prometheus text of everything. */
  print(): Promise<string>;
}

/** Counters on a registry of their own. */
export function createMetrics(ledger: Ledger): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `securechat_storage_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `securechat_storage_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  collectDefaultMetrics({ register: registry });
  gauge('blobs', 'Blobs here, unfinished ones included', () => ledger.total.blobs);
  gauge('bytes', 'Bytes announced by the blobs here', () => ledger.total.bytes);
  const events = counter('blob_events_total', 'Blobs created, finished, terminated, expired', ['event']);
  const refusals = counter('refusals_total', 'Requests refused, by code', ['code']);
  const received = counter('received_bytes_total', 'Bytes of blobs taken in');
  const sent = counter('sent_bytes_total', 'Bytes of blobs begun to be sent');
  return {
    blob: (event) => events.inc({ event }),
    refusal: (code) => refusals.inc({ code }),
    received: (bytes) => received.inc(bytes),
    sent: (bytes) => sent.inc(bytes),
    print: () => registry.metrics(),
  };
}
