/** A process of its own that does what this one asks, one thing after another. Its file calls `serve` (serve.ts). */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a process can be asked for: every argument and answer is JSON. */
export type ActsOf<A> = { readonly [K in keyof A]: (...args: never[]) => Promise<unknown> };

/** The parent's end. */
export class ActingProcess<A extends ActsOf<A>> {
  readonly #child: ChildProcess;

  constructor(file: URL, args: readonly string[] = []) {
    this.#child = fork(fileURLToPath(file), args, { execArgv: ['--expose-gc', '--import', 'tsx'] });
  }

  /** Rejects with what the process says, or when it is gone. */
  ask<K extends keyof A>(act: K, ...args: Parameters<A[K]>): Promise<Awaited<ReturnType<A[K]>>> {
    return new Promise((resolve, reject) => {
      const gone = (code: number | null): void => {
        reject(new Error(`${String(act)}: the process ended with ${String(code)}`));
      };
      this.#child.once('exit', gone);
      this.#child.once('message', (answer: { value?: unknown; error?: string }) => {
        this.#child.off('exit', gone);
        if (answer.error !== undefined) reject(new Error(`${String(act)}: ${answer.error}`));
        else resolve(answer.value as Awaited<ReturnType<A[K]>>);
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
