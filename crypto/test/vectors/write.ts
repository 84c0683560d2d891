/** Writes `crypto/vectors/*.json`: `node --import tsx crypto/test/vectors/write.ts`. A test checks that nothing changes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ready } from '../../src/index.ts';
import { buildVector, VECTOR_NAMES } from './build.ts';

await ready();
const folder = path.resolve(import.meta.dirname, '../../vectors');
mkdirSync(folder, { recursive: true });
for (const name of VECTOR_NAMES) writeFileSync(path.join(folder, `${name}.json`), await buildVector(name));
