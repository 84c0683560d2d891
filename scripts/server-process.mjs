/** One server as a child process: its log goes to a file, it counts as started when /healthz answers, and its end is noticed. */
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';

/** How long a server may take until it answers. */
const PATIENCE_MS = 30_000;
const LOG_TAIL_LINES = 20;

/**
 * Starts `script` with node. `ended` resolves with the exit code, or the signal's name, when the process is gone; `ready()`
 * resolves once `health` answers 200 and rejects when the process ends before that.
 */
export async function startServer({ name, script, env, health, logFile }) {
  const log = await open(logFile, 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.code));
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  await log.close();
  return { name, logFile, ended, stop: (signal) => child.kill(signal), ready: () => waitUntilHealthy(health, ended) };
}

/**
 * Watches servers until all have ended. A signal to this process is passed on to them; the death or failed start of one,
 * not asked for, is reported by `onFailure(server, reason)` and stops the others. Resolves with this process's exit code.
 */
export async function supervise(servers, { onReady, onFailure }) {
  let asked = false;
  let failed = false;
  const stop = (signal) => {
    asked = true;
    for (const server of servers) server.stop(signal);
  };
  const fail = async (server, reason) => {
    if (asked) return;
    failed = true;
    stop('SIGTERM');
    await onFailure(server, reason);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  void Promise.all(servers.map((server) => server.ready().catch((error) => fail(server, error.message)))).then(() => {
    if (!asked) onReady();
  });
  const exits = await Promise.all(
    servers.map(async (server) => {
      const exit = await server.ended;
      await fail(server, `it ended with ${exit}`);
      return exit;
    }),
  );
  return !failed && exits.every((exit) => exit === 0 || exit === 'SIGINT' || exit === 'SIGTERM') ? 0 : 1;
}

/** The end of a log file, for a person who wants to know why a server died. */
export async function logTail(logFile) {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return lines.slice(-LOG_TAIL_LINES).join('\n');
}

async function waitUntilHealthy(url, ended) {
  const deadline = Date.now() + PATIENCE_MS;
  let exit;
  void ended.then((outcome) => {
    exit = outcome;
  });
  while (Date.now() < deadline) {
    if (exit !== undefined) throw new Error(`it ended with ${exit}`);
    if (await answers(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it did not answer within ${PATIENCE_MS / 1000} s`);
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
