/** Why a relay refused: the u8 of `refused` and `error` frames. A code is never re-used for another meaning. */
const RELAY_CODES = {
  /** No such mailbox here. Final for this mailbox: look the device up again. */
  MailboxUnknown: 1,
  /** Its quota of count or bytes is used up. Try again later; nothing was stored. */
  MailboxFull: 2,
  /** Content over the cap. Final. */
  TooLarge: 3,
  /** Too many requests from this connection or address. Try again later. */
  RateLimited: 4,
  /** The frame needs a signed-in connection, or the device was removed. */
  NotSignedIn: 5,
  /** The token is malformed, expired or not for this relay. Fetch a new one. */
  TokenInvalid: 6,
  /** The bytes are no frame of this version. A bug on the sender's side. */
  BadFrame: 7,
  /** More mailboxes than the cap. Final. */
  TooManyRecipients: 8,
  /** The relay cannot store now (shutting down, disk trouble). Try again later. */
  ServerBusy: 9,
  /** The path names a wire version that this relay does not speak. */
  VersionUnsupported: 10,
  /** The same device signed in on another connection, which takes over. Do not reconnect by yourself. */
  ReplacedByNewer: 11,
} as const;

/** The name of a relay code. */
export type RelayCode = keyof typeof RELAY_CODES;

const BY_NUMBER: ReadonlyMap<number, RelayCode> = new Map(
  Object.entries(RELAY_CODES).map(([name, number]) => [number, name as RelayCode]),
);

/** Every code's name. */
export const RELAY_CODE_NAMES: readonly RelayCode[] = [...BY_NUMBER.values()];

/** The u8 of a code. */
export function relayCodeNumber(code: RelayCode): number {
  return RELAY_CODES[code];
}

/** The code of a u8, or undefined when this version does not know it. */
export function relayCodeFrom(number: number): RelayCode | undefined {
  return BY_NUMBER.get(number);
}

/** Codes of HTTP error bodies with the status each comes with. */
export const HTTP_STATUS = {
  Malformed: 400,
  BadSignature: 403,
  /** The authority is no device and no recovery key of the registration in force: the log that is stored says who is. */
  NotAuthorised: 403,
  ChallengeUnknown: 403,
  InviteNeeded: 403,
  TokenInvalid: 401,
  NotFound: 404,
  StaleDeviceLog: 409,
  MailboxTaken: 409,
  HandleTaken: 409,
  /** Another account named this recovery key before. */
  RecoveryTaken: 409,
  /** The slot of a rendezvous was written with other bytes. */
  Taken: 409,
  /** The rendezvous was there and is over; its code is worth nothing any more. */
  Expired: 410,
  TooLarge: 413,
  RateLimited: 429,
  ServerBusy: 503,
  Internal: 500,
} as const;

/** Why an HTTP request was refused. */
export type HttpCode = keyof typeof HTTP_STATUS;
