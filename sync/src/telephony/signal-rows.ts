/** Signals between two devices: each direction an unbroken row from 1, said again until it is there. */
import { type CallSignal, PHONE_LIMITS } from '../api-phone.ts';
import type { Signals } from './state.ts';

/** Signals that are on their way at once. */
const WINDOW = 16;

/** One of a row. */
export type Unacked = Signals['unacked'][number];

export const NO_SIGNALS: Signals = { sent: 0, unacked: [], received: 0, waiting: [] };

/** One more to be sent, and whether it may go at once; undefined: too many wait. */
export function addSignal(
  signals: Signals,
  signal: CallSignal,
): { readonly signals: Signals; readonly item: Unacked; readonly isNow: boolean } | undefined {
  const { sent, unacked } = signals;
  if (unacked.length >= PHONE_LIMITS.signals) return undefined;
  const item = { seq: sent + 1, signal };
  const isNow = unacked.length < WINDOW;
  return { signals: { ...signals, sent: item.seq, unacked: [...unacked, item] }, item, isNow };
}

/** Whether it is the next one, and there is room for it; what came before, or comes too early, is said again. */
export function isNext({ received, waiting }: Signals, seq: number): boolean {
  return seq === received + 1 && waiting.length < PHONE_LIMITS.signals;
}

export function withNext(signals: Signals, { seq, signal }: Unacked): Signals {
  return { ...signals, received: seq, waiting: [...signals.waiting, { n: seq, ...signal }] };
}

/** They have all up to `received`; `news`: what was behind the window and may go now. */
export function withReceived(
  signals: Signals,
  received: number,
): { readonly signals: Signals; readonly news: readonly Unacked[] } {
  const { sent, unacked } = signals;
  const left = received <= sent ? unacked.filter(({ seq }) => seq > received) : unacked;
  const arrived = unacked.length - left.length;
  const news = arrived === 0 ? [] : left.slice(Math.max(0, WINDOW - arrived), WINDOW);
  return { signals: arrived === 0 ? signals : { ...signals, unacked: left }, news };
}

/** What is said again. */
export function onTheirWay({ unacked }: Signals): readonly Unacked[] {
  return unacked.slice(0, WINDOW);
}

/** The holder has used what came up to `upTo`. */
export function withTaken(signals: Signals, upTo: number): Signals {
  return { ...signals, waiting: signals.waiting.filter(({ n }) => n > upTo) };
}
