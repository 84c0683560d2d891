/** Why a request is refused, and how that looks on the wire. SPEC.md explains each code. */

const STATUS = {
  Malformed: 400,
  TokenInvalid: 401,
  NotYours: 403,
  QuotaExceeded: 403,
  NotFound: 404,
  OffsetConflict: 409,
  Expired: 410,
  TooLarge: 413,
  RangeInvalid: 416,
  TooManyUnfinished: 429,
  Internal: 500,
  DiskFull: 507,
} as const;

/** The name of a reason. */
export type RefusalCode = keyof typeof STATUS;

/** A reason. `message` is for developers and holds nothing of the request. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

/** A refusal as an error value. */
export function refuse(code: RefusalCode, message: string): { readonly ok: false; readonly error: Refusal } {
  return { ok: false, error: { code, message } };
}

/** A refusal as a response: the same body shape as the relay's. */
export function refusalResponse({ code, message }: Refusal, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ error: { code, message } }), {
    status: STATUS[code],
    headers: { 'content-type': 'application/json', 'x-securechat-refusal': code, ...headers },
  });
}

/** The code of an error that tus itself found; its own text is not passed on, it may hold paths. */
export function refusalOfStatus(status: number): Refusal {
  const message = 'refused by the upload protocol';
  if (status === 404) return { code: 'NotFound', message };
  if (status === 409) return { code: 'OffsetConflict', message: 'Upload-Offset is not where the upload is' };
  if (status === 410) return { code: 'Expired', message };
  if (status === 413) return { code: 'TooLarge', message: 'more bytes than were announced' };
  return status < 500 ? { code: 'Malformed', message } : { code: 'Internal', message: 'a fault of the storage server' };
}
