/** The RPC's face: the engine's {@link ClientApi} across a pipe, or across all tabs of the origin. */
export { EngineFailure, connectPage, type PageClient } from './page.ts';
export { serveEngine, type Host, type PageLine, type ServedEngine } from './engine.ts';
export { connectTab, leadTabs, type Locks, type TabsOptions } from './tabs.ts';
export type { Pipe, ToEngine, ToPage } from './wire.ts';
