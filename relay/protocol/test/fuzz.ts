/** Every decoder of this package, for the fuzzer: none may throw, whatever the bytes. */
import fc from 'fast-check';
import { decodeClientFrame, decodeRelayFrame, encodeFrame, endpoints, fromBase64Url, httpError } from '../src/index.ts';
import { clientFrames, relayFrames } from './arbitraries.ts';

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
  ],
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
