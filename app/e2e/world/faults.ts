/** What goes wrong in a browser without anybody seeing it: exceptions, console errors, breaches of the content policy. */
import type { BrowserContext, ConsoleMessage, Page } from 'playwright-core';

export class Faults {
  #all: string[] = [];

  /** What went wrong since the last time. */
  take(): string[] {
    return this.#all.splice(0);
  }

  /** Leaves out what a test provoked. */
  forgive(provoked: RegExp): void {
    this.#all = this.#all.filter((fault) => !provoked.test(fault));
  }

  watch(context: BrowserContext): void {
    context.on('weberror', (error) => this.#all.push(`exception: ${describe(error.error())}`));
    context.on('console', (message) => {
      this.#note(message);
    });
  }

  #note(message: ConsoleMessage): void {
    if (message.type() !== 'error' || isNetworkDown(message.text())) return;
    this.#all.push(`console: ${message.text()}`);
  }
}

/** Chromium writes each failed request to the console: with the relay stopped there are many. */
function isNetworkDown(text: string): boolean {
  return /net::ERR_(CONNECTION|INTERNET|EMPTY_RESPONSE|NETWORK)/.test(text);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Collects breaches of the content policy that a page reports from now on, also after navigations. */
export async function watchPolicy(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const breaches: string[] = [];
    Object.assign(globalThis, { breaches });
    addEventListener('securitypolicyviolation', (event) => {
      breaches.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return () => page.evaluate(() => (globalThis as { breaches?: string[] }).breaches ?? ['not watched']);
}
