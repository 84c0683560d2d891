import { connectEngine, findUnsupported } from '$lib/engine/connect.ts';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;

/** Starts the engine's worker once, before the first screen. */
export const load: LayoutLoad = async () => {
  const unsupported = findUnsupported();
  return unsupported ? { unsupported } : { api: await connectEngine() };
};
