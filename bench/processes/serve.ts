/** The child's end of an acting process: does what the parent asks and answers with the value or the error. */
import type { ActsOf } from './acting-process.ts';

export function serve<A extends ActsOf<A>>(acts: A): void {
  process.on('message', ({ act, args }: { act: keyof A; args: never[] }) => {
    acts[act](...args).then(
      (value) => process.send?.({ value }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
