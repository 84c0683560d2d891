/**
 * What does encryption cost a file? One goes up to the storage server and down again, sealed as the engine does it, and
 * beside it in the same run the same bytes as they are, by the same client of tus and the same server; and what memory it takes.
 */
import { randomFillSync } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import { signToken } from '../relay/src/jwt.ts';
import { StorageProcess } from '../sync/test/real/storage-process.ts';
import type { Acts, Shown, Took } from './media/device.ts';
import { ActingProcess } from './processes/acting-process.ts';
import { cpuTimeOfFamily } from './processes/family.ts';
import { type BenchTable, median, short } from './table.ts';

const MiB = 1024 ** 2;
/** A first, short turn of each warms up; then they take turns. */
const WARM_UP_MIB = 16;
const ROUND_MIB = Number(process.env['SECURECHAT_BENCH_MIB'] ?? 128);
const ROUNDS = 5;
const LARGE_MIB = Number(process.env['SECURECHAT_BENCH_LARGE_MIB'] ?? 1024);
const CORES = cpus().length;
const SECRET = 'a secret of the benchmark and of nobody else';

/** And of CPU of device and server together. */
interface Cost extends Took {
  readonly all: number;
}

interface Round {
  readonly up: Cost;
  readonly plainUp: Cost;
  readonly down: Took;
  readonly plainDown: Took;
  /** The same, and the file read from beginning to end. */
  readonly shown: Cost;
  readonly plainShown: Cost;
}

export async function run(): Promise<BenchTable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-bench-'));
  const storage = await StorageProcess.create({
    SECURECHAT_STORAGE_TOKEN_SECRET: SECRET,
    SECURECHAT_STORAGE_QUOTA_MIB: '100000',
    SECURECHAT_STORAGE_MAX_BLOB_MIB: '4096',
    SECURECHAT_STORAGE_LOG: 'silent',
  });
  try {
    const rounds = await inTurns(storage, folder);
    const [sealed, plain] = [await peakOf(storage, folder, true), await peakOf(storage, folder, false)];
    const [up, plainUp] = [middle(rounds, 'up'), middle(rounds, 'plainUp')];
    const [down, plainDown] = [msOf(rounds, 'down'), msOf(rounds, 'plainDown')];
    const [shown, plainShown] = [middle(rounds, 'shown'), middle(rounds, 'plainShown')];
    return {
      title: `A file of ${String(ROUND_MIB)} MiB, sealed and plain; peak memory for one of ${String(LARGE_MIB)} MiB`,
      columns: ['', 'sealed', 'plain', 'ratio'],
      rows: [
        speedRow('MiB/s sealing and upload', up.ms, plainUp.ms),
        speedRow('MiB/s download, checked', down, plainDown),
        speedRow('MiB/s download, and reading all of it', shown.ms, plainShown.ms),
        cpuRow('ms of CPU for 100 MiB up', up, plainUp),
        cpuRow('ms of CPU for 100 MiB down and read', shown, plainShown),
        ['MiB above rest, both ways', short(sealed), short(plain), short(sealed / plain)],
      ],
      notes: [
        `medians of ${String(ROUNDS)} rounds in turn; goal of the first three ratios: 0.8; of the memory: below 100 MiB`,
        `up: ${boundOf(up, plainUp)}`,
        `down and read: ${boundOf(shown, plainShown)}`,
      ],
    };
  } finally {
    await storage.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

function speedRow(name: string, sealed: number, plain: number): (string | number)[] {
  const perSecond = (ms: number): number => ROUND_MIB / (ms / 1000);
  return [name, short(perSecond(sealed)), short(perSecond(plain)), short(plain / sealed)];
}

/** Each figure by itself: on a busy machine they do not go together. */
function middle(rounds: readonly Round[], part: 'up' | 'plainUp' | 'shown' | 'plainShown'): Cost {
  const of = (figure: keyof Cost): number => median(rounds.map((round) => round[part][figure]));
  return { ms: of('ms'), cpu: of('cpu'), all: of('all') };
}

function msOf(rounds: readonly Round[], part: 'down' | 'plainDown'): number {
  return median(rounds.map((round) => round[part].ms));
}

function cpuRow(name: string, sealed: Cost, plain: Cost): (string | number)[] {
  const [ours, theirs] = [sealed.all, plain.all].map((ms) => Math.round((ms * 100) / ROUND_MIB));
  return [name, ours ?? NaN, theirs ?? NaN, short(plain.all / sealed.all)];
}

/** Of the CPU alone, so that it is the same on a busy machine: what it would be if nobody ever waited for anybody. */
function boundOf(sealed: Cost, plain: Cost): string {
  const busy = Math.round((100 * plain.all) / CORES / plain.ms);
  const bound = short(Math.min(1, plain.ms / (sealed.all / CORES)));
  return `plain keeps ${String(CORES)} cores busy to ${String(busy)} %; sealed work without a gap on all of them would give ${String(bound)}`;
}

async function inTurns(storage: StorageProcess, folder: string): Promise<readonly Round[]> {
  const device = await newDevice(storage, folder);
  try {
    await oneRound(device, await fileOf(folder, WARM_UP_MIB), WARM_UP_MIB * MiB);
    const file = await fileOf(folder, ROUND_MIB);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await oneRound(device, file, ROUND_MIB * MiB));
    return rounds;
  } finally {
    await device.end();
  }
}

