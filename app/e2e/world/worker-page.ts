/** A page of a real Chromium with nothing in it, whose origin has one script for a worker, and for what only workers may do. */
import { build } from 'esbuild';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { Browser } from './browser.ts';
import { ROOT } from './root.ts';

export interface WorkerPageOptions {
  /** The worker's script, which imports from `sync/src`. It is `/worker.js`. */
  readonly script: string;
  /** Of Chromium. */
  readonly flags?: readonly string[];
  /** Answers what is neither the page nor its script. */
  readonly serve?: RequestListener;
}

export class WorkerPage {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(page: Page, browser: Browser, server: Server) {
    this.page = page;
    this.#browser = browser;
    this.#server = server;
  }

  static async create({ script, flags, serve }: WorkerPageOptions): Promise<WorkerPage> {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: path.join(ROOT, 'sync/src') },
      ...{ bundle: true, write: false, format: 'iife' },
    });
    const server = createServer((request, response) => {
      if (request.url === '/worker.js') response.setHeader('content-type', 'text/javascript').end(outputFiles[0]?.text);
      else if (request.url === '/' || serve === undefined)
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>worker</title>');
      else serve(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await Browser.create({}, flags);
    const page = await (await browser.open()).newPage();
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    return new WorkerPage(page, browser, server);
  }

  async end(): Promise<void> {
    await this.#browser.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
