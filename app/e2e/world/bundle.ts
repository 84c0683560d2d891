/** Code of the engine for a page, outside of the app: bundled when it is first wanted, run in the page as it is. */
import { build } from 'esbuild';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from './root.ts';

/** Runs a script in every page that asks for it, once a page. Imports are relative to `sync/src`. */
export class PageScript {
  readonly #contents: string;
  #bundled: Promise<string> | undefined;

  constructor(contents: string) {
    this.#contents = contents;
  }

  async runIn(page: Page): Promise<void> {
    this.#bundled ??= this.#bundle();
    await page.evaluate(await this.#bundled);
  }

  async #bundle(): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents: this.#contents, resolveDir: path.join(ROOT, 'sync/src') },
      bundle: true,
      write: false,
      format: 'iife',
    });
    return outputFiles[0]?.text ?? '';
  }
}
