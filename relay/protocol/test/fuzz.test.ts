import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, endpoints } from '../src/index.ts';
import { clientFrames, registrations, relayFrames } from './arbitraries.ts';
import { fuzzTargets } from './fuzz.ts';

const SEED = 20_250_101;

/** A legal frame with a few bytes changed, cut or added: closer to the decoder's branches than noise. */
const bentFrames = fc
  .tuple(
    fc.oneof(clientFrames, relayFrames),
    fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }),
    fc.integer({ min: -3, max: 3 }),
  )
  .map(([frame, bends, stretch]) => {
    const legal = encodeFrame(frame);
    const bytes = new Uint8Array(Math.max(0, legal.length + stretch));
    bytes.set(legal.subarray(0, bytes.length));
    for (const [at, byte] of bends) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

const jsonBytes = fc
  .oneof(
    fc.json(),
    fc
      .record({ accountId: fc.string(), deviceIds: fc.anything(), devices: fc.anything(), error: fc.anything() })
      .map((v) => JSON.stringify(v)),
    fc
      .tuple(registrations, fc.constantFrom('by', 'recoveryKey', 'authority', 'devices', 'x'), fc.jsonValue())
      .map(([legal, name, value]) =>
        JSON.stringify({ ...(endpoints.register.request.print(legal) as object), [name]: value }),
      ),
  )
  .map((text) => new TextEncoder().encode(text));

describe('decoders never throw', () => {
  it.each(Object.entries(fuzzTargets))('%s', (_, decode) => {
    const inputs = fc.oneof(fc.uint8Array({ maxLength: 400 }), bentFrames, jsonBytes);
    fc.assert(
      fc.property(inputs, (bytes) => {
        decode(bytes);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it('a registration reads back as it was printed', () => {
    const { request } = endpoints.register;
    fc.assert(
      fc.property(registrations, (registration) => {
        const wire: unknown = JSON.parse(JSON.stringify(request.print(registration)));
        expect(request.parse(wire)).toEqual({ ok: true, value: registration });
      }),
      { seed: SEED },
    );
  });

  it('http bodies refuse any value that is not an object, and say where', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.anything())), (value) => {
        const parsed = endpoints.register.request.parse(value);
        expect(parsed).toEqual({ ok: false, error: { type: 'Malformed', at: '' } });
      }),
      { seed: SEED },
    );
  });
});
