/**
 * As much of a TURN client (RFC 8489, RFC 8656) as shows whether a server takes a credential: over UDP, with the long-term
 * credential mechanism. Written from the RFCs with Node's crypto.
 *
 *   message   = type u16 | length u16 | magic cookie u32 | transaction id [12] | attributes
 *   attribute = type u16 | length u16 | value, padded with zeros to four bytes
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const COOKIE = Buffer.from('2112a442', 'hex');
const HEADER = 20;
const METHOD = { allocate: 0x003, createPermission: 0x008 } as const;
const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  peer: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  transport: 0x0019,
} as const;
const UDP = 17;
/** A request that is not answered is said again (RFC 8489, 6.2.1), so often, after so long. */
const TRIES = 7;
const WAIT_MS = 500;

type Method = keyof typeof METHOD;
type Attributes = readonly (readonly [type: keyof typeof ATTRIBUTE, value: Buffer])[];

/** 0: it was done; else the code of STUN's error. */
export type TurnStatus = number;

export interface TurnCredential {
  readonly username: string;
  readonly credential: string;
}

interface Reply {
  readonly status: TurnStatus;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

/** One client's place: an address of its own, and what the server said that it wants to hear again. */
export class TurnClient {
  readonly #socket = createSocket('udp4');
  readonly #port: number;
  readonly #credential: TurnCredential;
  #challenge: { readonly realm: Buffer; readonly nonce: Buffer } | undefined;

  /** Of a server at 127.0.0.1. */
  constructor(port: number, credential: TurnCredential) {
    this.#port = port;
    this.#credential = credential;
  }

  /** Asks for an allocation: first without a credential, for the server's challenge, then with it. */
  async allocate(): Promise<{ readonly status: TurnStatus; readonly port?: number }> {
    const wanted: Attributes = [['transport', Buffer.from([UDP, 0, 0, 0])]];
    const first = await this.#ask('allocate', wanted);
    const [realm, nonce] = [first.attributes.get(ATTRIBUTE.realm), first.attributes.get(ATTRIBUTE.nonce)];
    if (first.status !== 401 || realm === undefined || nonce === undefined)
      throw new Error(`no challenge, but ${String(first.status)}`);
    this.#challenge = { realm, nonce };
    const { status, attributes } = await this.#ask('allocate', wanted);
    const relayed = attributes.get(ATTRIBUTE.relayed);
    return { status, ...(relayed && { port: relayed.readUInt16BE(2) ^ COOKIE.readUInt16BE(0) }) };
  }

  /** Asks that this IPv4 address may be written to, and write. */
  async permit(address: string): Promise<TurnStatus> {
    const octets = address.split('.').map(Number);
    const xored = octets.map((octet, i) => octet ^ (COOKIE[i] ?? 0));
    return (await this.#ask('createPermission', [['peer', Buffer.from([0, 1, 0, 0, ...xored])]])).status;
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: Method, attributes: Attributes): Promise<Reply> {
    const request = this.#request(method, attributes);
    for (let i = 0; i < TRIES; i += 1) {
      const answered = this.#answerTo(request);
      this.#socket.send(request, this.#port, '127.0.0.1');
      const reply = await answered;
      if (reply !== undefined) return reply;
    }
    throw new Error('the TURN server does not answer');
  }

  #request(method: Method, attributes: Attributes): Buffer {
    const header = Buffer.concat([u16(METHOD[method]), u16(0), COOKIE, randomBytes(12)]);
    if (this.#challenge === undefined) return withLength(Buffer.concat([header, ...attributes.map(encode)]));
    const { realm, nonce } = this.#challenge;
    const { username, credential } = this.#credential;
    const key = createHash('md5').update(`${username}:${realm.toString()}:${credential}`).digest();
    const named: Attributes = [...attributes, ['username', Buffer.from(username)], ['realm', realm], ['nonce', nonce]];
    const content = Buffer.concat([header, ...named.map(encode)]);
    // The length that is authenticated already counts the 24 bytes of the authenticator.
    const mac = createHmac('sha1', key).update(withLength(content, 24)).digest();
    return withLength(Buffer.concat([content, encode(['integrity', mac])]));
  }

  /** Undefined: none came in time. */
  #answerTo(request: Buffer): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      const end = (reply?: Reply): void => {
        clearTimeout(timer);
        this.#socket.off('message', take);
        resolve(reply);
      };
      const take = (message: Buffer): void => {
        if (message.subarray(8, HEADER).equals(request.subarray(8, HEADER))) end(decode(message));
      };
      const timer = setTimeout(end, WAIT_MS);
      this.#socket.on('message', take);
    });
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function encode([type, value]: Attributes[number]): Buffer {
  return Buffer.concat([u16(ATTRIBUTE[type]), u16(value.length), value, Buffer.alloc(-value.length & 3)]);
}

/** The message with its length in the header; `more`: bytes that follow. */
function withLength(message: Buffer, more = 0): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(message.length - HEADER + more, 2);
  return copy;
}

function decode(message: Buffer): Reply {
  const attributes = new Map<number, Buffer>();
  for (let at = HEADER; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + (-length & 3);
  }
  // ERROR-CODE: two bytes of nothing, the hundreds, the rest. Without it, it is a success.
  const error = attributes.get(ATTRIBUTE.error);
  return { status: error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0), attributes };
}
