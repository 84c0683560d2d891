/** Many idle connections to a WebSocket server, for the benchmarks of the relay. */
import { decodeRelayFrame, encodeFrame, endpoints, SOCKET_PATH } from '@securechat/relay-protocol';
import type { Endpoint } from '@securechat/relay-protocol';
import { WebSocket } from 'ws';
import { createPerson, registrationOf, signInSignature } from '../relay/test/people.ts';

/** Connections that stay until told to leave. */
export interface Crowd {
  leave(): void;
}

/** How many are on their way in at once. */
const AT_ONCE = 20;

/** Bare WebSockets that say nothing. */
export function connectBare(url: string, count: number): Promise<Crowd> {
  return gather(count, () => openSocket(url));
}

/** Connections of as many devices, each registered and signed in at the relay, until it says `drained`. */
export function connectSignedIn(url: string, count: number): Promise<Crowd> {
  return gather(count, async () => {
    const token = await createToken(url);
    const socket = await openSocket(url);
    const drained = new Promise<void>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const frame = decodeRelayFrame(data);
        if (frame.ok && frame.value.type === 'drained') resolve();
        if (frame.ok && frame.value.type === 'error') reject(new Error(frame.value.code));
      });
    });
    socket.send(encodeFrame({ type: 'signIn', token }));
    await drained;
    return socket;
  });
}

async function createToken(url: string): Promise<string> {
  const { host } = new URL(url);
  const person = createPerson();
  await call(url, endpoints.register, registrationOf(person, host));
  const { challenge } = await call(url, endpoints.challenge, { deviceId: person.deviceId });
  const signature = signInSignature(person, challenge, host);
  const { token } = await call(url, endpoints.signIn, { deviceId: person.deviceId, challenge, signature });
  return token;
}

async function call<Request, Response>(
  url: string,
  { method, path, request, response }: Endpoint<Request, Response>,
  body: Request,
): Promise<Response> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.print(body)),
  });
  const parsed = response.parse(await answer.json());
  if (!answer.ok || !parsed.ok) throw new Error(`${path} answered ${answer.status}`);
  return parsed.value;
}

function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${SOCKET_PATH}`);
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function gather(count: number, enter: () => Promise<WebSocket>): Promise<Crowd> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const wave = Math.min(AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: wave }, enter))));
  }
  return {
    leave: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}
