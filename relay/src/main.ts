/** The relay as a process: settings from the environment, logs to stdout, an orderly end on SIGTERM or SIGINT. */
import { pino } from 'pino';
import { readEnv } from './env.ts';
import { factsOf } from './log.ts';
import { startRelay } from './start.ts';

const settings = readEnv(process.env);
if (!settings.ok) {
  for (const { name, want } of settings.error) process.stderr.write(`${name}: want ${want}\n`);
  process.exit(2);
}

const log = pino({ level: settings.value.logLevel, base: null });
process.on('uncaughtException', (thrown) => {
  log.fatal(factsOf(thrown), 'fault');
  process.exit(1);
});

const relay = await startRelay({ ...settings.value.server, log });
log.info({ url: relay.url, engine: relay.engine }, 'listening');

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'closing');
    void relay.close().then(() => process.exit(0));
  });
}