async function oneRound(device: ActingProcess<Acts>, file: string, size: number): Promise<Round> {
  const plainUp = await costOf(() => device.ask('sendPlain', file, size));
  const up = await costOf(() => device.ask('sendSealed', file, size));
  const plain = await costOf(async () => bothOf(await device.ask('fetchPlain', plainUp.url)));
  const sealed = await costOf(async () => bothOf(await device.ask('fetchSealed', up.sent, size)));
  return { up, plainUp, down: sealed.fetched, plainDown: plain.fetched, shown: sealed, plainShown: plain };
}

function bothOf({ fetched, read }: Shown): Took & Shown {
  return { ms: fetched.ms + read.ms, cpu: fetched.cpu + read.cpu, fetched, read };
}

async function costOf<T extends Took>(act: () => Promise<T>): Promise<T & Cost> {
  const before = await cpuTimeOfFamily(process.pid);
  const took = await act();
  return { ...took, all: (await cpuTimeOfFamily(process.pid)) - before };
}

/** MiB that a process takes at most above what it takes at rest, while a large file goes up and down. */
async function peakOf(storage: StorageProcess, folder: string, isSealed: boolean): Promise<number> {
  const device = await newDevice(storage, folder);
  try {
    await oneRound(device, await fileOf(folder, WARM_UP_MIB), WARM_UP_MIB * MiB);
    const [file, size] = [await fileOf(folder, LARGE_MIB), LARGE_MIB * MiB];
    const rest = await device.ask('rest');
    if (isSealed) {
      const { sent } = await device.ask('sendSealed', file, size);
      await device.ask('fetchSealed', sent, size);
    } else {
      const { url } = await device.ask('sendPlain', file, size);
      await device.ask('fetchPlain', url);
    }
    return (await device.ask('peak')) - rest;
  } finally {
    await device.end();
  }
}

async function newDevice(storage: StorageProcess, folder: string): Promise<ActingProcess<Acts>> {
  const device = new ActingProcess<Acts>(new URL('./media/device.ts', import.meta.url));
  const exp = Math.floor(Date.now() / 1000) + 24 * 3600;
  const token = signToken({ sub: 'somebody', aud: TOKEN_AUDIENCE.storage, exp }, new TextEncoder().encode(SECRET));
  await device.ask('begin', path.join(folder, 'cache'), `${storage.url}/files`, token);
  return device;
}

/** A file that nothing makes smaller. */
async function fileOf(folder: string, mebibytes: number): Promise<string> {
  const file = path.join(folder, `film-${String(mebibytes)}`);
  const handle = await open(file, 'w');
  const piece = new Uint8Array(MiB);
  for (let written = 0; written < mebibytes; written += 1) await handle.write(randomFillSync(piece));
  await handle.close();
  return file;
}
