/** A person's own Chromium on a folder of their own, which stays when the browser is closed and opened again. */
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** What every Chromium here is started with. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function chromiumPath(): string {
  return process.env['CHROMIUM'] ?? '/usr/bin/chromium';
}

/** How long a browser on a busy machine may take for one step that a person would not wait for. */
const PATIENCE = 60_000;

export type Look = Pick<
  BrowserContextOptions,
  'viewport' | 'colorScheme' | 'reducedMotion' | 'hasTouch' | 'serviceWorkers'
>;

export class Browser {
  readonly folder: string;
  readonly #flags: readonly string[];
  readonly #look: Look;
  #context: BrowserContext | undefined;

  private constructor(folder: string, look: Look, flags: readonly string[]) {
    this.folder = folder;
    this.#look = look;
    this.#flags = flags;
  }

  static async create(look: Look, flags: readonly string[] = []): Promise<Browser> {
    return new Browser(await mkdtemp(path.join(tmpdir(), 'securechat-profile-')), look, flags);
  }

  async open(): Promise<BrowserContext> {
    const context = await chromium.launchPersistentContext(this.folder, {
      executablePath: chromiumPath(),
      args: [...CHROMIUM_FLAGS, ...this.#flags],
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      // What moves costs a core that draws it; who wants to see it asks for it.
      reducedMotion: 'reduce',
      ...this.#look,
    });
    context.setDefaultTimeout(PATIENCE);
    this.#context = context;
    return context;
  }

  /** What the person stored stays. */
  async close(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    await context?.close();
  }

  /** SIGKILL of the main process and all of its children: nothing is written or said any more. Resolves when they are gone. */
  async kill(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    if (context === undefined) return;
    const gone = new Promise((resolve) => context.once('close', resolve));
    // The browser's lock on its folder names the main process, which leads a process group of its own.
    const lock = await readlink(path.join(this.folder, 'SingletonLock'));
    process.kill(-Number(lock.slice(lock.lastIndexOf('-') + 1)), 'SIGKILL');
    await gone;
  }

  async destroy(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
