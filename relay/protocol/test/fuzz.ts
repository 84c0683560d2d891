/** Every decoder of this package, for the fuzzer: none may throw, whatever the bytes. */
import { decodeClientFrame, decodeRelayFrame, endpoints, fromBase64Url, httpError } from '../src/index.ts';

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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
