import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const SCRIPT = `
import { ready, systemRandom } from '@securechat/crypto';
import { createMemoryStorageAdapter, initAutomerge, openPersonalDocuments } from './sync/src/documents/index.ts';
import { nodeAutomergeWasm } from './sync/src/documents/node-wasm.ts';
await ready();
await initAutomerge(await nodeAutomergeWasm());
const storage = createMemoryStorageAdapter();
const documents = await openPersonalDocuments({ storage, accountSecret: new Uint8Array(32), random: systemRandom });
await documents.settings.set({ theme: 'dark' });
process.stdout.write(JSON.stringify(documents.settings.get()));
`;

/** automerge-repo's own time-outs are of a minute: far more than this process may take. */
const LIMIT_MS = 30_000;

it('S-PERSONAL-3 keep no process alive that has nothing else to do', async () => {
  const cwd = path.resolve(import.meta.dirname, '../../../..');
  const args = ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: LIMIT_MS });
  expect(JSON.parse(stdout)).toEqual({ theme: 'dark' });
});
