/** Answers of the HTTP half: a body or a refusal, and how each looks on the wire. */
import { err, HTTP_STATUS, httpError, type HttpCode, type Result } from '@securechat/relay-protocol';

/** Why a request is refused. `message` is for developers and holds nothing of the request. */
export interface Refusal {
  readonly code: HttpCode;
  readonly message: string;
}

/** What a handler returns. */
export type Answer<T> = Promise<Result<T, Refusal>>;

/** A refusal. */
export function refuse(code: HttpCode, message: string): { readonly ok: false; readonly error: Refusal } {
  return err({ code, message });
}

/** A JSON response. */
export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** A refusal as a response. */
export function refusalResponse(refusal: Refusal): Response {
  return jsonResponse(httpError.print({ error: refusal }), HTTP_STATUS[refusal.code]);
}
