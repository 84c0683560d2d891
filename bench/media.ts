/**
 * What does encryption cost a file? One goes up to the storage server and down again, sealed as the engine does it, and
 * beside it in the same run the same bytes as they are, by the same client of tus and the same server: in a real Chromium, where the
 * engine lives, and in Node, where a process's memory can be told apart.
 */
import { randomFillSync } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import { signToken } from '../relay/src/jwt.ts';
import { StorageProcess } from '../sync/test/real/storage-process.ts';
import { BrowserDevice } from './media/browser-device.ts';
import type { NodeActs } from './media/node-device.ts';
import { type Round, type Sample, boundsOf, oneRound, roundsOf, rowsOf } from './media/rounds.ts';
import { ActingProcess } from './processes/acting-process.ts';
import { costOfNewPage } from './processes/page-cost.ts';
import { type BenchTable, short } from './table.ts';

const MiB = 1024 ** 2;
/** A first, short turn of each warms up; then they take turns. */
const WARM_UP_MIB = 16;
const ROUND_MIB = Number(process.env['SECURECHAT_BENCH_MIB'] ?? 128);
/** By two and by three, since they take turns at being first. */
const ROUNDS = 12;
const LARGE_MIB = Number(process.env['SECURECHAT_BENCH_LARGE_MIB'] ?? 1024);
const SECRET = 'a secret of the benchmark and of nobody else';

/** Where everything lies while it runs. */
interface Place {
  readonly folder: string;
  readonly endpoint: string;
  readonly token: string;
}

export async function run(): Promise<BenchTable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-bench-'));
  const storage = await StorageProcess.create({
    SECURECHAT_STORAGE_TOKEN_SECRET: SECRET,
    SECURECHAT_STORAGE_QUOTA_MIB: '100000',
    SECURECHAT_STORAGE_MAX_BLOB_MIB: '4096',
    SECURECHAT_STORAGE_LOG: 'silent',
  });
  const exp = Math.floor(Date.now() / 1000) + 24 * 3600;
  const token = signToken({ sub: 'somebody', aud: TOKEN_AUDIENCE.storage, exp }, new TextEncoder().encode(SECRET));
  const place = { folder, endpoint: `${storage.url}/files`, token };
  try {
    const inBrowser = await roundsInBrowser(place);
    const inNode = await roundsInNode(place);
    const [sealed, plain] = [await peakOf(place, true), await peakOf(place, false)];
    return {
      title: `A file of ${String(ROUND_MIB)} MiB, sealed and plain; peak memory for one of ${String(LARGE_MIB)} MiB`,
      columns: ['', 'sealed', 'plain', 'ratio'],
      rows: [
        ...rowsOf('Chromium', inBrowser, ROUND_MIB),
        ...rowsOf('Node', inNode, ROUND_MIB),
        ['Node: MiB above rest, both ways', short(sealed), short(plain), short(sealed / plain)],
      ],
      notes: [
        `medians of ${String(ROUNDS)} rounds in turn; goal of the ratios of MiB/s: 0.8; of the memory: below 100 MiB`,
        `a page that a process did not have before costs ${String(short(costOfNewPage()))} microseconds on this machine, and is in the CPU above`,
        ...boundsOf('Chromium', inBrowser),
        ...boundsOf('Node', inNode),
        'a device keeps a sealed copy of what it sends, which a plain upload does not; one that keeps a plain copy does the same work without encryption',
        'plain in Chromium: the browser reads the file itself where it sends it; in Node the device reads it, as it does to seal it',
        'Node copies what it opens once more than Chromium (webcrypto.subtle.decrypt slices its tag off), and its collector runs for it',
      ],
    };
  } finally {
    await storage.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

async function roundsInBrowser({ folder, endpoint, token }: Place): Promise<readonly Round[]> {
  const device = await BrowserDevice.create();
  try {
    await device.ask('begin', endpoint, token);
    const [short, long] = [await sampleOf(folder, WARM_UP_MIB), await sampleOf(folder, ROUND_MIB)];
    await device.choose(short.path);
    await oneRound(device, short, 0);
    await device.choose(long.path);
    return await roundsOf(device, long, ROUNDS);
  } finally {
    await device.end();
  }
}

async function roundsInNode(place: Place): Promise<readonly Round[]> {
  const device = await nodeDevice(place);
  try {
    await oneRound(device, await sampleOf(place.folder, WARM_UP_MIB), 0);
    return await roundsOf(device, await sampleOf(place.folder, ROUND_MIB), ROUNDS);
  } finally {
    await device.end();
  }
}

/** MiB that a process takes at most above what it takes at rest, while a large file goes up and down. */
async function peakOf(place: Place, isSealed: boolean): Promise<number> {
  const device = await nodeDevice(place);
  try {
    await oneRound(device, await sampleOf(place.folder, WARM_UP_MIB), 0);
    const large = await sampleOf(place.folder, LARGE_MIB);
    const rest = await device.ask('rest');
    if (isSealed) {
      const { sent } = await device.ask('sendSealed', large.path, large.bytes);
      await device.ask('fetchSealed', sent, large.bytes);
    } else {
      const { url } = await device.ask('sendPlain', large.path, large.bytes);
      await device.ask('fetchPlain', url);
    }
    return (await device.ask('peak')) - rest;
  } finally {
    await device.end();
  }
}

async function nodeDevice({ folder, endpoint, token }: Place): Promise<ActingProcess<NodeActs>> {
  const file = new URL('./media/node-device.ts', import.meta.url);
  const device = new ActingProcess<NodeActs>(file, [path.join(folder, 'cache')]);
  await device.ask('begin', endpoint, token);
  return device;
}

/** A file that nothing makes smaller. */
async function sampleOf(folder: string, mebibytes: number): Promise<Sample> {
  const file = path.join(folder, `film-${String(mebibytes)}`);
  const handle = await open(file, 'w');
  const piece = new Uint8Array(MiB);
  for (let written = 0; written < mebibytes; written += 1) await handle.write(randomFillSync(piece));
  await handle.close();
  return { path: file, bytes: mebibytes * MiB };
}
