/** The storage server as a process: environment in, signals heard, logs as JSON lines on stdout. */
import { setFlagsFromString } from 'node:v8';
import pino from 'pino';
import { readConfig } from './config.ts';
import { factsOf } from './log.ts';
import { startStorageServer } from './start.ts';

// What comes over a line lies outside of the heap, and is counted as if it lay in it: beside a heap that is small, V8 marks all of it for each 20 MiB of
// an upload, which may cost as much as taking the upload in. The limit is worked out anew after each collection, so this counts from the first one on.
setFlagsFromString('--heap-growing-percent=400');

const config = readConfig(process.env);
if (!config.ok) {
  for (const problem of config.error) console.error(problem);
  process.exit(2);
}

const log = pino({ base: null, level: process.env['SECURECHAT_STORAGE_LOG'] ?? 'info' });
try {
  const server = await startStorageServer(config.value, log);
  log.info({ port: server.port }, 'listening');
  const stop = () => {
    void server.close().then(() => {
      log.info({}, 'stopped');
      process.exit(0);
    });
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
} catch (thrown) {
  log.fatal(factsOf(thrown), 'could not start');
  process.exitCode = 1;
}
