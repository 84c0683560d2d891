/** Picks the transport: the native engine where it has a build, else Node's own http. */
import type { StartTransport } from './port.ts';
import { loadUws } from './uws-engine.ts';

/** Which transport to use. */
export type TransportChoice = 'auto' | 'uws' | 'ws';

/** Starts the chosen transport; rejects when `uws` was asked for and has no build here. */
export const startTransport = async (
  choice: TransportChoice,
  ...parts: Parameters<StartTransport>
): Promise<Awaited<ReturnType<StartTransport>> & { readonly engine: 'uws' | 'ws' }> => {
  const engine = choice === 'ws' ? undefined : loadUws();
  if (engine !== undefined) {
    const { startUws } = await import('./uws.ts');
    return { ...(await startUws(engine, ...parts)), engine: 'uws' };
  }
  if (choice === 'uws') throw new Error('uWebSockets.js has no build for this platform and Node version');
  const { startWs } = await import('./ws.ts');
  return { ...(await startWs(...parts)), engine: 'ws' };
};
