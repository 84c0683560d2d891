/** The parent's end of a device's process. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Acts } from './device.ts';

export class DeviceProcess {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('device.ts', import.meta.url)), {
    execArgv: ['--expose-gc', '--import', 'tsx'],
  });

  /** Rejects with what the device says, or when it is gone. */
  ask<K extends keyof Acts>(act: K, ...args: Parameters<Acts[K]>): Promise<Awaited<ReturnType<Acts[K]>>> {
    return new Promise((resolve, reject) => {
      const gone = (code: number | null): void => {
        reject(new Error(`${act}: the device's process ended with ${String(code)}`));
      };
      this.#child.once('exit', gone);
      this.#child.once('message', (answer: { value?: unknown; error?: string }) => {
        this.#child.off('exit', gone);
        if (answer.error !== undefined) reject(new Error(`${act}: ${answer.error}`));
        else resolve(answer.value as Awaited<ReturnType<Acts[K]>>);
      });
      this.#child.send({ act, args });
    });
  }

  end(): Promise<void> {
    if (this.#child.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once('exit', () => {
        resolve();
      });
      this.#child.kill();
    });
  }
}
