/**
 * `npm run build`: the web app into `build/`, the two servers into `dist/relay.mjs` and `dist/storage-server.mjs`.
 * The server bundles hold all JavaScript they need; only packages with a compiled part stay outside.
 */
import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { root, runCommand, stopCommands, tool } from './command.mjs';
import { compressFolder } from './compress.mjs';
import { STAMP } from './freshness.mjs';

/** Packages with a compiled part, and the optional accelerators that `ws` looks for. */
const NATIVE = ['better-sqlite3', 'uWebSockets.js', 'bufferutil', 'utf-8-validate'];

/** The servers, each with the files that it reads from beside itself. */
const SERVERS = {
  relay: { folder: 'relay/src', files: ['mailbox/schema.sql', 'directory/schema.sql'] },
  'storage-server': { folder: 'storage-server/src', files: [] },
};

/** Bundles one server into `target/<name>.mjs`; resolves with that path. */
export async function bundleServer(name, target) {
  const { folder, files } = SERVERS[name];
  const into = path.resolve(root, target);
  const outfile = path.join(into, `${name}.mjs`);
  await bundle({
    entryPoints: [path.join(root, folder, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: NATIVE,
    sourcemap: true,
    logLevel: 'warning',
    // Bundled CommonJS packages call `require` for Node's own modules.
    banner: {
      js: "import { createRequire as toRequire } from 'node:module'; const require = toRequire(import.meta.url);",
    },
  });
  for (const file of files) await cp(path.join(root, folder, file), path.join(into, file));
  return outfile;
}

/** Builds everything; throws with the tool's output when a part fails. A signal ends it and the process. */
export async function build() {
  const stop = () => {
    stopCommands();
    process.exit(130);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await buildAll();
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function buildAll() {
  const dist = path.join(root, 'dist');
  await rm(dist, { recursive: true, force: true });
  const [web] = await Promise.all([
    runCommand([...tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn']),
    ...Object.keys(SERVERS).map((name) => bundleServer(name, dist)),
  ]);
  if (web.code !== 0) throw new Error(`vite build failed\n${web.output}`);
  await compressFolder(path.join(root, 'build'));
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
