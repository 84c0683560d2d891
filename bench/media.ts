/**
 * What does encryption cost a file? One goes up to the storage server and down again, sealed as the engine does it, and
 * beside it in the same run the same bytes as they are, by the same client of tus and the same server; and what memory it takes.
 */
import { randomFillSync } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import { signToken } from '../relay/src/jwt.ts';
import { StorageProcess } from '../sync/test/real/storage-process.ts';
import type { Acts } from './media/device.ts';
import { ActingProcess } from './processes/acting-process.ts';
import { type BenchTable, median, short } from './table.ts';

const MiB = 1024 ** 2;
/** A first, short turn of each warms up; then they take turns. */
const WARM_UP_MIB = 16;
const ROUND_MIB = Number(process.env['SECURECHAT_BENCH_MIB'] ?? 128);
const ROUNDS = 5;
const LARGE_MIB = Number(process.env['SECURECHAT_BENCH_LARGE_MIB'] ?? 1024);
const LINE_MBIT = 100;
const SECRET = 'a secret of the benchmark and of nobody else';

interface Round {
  readonly up: number;
  readonly plainUp: number;
  readonly sealing: number;
  readonly down: number;
  readonly plainDown: number;
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
    const row = (name: string, of: (round: Round) => number, ofPlain: (round: Round) => number) => {
      const [ours, theirs] = [median(rounds.map(of)), median(rounds.map(ofPlain))];
      return [name, short(perSecond(ours)), short(perSecond(theirs)), short(theirs / ours)];
    };
    return {
      title: `A file of ${String(ROUND_MIB)} MiB, sealed and plain; peak memory for one of ${String(LARGE_MIB)} MiB`,
      columns: ['', 'sealed', 'plain', 'ratio'],
      rows: [
        row(
          'MiB/s sealing and upload',
          ({ up }) => up,
          ({ plainUp }) => plainUp,
        ),
        row(
          'MiB/s download and opening',
          ({ down }) => down,
          ({ plainDown }) => plainDown,
        ),
        ['MiB above rest, both ways', short(sealed), short(plain), short(sealed / plain)],
      ],
      notes: [
        `medians of ${String(ROUNDS)} rounds in turn; goal of the first two ratios: 0.8; of the memory: below 100 MiB`,
        `of sealed sending, sealing into the cache took ${String(percent(rounds))} %`,
        `over a line of ${String(LINE_MBIT)} Mbit/s instead of none, sealed sending would run at ${String(short(overLine(rounds)))} of plain`,
      ],
    };
  } finally {
    await storage.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

function perSecond(ms: number): number {
  return ROUND_MIB / (ms / 1000);
}

function percent(rounds: readonly Round[]): number {
  return Math.round(100 * median(rounds.map(({ sealing, up }) => sealing / up)));
}

/** There the line takes its time, and sealing comes before it. */
function overLine(rounds: readonly Round[]): number {
  const line = (ROUND_MIB * MiB * 8) / (LINE_MBIT * 1000);
  return line / (line + median(rounds.map(({ sealing }) => sealing)));
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
  const plain = await device.ask('sendPlain', file, size);
  const sealed = await device.ask('sendSealed', file, size);
  const plainDown = await device.ask('fetchPlain', plain.url);
  const down = await device.ask('fetchSealed', sealed.sent, size);
  return { up: sealed.ms, sealing: sealed.sealing, plainUp: plain.ms, down: down.ms, plainDown: plainDown.ms };
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
