import { describe, expect, it } from 'vitest';
import { describeTransport } from './transport.contract.ts';
import { loadUws } from './uws-engine.ts';
import { startUws } from './uws.ts';

const engine = loadUws();
if (engine === undefined) describe.skip('transport: uws has no build for this Node', () => undefined);
else describeTransport('uws', (parts) => startUws(engine, parts));

it('the native engine is there on the Node versions that it has builds for', () => {
  expect(engine === undefined).toBe(!['93', '108', '115'].includes(process.versions.modules));
});
