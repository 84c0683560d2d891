/**
 * The real relay as a process of its own, serving the built web app, on a free port and a throwaway folder: to be killed
 * and started again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './root.ts';

type Settings = Readonly<Record<string, string>>;

export class RelayProcess {
  readonly url: string;
  readonly folder: string;
  /** Everything it ever printed. */
  output = '';
  readonly #port: number;
  readonly #webRoot: string;
  #child: ChildProcess | undefined;

  /** Further environment variables. */
  readonly #settings: Settings;

  private constructor(port: number, folder: string, webRoot: string, settings: Settings) {
    this.#settings = settings;
    this.#port = port;
    this.folder = folder;
    this.#webRoot = webRoot;
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  static async create(webRoot: string, settings: Settings = {}): Promise<RelayProcess> {
    const folder = await mkdtemp(path.join(tmpdir(), 'securechat-relay-'));
    const relay = new RelayProcess(await freePort(), folder, webRoot, settings);
    await relay.start();
    return relay;
  }

  /** Starts it, on the folder as it is; resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'relay/src/main.ts'], {
      cwd: ROOT,
      env: {
        ...process.env,
        SECURECHAT_HOST: '127.0.0.1',
        SECURECHAT_PORT: String(this.#port),
        SECURECHAT_DATA_DIR: this.folder,
        SECURECHAT_WEB_ROOT: this.#webRoot,
        SECURECHAT_LOG_LEVEL: 'debug',
        SECURECHAT_RATE_LIMITS: 'off',
        ...this.#settings,
      },
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
    throw new Error(`the relay did not start:\n${this.output}`);
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
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
