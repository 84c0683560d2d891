/** A client over a real WebSocket and real HTTP. Nothing here waits for time: every wait is for something to happen. */
import { decodeRelayFrame, encodeFrame, endpoints, pathOf, SOCKET_PATH } from '@securechat/relay-protocol';
import type { ClientFrame, Endpoint, EnvelopeId, HttpCode, MailboxId, RelayFrame } from '@securechat/relay-protocol';
import { WebSocket } from 'ws';
import { createPerson, randomId, registrationOf, signInSignature, type Person } from './people.ts';
import { readAnswer } from './world.ts';

/** One WebSocket to a relay. */
export class NetClient {
  readonly received: RelayFrame[] = [];
  /** Why it ended, once it has. */
  closeCode: number | undefined;
  private waiters: (() => void)[] = [];

  private constructor(readonly ws: WebSocket) {
    ws.on('message', (bytes: Buffer) => {
      const frame = decodeRelayFrame(new Uint8Array(bytes));
      if (frame.ok) this.received.push(frame.value);
      this.wake();
    });
    ws.on('close', (code) => {
      this.closeCode = code;
      this.wake();
    });
    ws.on('error', () => {
      this.wake();
    });
  }

  /** Connects; resolves when the socket is open, rejects when it cannot be opened. */
  static open(url: string, path = SOCKET_PATH, headers: Record<string, string> = {}): Promise<NetClient> {
    const ws = new WebSocket(url.replace('http', 'ws') + path, { headers, perMessageDeflate: false });
    const client = new NetClient(ws);
    return new Promise((resolve, reject) => {
      ws.once('open', () => {
        resolve(client);
      });
      ws.once('error', reject);
    });
  }

  /** Connects and signs in. */
  static async signIn(url: string, person: Person): Promise<NetClient> {
    const client = await NetClient.open(url);
    client.say({ type: 'signIn', token: await fetchToken(url, person) });
    await client.until(() => client.all('welcome').length > 0);
    return client;
  }

  say(frame: ClientFrame): void {
    this.ws.send(encodeFrame(frame));
  }

  post(to: readonly MailboxId[], data: Uint8Array, id: EnvelopeId = randomId()): EnvelopeId {
    this.say({ type: 'post', id, to, data, ephemeral: false });
    return id;
  }

  /** What arrived of one kind. */
  all<T extends RelayFrame['type']>(type: T): Extract<RelayFrame, { type: T }>[] {
    return this.received.filter((frame): frame is Extract<RelayFrame, { type: T }> => frame.type === type);
  }

  /** Resolves when `isSo` holds, looked at whenever something happens; rejects when the socket ends before. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.closeCode !== undefined) throw new Error(`closed with ${String(this.closeCode)}`);
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** Resolves when the socket has ended. */
  async ended(): Promise<number> {
    while (this.closeCode === undefined) await new Promise<void>((resolve) => this.waiters.push(resolve));
    return this.closeCode;
  }

  private wake(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) waiter();
  }
}

/** Calls an endpoint of a relay on a port. */
export async function callRelay<Q, R>(
  url: string,
  endpoint: Endpoint<Q, R>,
  body: Q,
  token?: string,
): Promise<R | HttpCode> {
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT';
  const response = await fetch(url + pathOf(endpoint), {
    method: endpoint.method,
    ...(hasBody && { body: JSON.stringify(endpoint.request.print(body)) }),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return readAnswer(endpoint, response);
}

/** A new person, registered at the relay. */
export async function joinRelay(url: string): Promise<Person> {
  const person = createPerson();
  const answer = await callRelay(url, endpoints.register, registrationOf(person, new URL(url).host));
  if (typeof answer === 'string') throw new Error(answer);
  return person;
}

/** A token for a person's device. */
export async function fetchToken(url: string, person: Person): Promise<string> {
  const { deviceId } = person;
  const asked = await callRelay(url, endpoints.challenge, { deviceId });
  if (typeof asked === 'string') throw new Error(asked);
  const signature = signInSignature(person, asked.challenge, new URL(url).host);
  const session = await callRelay(url, endpoints.signIn, { deviceId, challenge: asked.challenge, signature });
  if (typeof session === 'string') throw new Error(session);
  return session.token;
}
