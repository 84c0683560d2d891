/** The built web app: as `npm run build` leaves it, made here only when it is missing or older than its sources. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { isBuildFresh } from '../../../scripts/freshness.mjs';
import { ROOT } from './root.ts';

const run = promisify(execFile);

/** The folder that the relay is to serve. */
export async function webApp(): Promise<string> {
  if (!(await isBuildFresh())) await run(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
  return path.join(ROOT, 'build');
}
