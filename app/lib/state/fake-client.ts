/** A hand-made engine for the tests of view models: answers as it is told, publishes what it is given. */
import type {
  CallInput,
  CallName,
  CallValue,
  ClientApi,
  ClientError,
  Result,
  WatchArgs,
  WatchName,
  WatchValue,
} from '@securechat/sync/api';

type Handler = (input: unknown) => Result<unknown, ClientError> | Promise<Result<unknown, ClientError>>;

export class FakeClient implements ClientApi {
  /** What was called, in order. */
  readonly calls: { readonly name: CallName; readonly input: unknown }[] = [];
  readonly #handlers = new Map<CallName, Handler>();
  readonly #watchers = new Map<WatchName, Set<(value: unknown) => void>>();

  on<K extends CallName>(
    name: K,
    handler: (input: CallInput<K>) => Result<CallValue<K>, ClientError> | Promise<Result<CallValue<K>, ClientError>>,
  ): this {
    this.#handlers.set(name, handler as Handler);
    return this;
  }

  publish<K extends WatchName>(name: K, value: WatchValue<K>): void {
    // Who begins to watch because of this value does not get it.
    for (const onValue of [...(this.#watchers.get(name) ?? [])]) onValue(value);
  }

  watchers(name: WatchName): number {
    return this.#watchers.get(name)?.size ?? 0;
  }

  inputs(name: CallName): readonly unknown[] {
    return this.calls.filter((call) => call.name === name).map(({ input }) => input);
  }

  async call<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallValue<K>, ClientError>> {
    this.calls.push({ name, input });
    const handler = this.#handlers.get(name);
    if (!handler) throw new Error(`${name} is not expected here`);
    return (await handler(input)) as Result<CallValue<K>, ClientError>;
  }

  watch<K extends WatchName>(name: K, _args: WatchArgs<K>, onValue: (value: WatchValue<K>) => void): () => void {
    const watchers = this.#watchers.get(name) ?? new Set();
    const emit = onValue as (value: unknown) => void;
    this.#watchers.set(name, watchers.add(emit));
    return () => watchers.delete(emit);
  }
}

export const done = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const refused = (error: ClientError): Result<never, ClientError> => ({ ok: false, error });
