/** Every parser of this package, for the fuzzer: none may throw, whatever the bytes. */
import { createAdmission } from '../src/admission.ts';
import { readConfig } from '../src/config.ts';
import { parseRange } from '../src/range.ts';

const admit = createAdmission(new Uint8Array(32), { now: () => 0 });
const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const utf8 = (value: string) => new TextEncoder().encode(value);

/** Name -> parser. */
export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  parseRange: (bytes) => parseRange(text(bytes), 1000),
  admission: (bytes) => {
    const authorization = `Bearer ${text(bytes).replace(/[^\x21-\x7e]/g, '')}`;
    return admit(new Request('http://storage/', { headers: { authorization } }));
  },
  config: (bytes) => {
    const names = ['TOKEN_SECRET', 'PORT', 'S3_BUCKET', 'S3_ENDPOINT'];
    return readConfig(Object.fromEntries(names.map((name) => [`SECURECHAT_STORAGE_${name}`, text(bytes)])));
  },
};

/** Valid inputs to bend. */
export const fuzzSamples: Record<string, Uint8Array[]> = {
  parseRange: ['bytes=0-99', 'bytes=5-', 'bytes=-7'].map(utf8),
  admission: [
    utf8(
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIiwiYXVkIjoic2VjdXJlY2hhdC1zdG9yYWdlIiwiZXhwIjoxfQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    ),
  ],
};
