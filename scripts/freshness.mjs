/** Whether the last build still holds: it does when nothing that goes into it is newer than its stamp. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { root } from './command.mjs';

/** Written at the end of a successful build. */
export const STAMP = 'dist/.built';

const FILES = ['package-lock.json', 'svelte.config.js', 'vite.config.ts', 'tsconfig.json', 'scripts/build.mjs'];
const FOLDERS = ['crypto', 'relay', 'storage-server', 'sync', 'app'];
/** Folders that no build reads. */
const NO_SOURCE = new Set(['node_modules', 'test', 'e2e', 'vectors', 'data']);

/** True when `build/` and `dist/` are younger than every source. */
export async function isBuildFresh() {
  const built = await changedAt(path.join(root, STAMP));
  if (built === undefined) return false;
  const files = await Promise.all(FILES.map((file) => changedAt(path.join(root, file))));
  const folders = await Promise.all(FOLDERS.map((folder) => newestBelow(path.join(root, folder))));
  return [...files, ...folders].every((time) => time === undefined || time <= built);
}

/** What node is to run, in the root, as a server: the bundle of the last build, which starts in a sixth of the time, or its sources. */
export async function programOf(server) {
  return (await isBuildFresh()) ? [`dist/${server}.mjs`] : ['--import', 'tsx', `${server}/src/main.ts`];
}

/** The newest change below a folder; a folder's own time counts too, so that a deleted file is noticed. */
async function newestBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const times = entries
    .filter((entry) => !NO_SOURCE.has(entry.name) && !/\.(md|test\.ts)$/.test(entry.name))
    .map((entry) => {
      const below = path.join(folder, entry.name);
      return entry.isDirectory() ? newestBelow(below) : changedAt(below);
    });
  const known = (await Promise.all([changedAt(folder), ...times])).filter((time) => time !== undefined);
  return Math.max(...known);
}

async function changedAt(file) {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
