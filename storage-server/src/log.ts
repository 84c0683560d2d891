/**
 * Structured logs as a port (pino has this shape). Facts are counts, durations, codes and error types: never a blob's name,
 * an owner, an address or a path, so that the log links nobody to anything.
 */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Where log lines go. */
export interface Log {
  info(facts: Facts, event: string): void;
  warn(facts: Facts, event: string): void;
  error(facts: Facts, event: string): void;
}

/** What may be said of a thrown value: its class and, for system errors, its code. Messages may hold paths. */
export function factsOf(thrown: unknown): Facts {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const code: unknown = Reflect.get(thrown, 'code');
  return typeof code === 'string' ? { error: thrown.name, code } : { error: thrown.name };
}
