/** Small makers of call answers, and what the handlers of a group look like. */
import type { CallInput, CallName, CallValue, ClientError, Result } from '../api.ts';

/** Handlers of some of the calls. */
export type Handlers<K extends CallName> = {
  readonly [N in K]: (input: CallInput<N>) => Promise<Result<CallValue<N>, ClientError>>;
};

export function done<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refused(error: ClientError): { readonly ok: false; readonly error: ClientError } {
  return { ok: false, error };
}
