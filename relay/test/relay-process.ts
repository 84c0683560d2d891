/** A relay in a process of its own, as an operator runs it: started, killed, started again on the same folder and port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programOf } from '../../scripts/freshness.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A running relay process. */
export interface RelayProcess {
  readonly url: string;
  readonly output: () => string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Ends it as an operator does; resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** Starts one; resolves when it listens. */
export async function startProcess(env: Readonly<Record<string, string>>): Promise<RelayProcess> {
  const child = spawn(process.execPath, await programOf('relay'), {
    cwd: ROOT,
    env: { ...process.env, SECURECHAT_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const listening = /"url":"([^"]+)"/.exec(output)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.once('exit', (code) => {
      reject(new Error(`the relay ended with ${String(code)}: ${output}`));
    });
  });
  return {
    url,
    output: () => output,
    kill: async () => {
      await end(child, 'SIGKILL');
    },
    stop: () => end(child, 'SIGTERM'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}
