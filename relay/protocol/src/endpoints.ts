/**
 * The HTTP half of the wire: each endpoint's method, path, and the bodies of request and answer, described once and used
 * by both sides (the relay parses requests and prints answers, a client the reverse). Errors are `httpError` bodies.
 * Times are milliseconds since 1970. Endpoints marked `token` want `Authorization: Bearer <token>`.
 */
import { HTTP_STATUS, type HttpCode } from './codes.ts';
import type { MailboxId } from './ids.ts';
import { array, bytes, handle, id16, integer, keyHash, object, optional, text } from './json.ts';
import type { Json, Parsed } from './json.ts';
import { LIMITS } from './limits.ts';

const DAY = 24 * 60 * 60_000;
const TIME = integer(0, Number.MAX_SAFE_INTEGER);
const U32 = integer(0, 2 ** 32 - 1);
const key = bytes(32, 32);
const signature = bytes(64, 64);
const deviceLog = bytes(1, LIMITS.deviceLogBytes);
const signedPreKey = bytes(1, LIMITS.signedPreKeyBytes);
const oneTimePreKey = object({ id: U32, bytes: bytes(1, LIMITS.oneTimePreKeyBytes) });
const token = object({
  token: text((value) => value.length > 0 && value.length <= LIMITS.tokenBytes),
  expiresAt: TIME,
});
const storageToken = object({
  token: text((value) => value.length > 0 && value.length <= LIMITS.tokenBytes),
  expiresAt: TIME,
  /** Where the storage server is. Absent: there is none. */
  url: optional(text(isHttpUrl)),
});
const iceServer = object({
  urls: array(text(isTurnUrl), LIMITS.iceUrls),
  username: text(isIceSecret),
  credential: text(isIceSecret),
});
const nothing = object({});
const slot = object({ data: bytes(1, LIMITS.rendezvousBytes) });

