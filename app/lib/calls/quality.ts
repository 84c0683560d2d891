/** How good a connection is, and how much it took, out of what WebRTC counts. Pure. */

/** Totals since a connection began, but for the round trip. */
export interface Counts {
  /** When they were counted. */
  readonly at: number;
  readonly bytes: number;
  /** Packets that came, and that did not. */
  readonly received: number;
  readonly lost: number;
  /** Seconds there and back; absent: not known yet. */
  readonly roundTrip?: number;
  /** Pictures that were decoded here; packets of sound that came. */
  readonly frames: number;
  readonly sounds: number;
  /** How loud what comes is, 0 to 1. */
  readonly level?: number;
}

export type Quality = 'good' | 'fair' | 'poor';

/** Between two counts of one connection. A pause in which nothing came is poor: somebody speaks or is silent, but packets go on. */
export function judge(before: Counts, after: Counts): Quality {
  const came = after.received - before.received;
  const lost = Math.max(0, after.lost - before.lost);
  const part = came + lost === 0 ? 1 : lost / (came + lost);
  const roundTrip = after.roundTrip ?? 0;
  if (part > 0.08 || roundTrip > 0.6) return 'poor';
  return part > 0.02 || roundTrip > 0.25 ? 'fair' : 'good';
}

/** One of the entries of `getStats()`, as far as it is looked at. */
export interface Stat {
  readonly type: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

/** Sums up a report. */
export function count(report: Iterable<Stat>, at: number): Counts {
  const stats = [...report];
  const inbound = stats.filter(({ type }) => type === 'inbound-rtp');
  const pair = chosenPair(stats);
  const roundTrip = pair?.['currentRoundTripTime'];
  const level = inbound.find(({ kind }) => kind === 'audio')?.['audioLevel'];
  return {
    at,
    bytes: numberOf(pair, 'bytesSent') + numberOf(pair, 'bytesReceived'),
    received: sum(inbound, 'packetsReceived'),
    lost: sum(inbound, 'packetsLost'),
    frames: sum(inbound, 'framesDecoded'),
    sounds: sum(
      inbound.filter(({ kind }) => kind === 'audio'),
      'packetsReceived',
    ),
    ...(typeof roundTrip === 'number' && { roundTrip }),
    ...(typeof level === 'number' && { level }),
  };
}

/** The pair of addresses in use: what the transport names, else one that is nominated. */
function chosenPair(stats: readonly Stat[]): Stat | undefined {
  const named = stats.find(({ type }) => type === 'transport')?.['selectedCandidatePairId'];
  const pairs = stats.filter(({ type }) => type === 'candidate-pair');
  return pairs.find(({ id }) => id === named) ?? pairs.find(({ nominated }) => nominated === true);
}

function sum(stats: readonly Stat[], name: string): number {
  return stats.reduce((total, stat) => total + numberOf(stat, name), 0);
}

function numberOf(stat: Stat | undefined, name: string): number {
  const value = stat?.[name];
  return typeof value === 'number' ? value : 0;
}
