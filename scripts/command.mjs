/** Runs one command and keeps what it said, so that a stage can stay quiet on success and show everything on failure. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** The repository's root. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** A command that takes longer hangs: it is ended, so that a run always comes to its last line. */
const PATIENCE_MINUTES = 55;

const running = new Set();

/** Path of a tool's own entry file: started with node directly there is no npx process in between that swallows signals. */
export function tool(path) {
  return [process.execPath, fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url))];
}

/**
 * Resolves with `{ code, output }`, colours removed, when the process has ended; never rejects. A process that a signal
 * ended, or that could not be started, has code 1.
 */
export function runCommand([file, ...args], env = {}) {
  return new Promise((resolve) => {
    // A process group of its own, so that workers and browsers end with it.
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const late = setTimeout(() => {
      keep(`\nended after ${PATIENCE_MINUTES} minutes\n`);
      stop(child, 'SIGKILL');
    }, PATIENCE_MINUTES * 60_000);
    const end = (code) => {
      clearTimeout(late);
      running.delete(child);
      resolve({ code: code ?? 1, output: stripVTControlCharacters(output) });
    };
    child.on('error', (error) => {
      keep(`${error.message}\n`);
      end(1);
    });
    child.on('close', end);
  });
}

/** Ends what still runs: for the exit of the script that started it. */
export function stopCommands() {
  for (const child of running) stop(child, 'SIGTERM');
}

function stop({ pid }, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