/** One endpoint. `request` and `response` are body descriptions; a GET has no request body. */
export interface Endpoint<Request, Response, Auth extends 'none' | 'token' = 'none' | 'token'> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:name` stands for one path segment. */
  readonly path: string;
  readonly auth: Auth;
  readonly request: Json<Request>;
  readonly response: Json<Response>;
}

/** The request body of an endpoint. */
export type RequestOf<E> = E extends Endpoint<infer R, infer _> ? R : never;
/** The answer body of an endpoint. */
export type ResponseOf<E> = E extends Endpoint<infer _, infer R> ? R : never;

function endpoint<Request, Response, Auth extends 'none' | 'token'>(
  e: Endpoint<Request, Response, Auth>,
): Endpoint<Request, Response, Auth> {
  return e;
}

const registration = object({
  accountKey: key,
  version: U32,
  deviceLog,
  devices: array(object({ deviceKey: key, mailbox: id16<MailboxId>() }), LIMITS.devices),
  by: key,
  recoveryKey: optional(key),
  signature,
  authority: signature,
  invite: optional(text((value) => value.length <= LIMITS.inviteBytes)),
});

const claimed = object({
  accountKey: key,
  deviceLog,
  devices: array(
    object({ deviceKey: key, mailbox: id16<MailboxId>(), signed: signedPreKey, oneTime: optional(oneTimePreKey) }),
    LIMITS.devices,
  ),
});

const signIn = object({ deviceId: keyHash, challenge: bytes(LIMITS.challengeBytes, LIMITS.challengeBytes), signature });

/** Every endpoint under `/v1`, by name. */
export const endpoints = {
  challenge: endpoint({
    method: 'POST',
    path: '/v1/challenges',
    auth: 'none',
    request: object({ deviceId: keyHash }),
    response: object({ challenge: bytes(LIMITS.challengeBytes, LIMITS.challengeBytes), expiresAt: TIME }),
  }),
  register: endpoint({ method: 'POST', path: '/v1/accounts', auth: 'none', request: registration, response: nothing }),
  signIn: endpoint({ method: 'POST', path: '/v1/sessions', auth: 'none', request: signIn, response: token }),
  publishPreKeys: endpoint({
    method: 'PUT',
    path: '/v1/prekeys',
    auth: 'token',
    request: object({ signed: signedPreKey, oneTime: array(oneTimePreKey, LIMITS.oneTimePreKeys) }),
    response: nothing,
  }),
  countPreKeys: endpoint({
    method: 'GET',
    path: '/v1/prekeys',
    auth: 'token',
    request: nothing,
    response: object({ oneTime: U32 }),
  }),
  claimPreKeys: endpoint({
    method: 'POST',
    path: '/v1/prekeys/claim',
    auth: 'none',
    request: object({ accountId: keyHash, deviceIds: optional(array(keyHash, LIMITS.devices)) }),
    response: claimed,
  }),
  account: endpoint({
    method: 'GET',
    path: '/v1/accounts/:accountId',
    auth: 'none',
    request: nothing,
    response: object({ accountKey: key, deviceLog }),
  }),
  recovery: endpoint({
    method: 'GET',
    path: '/v1/recoveries/:recoveryId',
    auth: 'none',
    request: nothing,
    response: object({ accountKey: key, deviceLog }),
  }),
  putRendezvous: endpoint({
    method: 'PUT',
    path: '/v1/rendezvous/:rendezvousId/:slot',
    auth: 'none',
    request: slot,
    response: nothing,
  }),
  rendezvous: endpoint({
    method: 'GET',
    path: '/v1/rendezvous/:rendezvousId/:slot',
    auth: 'none',
    request: nothing,
    response: slot,
  }),
  putHandle: endpoint({
    method: 'PUT',
    path: '/v1/handle',
    auth: 'token',
    request: object({ handle }),
    response: nothing,
  }),
  deleteHandle: endpoint({ method: 'DELETE', path: '/v1/handle', auth: 'token', request: nothing, response: nothing }),
  handle: endpoint({
    method: 'GET',
    path: '/v1/handles/:handle',
    auth: 'none',
    request: nothing,
    response: object({ accountId: keyHash, accountKey: key }),
  }),
  storageToken: endpoint({
    method: 'POST',
    path: '/v1/storage-token',
    auth: 'token',
    request: nothing,
    response: storageToken,
  }),
  iceServers: endpoint({
    method: 'POST',
    path: '/v1/ice-servers',
    auth: 'token',
    request: nothing,
    // How long, not until when: the clock of a device may be wrong by more than a credential lives.
    response: object({ servers: array(iceServer, LIMITS.iceServers), lifeMs: integer(0, DAY) }),
  }),
} as const;

/** The name of an endpoint. */
export type EndpointName = keyof typeof endpoints;
/** The content of a registration, its signatures included. */
export type Registration = RequestOf<(typeof endpoints)['register']>;
/** What a claim returns. */
export type ClaimedPreKeys = ResponseOf<(typeof endpoints)['claimPreKeys']>;
/** TURN servers and how long the credentials for them are good. */
export type IceAnswer = ResponseOf<(typeof endpoints)['iceServers']>;

/**
 * Whether text is the URL of a server: http or https, in its one spelling, without a slash at its end, credentials, query or
 * fragment, of at most 240 bytes. Paths may follow the host.
 */
export function isHttpUrl(value: string): boolean {
  if (value.length > LIMITS.urlBytes || !/^https?:\/\/[!-~]+$/.test(value) || value.endsWith('/')) return false;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || /[?#]/.test(value)) return false;
  return url.href === value || url.href === `${value}/`;
}

/**
 * Whether text is the URL of a TURN server as a browser takes it (RFC 7065): `turn:` or `turns:`, a host, and, if wanted, a
 * port and `?transport=udp` or `tcp`; of at most 240 characters.
 */
export function isTurnUrl(value: string): boolean {
  const shape = /^turns?:((?:[\da-z.-]+|\[[\da-f:.]+\])(?::[1-9]\d{0,4})?)(?:\?transport=(?:udp|tcp))?$/;
  const address = shape.exec(value)?.[1];
  return value.length <= LIMITS.urlBytes && address !== undefined && URL.canParse(`http://${address}`);
}

function isIceSecret(value: string): boolean {
  return value.length <= LIMITS.iceSecretBytes && /^[!-~]+$/.test(value);
}

const isHttpCode = (value: string): value is HttpCode => Object.hasOwn(HTTP_STATUS, value);

/** The body of every answer that is not 2xx. `message` is for a developer's eyes; programs look at `code`. */
export const httpError = object({
  error: object({ code: text(isHttpCode) as Json<HttpCode>, message: text((value) => value.length <= 500) }),
});
/** An error body. */
export type HttpErrorBody = Parsed<typeof httpError>;

/** Fills the `:names` of an endpoint's path. Values are ids, handles or slot numbers: nothing in them needs escaping. */
export function pathOf(e: { readonly path: string }, values: Readonly<Record<string, string>> = {}): string {
  return e.path.replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
