import { connectEngine, findUnsupported } from '$lib/engine/connect.ts';
import { nextTask } from '$lib/state/turns.ts';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;

/** Starts the engine's worker once, before the first screen. */
export const load: LayoutLoad = async () => {
  const unsupported = findUnsupported();
  if (unsupported) return { unsupported };
  const api = await connectEngine();
  // The first render gets a task of its own: joined to the start of the engine it would be one long task.
  await nextTask();
  return { api };
};
