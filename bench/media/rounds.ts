/** Sealed and plain in turn on one device, and what came of it. */
import { cpus } from 'node:os';
import { cpuTimeOfFamily, newPagesOfFamily } from '../processes/family.ts';
import { median, short } from '../table.ts';
import type { Acts, Shown } from './acts.ts';

/** What is asked of a device, wherever it runs. */
export interface Device {
  ask<K extends keyof Acts>(act: K, ...args: Parameters<Acts[K]>): Promise<Awaited<ReturnType<Acts[K]>>>;
}

export interface Sample {
  readonly path: string;
  readonly bytes: number;
}

/** Milliseconds by the clock; and of CPU, and pages of memory that were new, of device and server together. */
interface Cost {
  readonly ms: number;
  readonly cpu: number;
  readonly pages: number;
}

export interface Round {
  readonly up: Cost;
  readonly plainUp: Cost;
  /** Plain, and a copy of it stays on the device, as a sealed one does. */
  readonly keptUp: Cost;
  readonly down: number;
  readonly plainDown: number;
  /** The same, and the file read from beginning to end. */
  readonly shown: Cost;
  readonly plainShown: Cost;
}

type Row = (string | number)[];

const CORES = cpus().length;

/** They take turns at being first, too: what one leaves to the disk, the next one feels. */
export async function roundsOf(device: Device, file: Sample, count: number): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round += 1) rounds.push(await oneRound(device, file, round));
  return rounds;
}

/** Which one is first, the round's number says. */
export async function oneRound(device: Device, { path, bytes }: Sample, round: number): Promise<Round> {
  const [plainUp, up, keptUp] = await inTurn(round, [
    () => costOf(() => device.ask('sendPlain', path, bytes)),
    () => costOf(() => device.ask('sendSealed', path, bytes)),
    () => costOf(() => device.ask('sendKept', path, bytes)),
  ]);
  const [plain, sealed] = await inTurn(round, [
    () => costOf(async () => together(await device.ask('fetchPlain', plainUp.url))),
    () => costOf(async () => together(await device.ask('fetchSealed', up.sent, bytes))),
  ]);
  return { up, plainUp, keptUp, down: sealed.fetched, plainDown: plain.fetched, shown: sealed, plainShown: plain };
}

/** What each comes to, in the order in which they are given; they begin with another one each time. */
async function inTurn<T extends readonly unknown[]>(
  first: number,
  acts: { readonly [K in keyof T]: () => Promise<T[K]> },
): Promise<T> {
  const results: unknown[] = acts.map(() => undefined);
  for (let turn = 0; turn < acts.length; turn += 1) {
    const next = (first + turn) % acts.length;
    results[next] = await acts[next]?.();
  }
  return results as unknown as T;
}

function together({ fetched, read }: Shown): Shown & { readonly ms: number } {
  return { ms: fetched + read, fetched, read };
}

async function costOf<T extends { readonly ms: number }>(act: () => Promise<T>): Promise<T & Cost> {
  const before = { cpu: await cpuTimeOfFamily(process.pid), pages: await newPagesOfFamily(process.pid) };
  const took = await act();
  const after = { cpu: await cpuTimeOfFamily(process.pid), pages: await newPagesOfFamily(process.pid) };
  return { ...took, cpu: after.cpu - before.cpu, pages: after.pages - before.pages };
}

/** Of `mebibytes` each, under the name of where they ran. */
export function rowsOf(where: string, rounds: readonly Round[], mebibytes: number): readonly Row[] {
  const [up, plainUp, keptUp, shown, plainShown] = [
    middle(rounds, 'up'),
    middle(rounds, 'plainUp'),
    middle(rounds, 'keptUp'),
    middle(rounds, 'shown'),
    middle(rounds, 'plainShown'),
  ];
  const [down, plainDown] = [median(rounds.map((round) => round.down)), median(rounds.map((round) => round.plainDown))];
  const speed = (name: string, sealed: number, plain: number): Row => {
    const perSecond = (ms: number): number => short(mebibytes / (ms / 1000));
    return [`${where}: MiB/s ${name}`, perSecond(sealed), perSecond(plain), short(plain / sealed)];
  };
  const per100 = (what: 'cpu' | 'pages', name: string, sealed: Cost, plain: Cost): Row => {
    const [ours, theirs] = [sealed[what], plain[what]].map((count) => Math.round((count * 100) / mebibytes));
    return [`${where}: ${name}`, ours ?? NaN, theirs ?? NaN, short(plain[what] / sealed[what])];
  };
  return [
    speed('sealing and upload', up.ms, plainUp.ms),
    speed('the same; plain keeps a copy, too', up.ms, keptUp.ms),
    speed('download, checked', down, plainDown),
    speed('download, and reading all of it', shown.ms, plainShown.ms),
    per100('cpu', 'ms of CPU for 100 MiB up', up, plainUp),
    per100('pages', 'new pages of memory for 100 MiB up', up, plainUp),
    per100('cpu', 'ms of CPU for 100 MiB down and read', shown, plainShown),
    per100('pages', 'new pages of memory for 100 MiB down and read', shown, plainShown),
  ];
}

/** Of the CPU alone, so that it is the same on a busy machine: what it would be if nobody ever waited for anybody. */
export function boundsOf(where: string, rounds: readonly Round[]): readonly string[] {
  const bound = (name: string, sealed: Cost, plain: Cost): string => {
    const busy = Math.round((100 * plain.cpu) / CORES / plain.ms);
    const most = short(Math.min(1, plain.ms / (sealed.cpu / CORES)));
    return `${where}, ${name}: plain keeps ${String(CORES)} cores busy to ${String(busy)} %; sealed work without a gap on all of them would give ${String(most)}`;
  };
  return [
    bound('up', middle(rounds, 'up'), middle(rounds, 'plainUp')),
    bound('down and read', middle(rounds, 'shown'), middle(rounds, 'plainShown')),
  ];
}

/** Each figure by itself: on a busy machine they do not go together. */
function middle(rounds: readonly Round[], part: 'up' | 'plainUp' | 'keptUp' | 'shown' | 'plainShown'): Cost {
  const of = (figure: keyof Cost): number => median(rounds.map((round) => round[part][figure]));
  return { ms: of('ms'), cpu: of('cpu'), pages: of('pages') };
}
