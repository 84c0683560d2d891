/** Everything of the relay that reads what a stranger sent, for the fuzzer: none may throw, whatever the bytes. */
import { decodeRelayFrame, encodeFrame, endpoints, TOKEN_AUDIENCE } from '@securechat/relay-protocol';
import type { EnvelopeId, MailboxId } from '@securechat/relay-protocol';
import { verifyToken } from '../src/jwt.ts';
import { callerOf } from '../src/limits/address.ts';
import { addressOf, urlOf, wireVersionOf } from '../src/transport/port.ts';
import { TestSocket, World } from './world.ts';

const world = new World();
const secret = new Uint8Array(32);

/** Name -> reader. */
export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  connection: (bytes) => {
    const socket = new TestSocket(world.relay, `192.0.2.${String((bytes[0] ?? 0) % 250)}`);
    socket.connection.receive(bytes);
    socket.hangUp();
    return socket.received.map((frame) => decodeRelayFrame(encodeFrame(frame)));
  },
  token: (bytes) => verifyToken(textOf(bytes), TOKEN_AUDIENCE.relay, secret, 0),
  requestLine: (bytes) => {
    const text = textOf(bytes);
    return [callerOf(text), addressOf('::1', text, true), urlOf(text, '/'), urlOf('a', text), wireVersionOf(text)];
  },
  httpBody: (bytes) => {
    const body = new Uint8Array(bytes);
    const request = new Request('http://relay.test/v1/accounts', { method: 'POST', body });
    return world.relay.http(request, { address: '192.0.2.1' });
  },
  httpPath: async (bytes) => {
    const [path = '', ...rest] = textOf(bytes).split('\n');
    const url = urlOf('relay.test', `/v1/${path}`);
    if (url === undefined) return [];
    const change = { method: 'PUT', body: rest.join('\n') };
    const ask = (init?: RequestInit) => world.relay.http(new Request(url, init), { address: callerOf(path) });
    return Promise.all([ask(), ask(change), ask()]);
  },
};

/** Legal inputs to bend. */
export const fuzzSamples: Record<string, Uint8Array[]> = {
  connection: [
    encodeFrame({ type: 'ping' }),
    encodeFrame({ type: 'signIn', token: 'a.b.c' }),
    encodeFrame({ type: 'ack', ids: [new Uint8Array(16) as EnvelopeId] }),
    encodeFrame({
      type: 'post',
      id: new Uint8Array(16) as EnvelopeId,
      ephemeral: false,
      to: [new Uint8Array(16).fill(1) as MailboxId, new Uint8Array(16).fill(2) as MailboxId],
      data: new Uint8Array(20),
    }),
  ],
  token: [bytesOf('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA')],
  requestLine: [bytesOf('/v1/ws'), bytesOf('2001:db8::1'), bytesOf('relay.test:8787')],
  httpPath: [
    bytesOf(`rendezvous/${'A'.repeat(22)}/0\n{"data":"AAECAw"}`),
    bytesOf(`recoveries/${'A'.repeat(43)}`),
    bytesOf(`accounts/${'A'.repeat(43)}`),
    bytesOf('handles/bob.b'),
  ],
  httpBody: [bytesOf(JSON.stringify(endpoints.challenge.request.print({ deviceId: 'A'.repeat(43) })))],
};

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 4096));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
