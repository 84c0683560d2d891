/**
 * The page's end: a {@link ClientApi} over a pipe. Survives the engine: open calls and watches are sent again to the
 * next one, under their old ids. Knows nothing of workers, tabs or locks.
 */
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
} from '../api.ts';
import { createBytesReader } from './bytes.ts';
import { parseToPage, type CallMessage, type Pipe, type ToPage, type WatchMessage } from './wire.ts';

/** A call threw inside the engine: a bug there, reported here. `message` is the error's name. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
}

/** A {@link ClientApi} on the far side of a pipe. */
export interface PageClient extends ClientApi {
  /** Stops listening. Open calls stay unanswered. */
  close(): void;
}

interface Waiting {
  readonly message: CallMessage;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: EngineFailure) => void;
}
interface Watching {
  readonly message: WatchMessage;
  readonly onValue: (value: unknown) => void;
}

/** Connects a page. `client` must be unique among all pages of the origin; nothing is sent before an engine is up. */
export function connectPage(pipe: Pipe, client: string): PageClient {
  const waiting = new Map<string, Waiting>();
  const watching = new Map<string, Watching>();
  let bytes = createBytesReader();
  let term: string | undefined;
  let count = 0;

  const nextId = (): string => `${client}.${String(++count)}`;
  const send = (message: Parameters<Pipe['send']>[0]): void => {
    if (term !== undefined) pipe.send(message);
  };

  function follow(next: string): void {
    if (next === term) return;
    term = next;
    bytes = createBytesReader();
    for (const { message } of watching.values()) pipe.send(message);
    for (const { message } of waiting.values()) pipe.send(message);
  }

  function receive(message: ToPage): void {
    switch (message.type) {
      case 'up':
        follow(message.term);
        return;
      case 'snapshot':
        if (message.term === term) {
          const value = bytes.read(message.value);
          watching.get(message.id)?.onValue(value);
        }
        return;
      case 'answer':
        settle(message.id)?.resolve(message.result);
        return;
      case 'failed':
        settle(message.id)?.reject(new EngineFailure(message.reason));
    }
  }

  function settle(id: string): Waiting | undefined {
    const call = waiting.get(id);
    waiting.delete(id);
    return call;
  }

  const stopListening = pipe.listen((value) => {
    const message = parseToPage(value);
    if (message) receive(message);
  });
  pipe.send({ type: 'hello', client });

  return {
    call<K extends CallName>(name: K, input: CallInput<K>) {
      return new Promise<Result<CallValue<K>, ClientError>>((resolve, reject) => {
        const message: CallMessage = { type: 'call', client, id: nextId(), name, input };
        // The engine's own type says what `name` answers; the pipe between carries it unchanged.
        waiting.set(message.id, { message, resolve: resolve as Waiting['resolve'], reject });
        send(message);
      });
    },
    watch<K extends WatchName>(name: K, args: WatchArgs<K>, onValue: (value: WatchValue<K>) => void) {
      const message: WatchMessage = { type: 'watch', client, id: nextId(), name, args };
      watching.set(message.id, { message, onValue: onValue as Watching['onValue'] });
      send(message);
      return () => {
        if (watching.delete(message.id)) send({ type: 'stop', client, id: message.id });
      };
    },
    close: stopListening,
  };
}
