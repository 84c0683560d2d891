/**
 * How small is the relay? Resident memory of the real relay, as released (bundled), idle and with 1,000 idle signed-in
 * connections; beside it in the same run a bare Node process and two bare WebSocket servers with as many connections.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bundleServer } from '../scripts/build.mjs';
import { connectBare, connectSignedIn, type Crowd } from './relay-crowd.ts';
import { median, short, type BenchTable } from './table.ts';

const CONNECTIONS = 1000;
const READINGS = 9;
const READING_PAUSE_MS = 200;

/** A server to measure. `connect` opens all connections to what it said when it listened. */
interface Subject {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly connect?: (url: string, count: number) => Promise<Crowd>;
}

const BARE_NODE = `console.log(JSON.stringify({ url: 'none' })); setInterval(() => {}, 1e6)`;
const BARE_UWS = `
  require('uWebSockets.js').App().ws('/*', {}).listen('127.0.0.1', 0, (socket) => {
    console.log(JSON.stringify({ url: 'http://127.0.0.1:' + require('uWebSockets.js').us_socket_local_port(socket) }));
  })`;
const BARE_WS = `
  const server = new (require('ws').WebSocketServer)({ host: '127.0.0.1', port: 0 }, () => {
    console.log(JSON.stringify({ url: 'http://127.0.0.1:' + server.address().port }));
  })`;

/** Mebibytes of resident memory (VmRSS), medians of readings of a settled process. */
export async function run(): Promise<BenchTable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-bench-'));
  // Below the project, so that the bundle finds its compiled packages.
  const relay = await bundleServer('relay', 'bench/results/relay-memory');
  const subjects: Subject[] = [
    { name: 'bare Node process', args: ['-e', BARE_NODE] },
    { name: 'bare ws server', args: ['-e', BARE_WS], connect: connectBare },
    { name: 'bare uWebSockets.js server', args: ['-e', BARE_UWS], connect: connectBare },
    { name: 'SecureChat relay', args: [relay], env: relaySettings(folder), connect: connectSignedIn },
  ];
  const rows: (string | number)[][] = [];
  for (const subject of subjects) rows.push(await measure(subject));
  await rm(folder, { recursive: true });
  return {
    title: `Resident memory of the relay, idle and with ${CONNECTIONS} idle connections`,
    columns: ['process', 'MiB idle', 'MiB connected', 'KiB a connection'],
    rows,
    notes: [
      'the relay’s connections are signed in, each by a device of its own; the others’ are bare WebSockets',
      'its growth holds also what 3,000 requests (register, challenge, sign in) leave behind in the heap',
    ],
  };
}

function relaySettings(folder: string): Record<string, string> {
  return {
    SECURECHAT_PORT: '0',
    SECURECHAT_DATA_DIR: folder,
    SECURECHAT_RATE_LIMITS: 'off',
    SECURECHAT_CONNECTIONS_PER_ADDRESS: String(CONNECTIONS + 10),
  };
}

async function measure({ name, args, env, connect }: Subject): Promise<(string | number)[]> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await listening(child);
    const idle = await residentMiB(child);
    if (connect === undefined) return [name, short(idle), '-', '-'];
    const crowd = await connect(url, CONNECTIONS);
    const connected = await residentMiB(child);
    crowd.leave();
    return [name, short(idle), short(connected), short(((connected - idle) * 1024) / CONNECTIONS)];
  } finally {
    child.kill('SIGKILL');
  }
}

async function listening({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the process has no output');
  for await (const line of createInterface(stdout)) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error('the process ended before it listened');
}

async function residentMiB({ pid }: ChildProcess): Promise<number> {
  const readings: number[] = [];
  for (let i = 0; i < READINGS; i++) {
    await new Promise((resolve) => setTimeout(resolve, READING_PAUSE_MS));
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    readings.push(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
  }
  return median(readings);
}
