/**
 * Long work in turns: the browser draws frames and takes keys and clicks between two tasks, never within one. On a slow
 * phone a task takes some five times as long as on a laptop.
 */

/** Resolves in a task of its own. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Resolves after what is there now was drawn; in a page that nobody sees, at once. */
export async function nextFrame(): Promise<void> {
  if (document.visibilityState === 'visible') await new Promise((resolve) => requestAnimationFrame(resolve));
  await nextTask();
}
