import { text } from '$lib/text/index.ts';
import type { App } from './app.svelte.ts';

/** Copies and says so; says as well when the browser does not allow it. */
export async function copyText(app: App, value: string, done: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    app.toasts.error(text.common.copyFailed);
    return false;
  }
  app.toasts.info(done);
  return true;
}
