/**
 * `npm start`: the whole of SecureChat on this machine. Builds when the sources are newer than the last build, starts the
 * relay (which also serves the web app) and the storage server, and prints the URL to open once both answer.
 *
 *   SECURECHAT_PORT          the relay and the web app (8787)
 *   SECURECHAT_STORAGE_PORT  the storage server (8788)
 *   SECURECHAT_STORAGE_URL   where browsers find the storage server (http://127.0.0.1:8788)
 *   SECURECHAT_HOST          the address that both listen on (127.0.0.1)
 *   SECURECHAT_DATA          the folder of everything they keep (./data)
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from './build.mjs';
import { root } from './command.mjs';
import { isBuildFresh } from './freshness.mjs';
import { whyPortIsTaken } from './ports.mjs';
import { logTail, startServer, supervise } from './server-process.mjs';

const host = process.env.SECURECHAT_HOST ?? '127.0.0.1';
const port = Number(process.env.SECURECHAT_PORT ?? 8787);
const storagePort = Number(process.env.SECURECHAT_STORAGE_PORT ?? 8788);
const data = path.resolve(root, process.env.SECURECHAT_DATA ?? 'data');
/** Where this process reaches what listens on `host`. */
const here = host === '0.0.0.0' || host === '::' ? 'localhost' : host;

async function main() {
  await refuseTakenPort('SECURECHAT_PORT', port);
  await refuseTakenPort('SECURECHAT_STORAGE_PORT', storagePort);
  if (!(await isBuildFresh())) {
    console.log('Building (takes about a minute, only after a change) …');
    await build();
  }
  await mkdir(path.join(data, 'logs'), { recursive: true, mode: 0o700 });
  const secret = await storageSecret();
  const servers = await Promise.all([startRelay(secret), startStorage(secret)]);
  process.exitCode = await supervise(servers, {
    onReady: () => console.log(`SecureChat: http://localhost:${port}`),
    onFailure: async ({ name, logFile }, reason) => {
      console.error(`The ${name} failed: ${reason}. The end of ${logFile}:\n${await logTail(logFile)}`);
    },
  });
}

async function refuseTakenPort(variable, wanted) {
  const reason = await whyPortIsTaken(host, wanted);
  if (reason === undefined) return;
  const cause =
    reason === 'EADDRINUSE'
      ? `Port ${wanted} is taken. Stop what uses it`
      : `Port ${wanted} of ${host} cannot be used (${reason}). Correct that`;
  throw new Error(`${cause}, or choose another one: ${variable}=${wanted + 100} npm start`);
}

async function startRelay(secret) {
  return startServer({
    name: 'relay',
    script: path.join(root, 'dist/relay.mjs'),
    health: `http://${here}:${port}/healthz`,
    logFile: path.join(data, 'logs/relay.log'),
    env: {
      SECURECHAT_HOST: host,
      SECURECHAT_PORT: String(port),
      SECURECHAT_DATA_DIR: path.join(data, 'relay'),
      SECURECHAT_WEB_ROOT: path.join(root, 'build'),
      SECURECHAT_STORAGE_TOKEN_SECRET: secret,
      SECURECHAT_STORAGE_URL: process.env.SECURECHAT_STORAGE_URL ?? `http://${here}:${storagePort}`,
    },
  });
}

async function startStorage(secret) {
  return startServer({
    name: 'storage-server',
    script: path.join(root, 'dist/storage-server.mjs'),
    health: `http://${here}:${storagePort}/healthz`,
    logFile: path.join(data, 'logs/storage-server.log'),
    env: {
      SECURECHAT_STORAGE_HOST: host,
      SECURECHAT_STORAGE_PORT: String(storagePort),
      SECURECHAT_STORAGE_DATA: path.join(data, 'blobs'),
      SECURECHAT_STORAGE_TOKEN_SECRET: secret,
    },
  });
}

/** What the two servers share: made once and kept in the data folder, readable by this user only. */
async function storageSecret() {
  const file = path.join(data, 'storage-token.secret');
  try {
    await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
