/**
 * The parent's end of a device in a real Chromium, `worker-device.ts`. By hand and not by Playwright: its protocol hands every request's
 * body to the parent as text, and that costs twenty times what sending the body does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { CHROMIUM_FLAGS, chromiumPath } from '../../app/e2e/world/browser.ts';
import type { Acts } from './acts.ts';
import type { Answer, Told, WorkerActs } from './worker-device.ts';

const PAGE = '<!doctype html><title>bench</title><script>new Worker("/worker.js")</script>';

interface Waiting {
  readonly told: Told;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class BrowserDevice {
  readonly #folder: string;
  readonly #script: string;
  readonly #server: Server;
  readonly #files = new Map<string, string>();
  #chromium: ChildProcess | undefined;
  /** What is asked, and not answered. */
  #asked: Waiting | undefined;
  /** The worker waits for something to do. */
  #idle: ((told: Told) => void) | undefined;

  private constructor(folder: string, script: string) {
    this.#folder = folder;
    this.#script = script;
    this.#server = createServer((request, response) => {
      this.#serve(request, response);
    });
  }

  static async create(): Promise<BrowserDevice> {
    const entry = new URL('./worker-device.ts', import.meta.url).pathname;
    const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'iife' });
    const folder = await mkdtemp(path.join(tmpdir(), 'securechat-profile-'));
    const device = new BrowserDevice(folder, outputFiles[0]?.text ?? '');
    await device.#start();
    return device;
  }

  /** The browser gets a file of its own of this one, on its disk; it is sent from there. */
  async choose(file: string): Promise<void> {
    this.#files.set(path.basename(file), file);
    await this.#tell('choose', path.basename(file));
  }

  /** Rejects with what the worker says, or when the browser is gone. */
  async ask<K extends keyof Acts>(act: K, ...args: Parameters<Acts[K]>): Promise<Awaited<ReturnType<Acts[K]>>> {
    return (await this.#tell(act, ...args)) as Awaited<ReturnType<Acts[K]>>;
  }

  async end(): Promise<void> {
    const chromium = this.#chromium;
    if (chromium !== undefined && chromium.exitCode === null) {
      const gone = new Promise((resolve) => chromium.once('exit', resolve));
      chromium.kill();
      await gone;
    }
    this.#server.close();
    this.#server.closeAllConnections();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/`;
    const flags = [...CHROMIUM_FLAGS, '--headless=new', `--user-data-dir=${this.#folder}`, address];
    this.#chromium = spawn(chromiumPath(), flags, { stdio: 'ignore' });
    this.#chromium.once('exit', () => {
      this.#asked?.reject(new Error('Chromium has ended'));
    });
  }

  #tell(act: keyof WorkerActs, ...args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const told = { act, args };
      this.#asked = { told, resolve, reject };
      this.#idle?.(told);
      this.#idle = undefined;
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { url = '/' } = request;
    if (url === '/next') this.#handOut(response);
    else if (url === '/answer') void this.#takeAnswer(request, response);
    else if (url === '/worker.js') response.setHeader('content-type', 'text/javascript').end(this.#script);
    else if (url.startsWith('/files/'))
      createReadStream(this.#files.get(url.slice('/files/'.length)) ?? '').pipe(response);
    else response.setHeader('content-type', 'text/html').end(PAGE);
  }

  #handOut(response: ServerResponse): void {
    const give = (told: Told): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(told));
    };
    if (this.#asked === undefined) this.#idle = give;
    else give(this.#asked.told);
  }

  async #takeAnswer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = this.#asked;
    this.#asked = undefined;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.end();
    const { value, error } = JSON.parse(Buffer.concat(parts).toString()) as Answer;
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  }
}
