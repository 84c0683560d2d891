/** A server of this project as a process of its own, on a free port and a throwaway folder, to be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOf } from '../../../scripts/freshness.mjs';

export type Settings = Readonly<Record<string, string>>;

export type Server = 'relay' | 'storage-server';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export class ServerProcess {
  readonly url: string;
  readonly folder: string;
  /** Everything it ever printed. */
  output = '';
  /** Environment variables; what is changed counts from the next start on. */
  settings: Settings;
  readonly #name: Server;
  #child: ChildProcess | undefined;

  protected constructor(name: Server, { port, folder, settings }: Place & { readonly settings: Settings }) {
    this.#name = name;
    this.settings = settings;
    this.folder = folder;
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  /** Starts it, on the folder as it is; resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, await programOf(this.#name), {
      cwd: ROOT,
      env: { ...process.env, ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const take = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    await this.#answers(child);
  }

  /** Of the running process; another one after a restart. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the server does not run');
    return this.#child.pid;
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Kills it and deletes its folder. */
  async destroy(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** All bytes that it has on disk. */
  async disk(): Promise<Buffer> {
    return Buffer.concat(await Promise.all((await this.files()).map((file) => readFile(file))));
  }

  /** Paths of all files that it has on disk. */
  async files(): Promise<readonly string[]> {
    const names = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  /** Polls until it answers: a process's start has no event that another process can wait for. */
  async #answers(child: ChildProcess): Promise<void> {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if (child.exitCode !== null) break;
      const healthy = await fetch(`${this.url}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
      if (healthy) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server did not start:\n${this.output}`);
  }
}

export interface Place {
  readonly port: number;
  readonly folder: string;
}

/** A free port and a folder that nobody else uses. */
export async function newPlace(name: string): Promise<Place> {
  return { port: await freePort(), folder: await mkdtemp(path.join(tmpdir(), `securechat-${name}-`)) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}
