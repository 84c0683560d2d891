/** Every decoder of this package, for the fuzzer: none may throw, whatever the bytes. */
import fc from 'fast-check';
import { decodeClientFrame, decodeRelayFrame, encodeFrame, endpoints, fromBase64Url, httpError } from '../src/index.ts';
import { isHandle, isKeyHash, isRendezvousId } from '../src/index.ts';
import { clientFrames, registrations, relayFrames } from './arbitraries.ts';

const json = [...Object.values(endpoints).flatMap((e) => [e.request, e.response]), httpError];

/** Name -> decoder. */
export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  decodeClientFrame,
  decodeRelayFrame,
  fromBase64Url: (bytes) => fromBase64Url(String.fromCharCode(...bytes.subarray(0, 4096))),
  httpBodies: (bytes) => {
    const value = parseJson(new TextDecoder().decode(bytes));
    return json.map((description) => description.parse(value));
  },
  pathIds: (bytes) => {
    const text = String.fromCharCode(...bytes.subarray(0, 4096));
    return [isKeyHash(text), isRendezvousId(text), isHandle(text)];
  },
};

/** Legal inputs to bend. */
export const fuzzSamples: Record<string, Uint8Array[]> = {
  decodeClientFrame: fc.sample(clientFrames, { seed: 1, numRuns: 20 }).map(encodeFrame),
  decodeRelayFrame: fc.sample(relayFrames, { seed: 1, numRuns: 20 }).map(encodeFrame),
  fromBase64Url: [new TextEncoder().encode('AAECAwQFBgcICQ')],
  httpBodies: [
    new TextEncoder().encode(
      '{"accountId":"' + 'A'.repeat(43) + '","deviceIds":[],"error":{"code":"NotFound","message":""}}',
    ),
    new TextEncoder().encode('{"data":"AAECAwQFBgcICQ"}'),
    new TextEncoder().encode('{"servers":[{"urls":["turn:a:1"],"username":"1:a","credential":"b"}],"lifeMs":600000}'),
    ...fc.sample(registrations, { seed: 1, numRuns: 10 }).map((registration) => {
      return new TextEncoder().encode(JSON.stringify(endpoints.register.request.print(registration)));
    }),
  ],
  pathIds: ['A'.repeat(22), 'A'.repeat(43), 'bob.b'].map((id) => new TextEncoder().encode(id)),
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
