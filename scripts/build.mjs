/**
 * `npm run build`: the web app into `build/`, the two servers into `dist/relay.mjs` and `dist/storage-server.mjs`.
 * The server bundles hold all JavaScript they need; only packages with a compiled part stay outside.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { root, runCommand, tool } from './command.mjs';
import { STAMP } from './freshness.mjs';

/** Packages with a compiled part, and the optional accelerators that `ws` looks for. */
export const NATIVE = ['better-sqlite3', 'uWebSockets.js', 'bufferutil', 'utf-8-validate'];

const SERVERS = { relay: 'relay/src/main.ts', 'storage-server': 'storage-server/src/main.ts' };

/** Bundles one server's entry file into `outfile`. */
export async function bundleServer(entry, outfile) {
  await bundle({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: NATIVE,
    sourcemap: true,
    logLevel: 'warning',
    // Bundled CommonJS packages call `require` for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}

/** Builds everything; throws with the tool's output when a part fails. */
export async function build() {
  await rm(path.join(root, STAMP), { force: true });
  await mkdir(path.join(root, 'dist'), { recursive: true });
  const [web] = await Promise.all([
    runCommand([...tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn']),
    ...Object.entries(SERVERS).map(([name, entry]) => bundleServer(entry, `dist/${name}.mjs`)),
  ]);
  if (web.code !== 0) throw new Error(`vite build failed\n${web.output}`);
  await writeFile(path.join(root, STAMP), '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build();
    console.log('built: build/ (web app), dist/relay.mjs, dist/storage-server.mjs');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
