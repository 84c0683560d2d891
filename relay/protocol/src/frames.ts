/**
 * The frames of `/v1/ws`. One binary WebSocket message is one frame: a tag byte, then the fields in the order below.
 *
 *   client -> relay                                        relay -> client
 *   0x01 signIn  token…                                    0x81 welcome   mailbox[16] queued[u32]
 *   0x02 post    id[16] ephemeral[u8 0|1] to[u16 n, 16n]   0x82 accepted  id[16]
 *                data…                                     0x83 refused   id[16] failures[u16 n, n x (mailbox[16] code[u8])]
 *   0x03 ack     ids[u16 n, 16n]                           0x84 deliver   id[16] data…
 *   0x04 ping                                              0x85 drained
 *                                                          0x86 pong
 *                                                          0x87 error     code[u8]      (then the relay closes)
 */
import { code, flag, id, list, rest, restAscii, struct, unsigned } from './codec.ts';
import type { DecodeError, Field, Reader, Values } from './codec.ts';
import type { EnvelopeId, MailboxId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { err, ok, type Result } from './result.ts';

const failure = struct({ mailbox: id<MailboxId>(), code });

const CLIENT = {
  signIn: { tag: 0x01, fields: { token: restAscii(LIMITS.tokenBytes) } },
  post: {
    tag: 0x02,
    fields: {
      id: id<EnvelopeId>(),
      ephemeral: flag,
      to: list(id<MailboxId>(), LIMITS.recipients),
      data: rest(LIMITS.dataBytes),
    },
  },
  ack: { tag: 0x03, fields: { ids: list(id<EnvelopeId>(), LIMITS.ackIds) } },
  ping: { tag: 0x04, fields: {} },
} as const;

const RELAY = {
  welcome: { tag: 0x81, fields: { mailbox: id<MailboxId>(), queued: unsigned(4) } },
  accepted: { tag: 0x82, fields: { id: id<EnvelopeId>() } },
  refused: { tag: 0x83, fields: { id: id<EnvelopeId>(), failures: list(failure, LIMITS.recipients) } },
  deliver: { tag: 0x84, fields: { id: id<EnvelopeId>(), data: rest(LIMITS.dataBytes) } },
  drained: { tag: 0x85, fields: {} },
  pong: { tag: 0x86, fields: {} },
  error: { tag: 0x87, fields: { code } },
} as const;

type FrameOf<S extends Layouts> = {
  readonly [K in keyof S]: { readonly type: K } & Values<S[K]['fields']>;
}[keyof S];
type Layouts = Readonly<
  Record<string, { readonly tag: number; readonly fields: Readonly<Record<string, Field<unknown>>> }>
>;

/** What a client may say. */
export type ClientFrame = FrameOf<typeof CLIENT>;
/** What a relay may say. */
export type RelayFrame = FrameOf<typeof RELAY>;
/** One mailbox that a post did not reach, and why. */
export type PostFailure = Values<{ mailbox: Field<MailboxId>; code: typeof code }>;

interface Codec {
  readonly type: string;
  readonly tag: number;
  readonly body: Field<Readonly<Record<string, unknown>>>;
}

const toClient = codecsOf(RELAY);
const toRelay = codecsOf(CLIENT);
const byType = new Map([...toClient.values(), ...toRelay.values()].map((codec) => [codec.type, codec]));

/** The bytes of a frame. Throws RangeError for a value over its cap: check `LIMITS` before. */
export function encodeFrame(frame: ClientFrame | RelayFrame): Uint8Array {
  const codec = byType.get(frame.type);
  if (codec === undefined) throw new TypeError('not a frame');
  const bytes = new Uint8Array(1 + codec.body.size(frame));
  bytes[0] = codec.tag;
  codec.body.write({ bytes, at: 1 }, frame);
  return bytes;
}

/** What a client said. Byte fields are views into `bytes`: copy what outlives them. */
export function decodeClientFrame(bytes: Uint8Array): Result<ClientFrame, DecodeError> {
  return decode(toRelay, bytes) as Result<ClientFrame, DecodeError>;
}

/** What a relay said. Byte fields are views into `bytes`: copy what outlives them. */
export function decodeRelayFrame(bytes: Uint8Array): Result<RelayFrame, DecodeError> {
  return decode(toClient, bytes) as Result<RelayFrame, DecodeError>;
}

function codecsOf(layouts: Layouts): ReadonlyMap<number, Codec> {
  return new Map(Object.entries(layouts).map(([type, { tag, fields }]) => [tag, { type, tag, body: struct(fields) }]));
}

function decode(codecs: ReadonlyMap<number, Codec>, bytes: Uint8Array): Result<object, DecodeError> {
  const tag = bytes[0];
  if (tag === undefined) return err({ type: 'Truncated' });
  const codec = codecs.get(tag);
  if (codec === undefined) return err({ type: 'UnknownTag', tag });
  const input: Reader = { bytes, at: 1, problem: undefined };
  const body = codec.body.read(input);
  if (body === undefined) return err(input.problem ?? { type: 'BadValue' });
  if (input.at < bytes.length) return err({ type: 'TrailingBytes', count: bytes.length - input.at });
  return ok({ type: codec.type, ...body });
}
