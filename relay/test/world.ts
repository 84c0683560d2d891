/** A relay in process with a clock of the test's, and people who talk to it over sockets that the test controls. */
import { randomBytes } from 'node:crypto';
import { decodeRelayFrame, encodeFrame, endpoints, httpError, pathOf } from '@securechat/relay-protocol';
import type { ClientFrame, Endpoint, EnvelopeId, HttpCode, MailboxId, RelayFrame } from '@securechat/relay-protocol';
import { createRelay, DEFAULT_CONFIG, memoryDirectory, memoryMailboxes, silentLog } from '../src/index.ts';
import type { Connection, Directory, Log, MailboxStore, Relay, RelayConfig } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { createPerson, randomId, registrationOf, signInSignature, type Person } from './people.ts';

/** The host that everybody dials here. */
export const HOST = 'relay.test';

/** A caller of the HTTP half. */
export type Call = <Request, Response>(
  endpoint: Endpoint<Request, Response>,
  body: Request,
  how?: { readonly token?: string; readonly params?: Readonly<Record<string, string>>; readonly address?: string },
) => Promise<Response | HttpCode>;

/** A client's end of a connection. */
export class TestSocket {
  readonly received: RelayFrame[] = [];
  /** Whether the relay's next sends find the socket full. */
  full = false;
  isClosed = false;
  readonly connection: Connection;

  constructor(relay: Relay, address = '192.0.2.1', wireVersion?: number) {
    const receive = (bytes: Uint8Array): void => {
      const frame = decodeRelayFrame(bytes.slice());
      if (!frame.ok) throw new Error(`the relay sent no frame: ${frame.error.type}`);
      this.received.push(frame.value);
    };
    this.connection = relay.connect(
      {
        address,
        send: (bytes) => {
          if (this.full) return 'full';
          receive(bytes);
          return 'sent';
        },
        close: () => {
          this.isClosed = true;
        },
      },
      wireVersion,
    );
  }

  say(frame: ClientFrame): void {
    this.connection.receive(encodeFrame(frame));
  }

  post(to: readonly MailboxId[], data: Uint8Array, change: { id?: EnvelopeId; ephemeral?: boolean } = {}): EnvelopeId {
    const id = change.id ?? randomId();
    this.say({ type: 'post', id, to, data, ephemeral: change.ephemeral ?? false });
    return id;
  }

  ack(...ids: EnvelopeId[]): void {
    this.say({ type: 'ack', ids });
  }

  /** The socket has room again. */
  makeRoom(): void {
    this.full = false;
    this.connection.drained();
  }

  hangUp(): void {
    this.isClosed = true;
    this.connection.closed();
  }

  /** What arrived of one kind. */
  all<T extends RelayFrame['type']>(type: T): Extract<RelayFrame, { type: T }>[] {
    return this.received.filter((frame): frame is Extract<RelayFrame, { type: T }> => frame.type === type);
  }

  get delivered(): string[] {
    return this.all('deliver').map((frame) => Buffer.from(frame.data).toString());
  }
}

/** What a world may have of its own. */
export interface WorldChange {
  readonly config?: Partial<RelayConfig>;
  readonly store?: MailboxStore;
  readonly directory?: Directory;
  readonly log?: Log;
  readonly clock?: FakeClock;
}

/** See the module's header. */
export class World {
  readonly clock: FakeClock;
  readonly store: MailboxStore;
  readonly directory: Directory;
  readonly relay: Relay;

  constructor(change: WorldChange = {}) {
    this.clock = change.clock ?? new FakeClock();
    const config = { ...DEFAULT_CONFIG, ...change.config };
    this.store = change.store ?? memoryMailboxes(config.quota);
    this.directory = change.directory ?? memoryDirectory();
    this.relay = createRelay({
      store: this.store,
      directory: this.directory,
      clock: this.clock,
      random: (length) => new Uint8Array(randomBytes(length)),
      config,
      log: change.log ?? silentLog,
      tokenSecret: new Uint8Array(32).fill(7),
    });
  }

  /** Calls an endpoint; answers the parsed body or the error's code. */
  readonly call: Call = async (endpoint, body, how = {}) => {
    const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT';
    const request = new Request(`http://${HOST}${pathOf(endpoint, how.params)}`, {
      method: endpoint.method,
      ...(hasBody && { body: JSON.stringify(endpoint.request.print(body)) }),
      headers: how.token === undefined ? {} : { authorization: `Bearer ${how.token}` },
    });
    const response = await this.relay.http(request, { address: how.address ?? '192.0.2.1' });
    return readAnswer(endpoint, response);
  };

  /** A new person, registered. */
  async join(): Promise<Person> {
    const person = createPerson();
    const answer = await this.call(endpoints.register, registrationOf(person, HOST));
    if (typeof answer === 'string') throw new Error(answer);
    return person;
  }

  /** A token for a person's device. */
  async tokenOf(person: Person): Promise<string> {
    const { deviceId } = person;
    const asked = await this.call(endpoints.challenge, { deviceId });
    if (typeof asked === 'string') throw new Error(asked);
    const signature = signInSignature(person, asked.challenge, HOST);
    const session = await this.call(endpoints.signIn, { deviceId, challenge: asked.challenge, signature });
    if (typeof session === 'string') throw new Error(session);
    return session.token;
  }

  /** A socket that nobody signed in on. */
  dial(address?: string): TestSocket {
    return new TestSocket(this.relay, address);
  }

  /** A socket on which the person is signed in and drained of nothing yet. */
  async connect(person: Person): Promise<TestSocket> {
    const socket = this.dial();
    socket.say({ type: 'signIn', token: await this.tokenOf(person) });
    await this.clock.advance(5);
    return socket;
  }
}

/** The parsed body of a response, or the code of its error. */
export async function readAnswer<T>(endpoint: Endpoint<unknown, T>, response: Response): Promise<T | HttpCode> {
  const body: unknown = await response.json();
  if (response.ok) {
    const parsed = endpoint.response.parse(body);
    if (!parsed.ok) throw new Error(`answer malformed at ${parsed.error.at}`);
    return parsed.value;
  }
  const error = httpError.parse(body);
  if (!error.ok) throw new Error('error body malformed');
  return error.value.error.code;
}

/** Bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
