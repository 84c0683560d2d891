/** Code of the engine for a page, outside of the app: bundled when it is first wanted, run in the page as it is. */
import { build } from 'esbuild';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from './root.ts';

/** Runs a script in every page that asks for it, once a page. Imports are relative to `sync/src`. */
export class PageScript {
  readonly #global: string;
  readonly #contents: string;
  #bundled: Promise<string> | undefined;

  /** `global`: what the script defines. Where it is there, the script ran. */
  constructor(global: string, contents: string) {
    this.#global = global;
    this.#contents = contents;
  }

  async runIn(page: Page): Promise<void> {
    if (await page.evaluate((name) => name in globalThis, this.#global)) return;
    this.#bundled ??= this.#bundle();
    await page.evaluate(await this.#bundled);
  }

  async #bundle(): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents: this.#contents, resolveDir: path.join(ROOT, 'sync/src') },
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
    });
    return outputFiles[0]?.text ?? '';
  }
}
