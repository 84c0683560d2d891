import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyGroupCallPart, everyPart, everyPhonePart, fuzzTargets } from './fuzz.ts';
import { PAYLOAD_LIMITS, decodePayload, encodePayload } from './payload.ts';
import { isGroupCallPart } from './group-call-parts.ts';
import { PHONE_PART_LIMITS, PHONE_WORDS, isPhonePart } from './phone-parts.ts';
import { STATUS_PART_LIMITS } from './status-parts.ts';

describe('payload', () => {
  it('S-PAYLOAD-1 brings every kind of part back as it was', () => {
    for (const payload of [everyPart, everyPhonePart, everyGroupCallPart])
      expect(decodePayload(encodePayload(payload))).toEqual({ ok: true, value: payload });
  });

  it('S-PAYLOAD-2 refuses another version by its number', () => {
    const bytes = encodePayload(everyPart);
    bytes[0] = 9;
    expect(decodePayload(bytes)).toEqual({ ok: false, error: { type: 'UnknownVersion', version: 9 } });
  });

  it('S-PAYLOAD-3 refuses trailing bytes and every truncation', () => {
    for (const payload of [everyPart, everyPhonePart]) {
      const bytes = encodePayload(payload);
      expect(decodePayload(new Uint8Array([...bytes, 0]))).toMatchObject({ ok: false, error: { type: 'Malformed' } });
      for (let length = 1; length < bytes.length; length += 1)
        expect(decodePayload(bytes.subarray(0, length)).ok).toBe(false);
    }
  });

  it('S-PAYLOAD-4 refuses what is over a cap without allocating for it', () => {
    const huge = encodePayload({ ...everyPart, parts: [] });
    new DataView(huge.buffer).setUint32(huge.length - 4, 0xffffffff);
    expect(decodePayload(huge)).toMatchObject({ ok: false, error: { type: 'Malformed' } });
    const name = 'x'.repeat(PAYLOAD_LIMITS.name + 1);
    const [card] = everyPart.parts;
    if (card?.type !== 'card') throw new Error('the first part is the card');
    const long = encodePayload({ ...everyPart, parts: [{ ...card, profile: { updated: 1, name } }] });
    expect(decodePayload(long)).toMatchObject({ ok: false, error: { type: 'Malformed' } });
  });

  it('S-PAYLOAD-4 of statuses, too, no list is longer and no change larger than it may be', () => {
    const [state, status, digest] = ['statusState', 'status', 'statusDigest'].map((type) =>
      everyPart.parts.find((part) => part.type === type),
    );
    if (state?.type !== 'statusState' || status?.type !== 'status' || digest?.type !== 'statusDigest')
      throw new Error('every part is there');
    const tooMany = <T>(items: readonly T[], most: number): T[] =>
      Array.from({ length: most + 1 }, () => items[0]).filter((item) => item !== undefined);
    const { accounts, digest: most, change } = STATUS_PART_LIMITS;
    for (const part of [
      { ...state, audience: tooMany(state.audience, accounts) },
      { ...state, views: tooMany(state.views, accounts) },
      { ...digest, statuses: tooMany(digest.statuses, most) },
      { ...status, change: new Uint8Array(change + 1) },
    ])
      expect(decodePayload(encodePayload({ ...everyPart, parts: [part] }))).toMatchObject({ ok: false });
  });

  it('S-PAYLOAD-1 among them every word about a call', () => {
    const words = everyPhonePart.parts.filter(isPhonePart).map(({ word }) => word.type);
    expect(words).toEqual(Object.keys(PHONE_WORDS));
  });

  it('S-PAYLOAD-4 of calls no signal is longer than it may be', () => {
    const signal = everyPhonePart.parts.filter(isPhonePart).find(({ word }) => word.type === 'signal');
    if (signal?.word.type !== 'signal') throw new Error('every word is there');
    const { word } = signal;
    const ofLength = (length: number) =>
      decodePayload(
        encodePayload({
          ...everyPart,
          parts: [{ ...signal, word: { ...word, signal: { ...word.signal, payload: 'x'.repeat(length) } } }],
        }),
      );
    expect(ofLength(PHONE_PART_LIMITS.signal)).toMatchObject({ ok: true });
    expect(ofLength(PHONE_PART_LIMITS.signal + 1)).toMatchObject({ ok: false });
  });

  it('S-PAYLOAD-3 refuses words about a call that there are not', () => {
    for (const part of everyPhonePart.parts.filter(isPhonePart)) {
      const bytes = encodePayload({ ...everyPart, parts: [part] });
      const tag = encodePayload({ ...everyPart, parts: [] }).length + 1 + 4 + 22 + 16;
      for (const unknown of [0, 13, 255]) {
        bytes[tag] = unknown;
        expect(decodePayload(bytes)).toMatchObject({ ok: false });
      }
    }
  });

  it('S-PAYLOAD-3 refuses words about a call of a group that there are not, and flags that are none', () => {
    for (const part of everyGroupCallPart.parts.filter(isGroupCallPart)) {
      const bytes = encodePayload({ ...everyPart, parts: [part] });
      const tag = encodePayload({ ...everyPart, parts: [] }).length + 1 + 4 + 22 + 16;
      for (const unknown of [0, 7, 255]) {
        bytes[tag] = unknown;
        expect(decodePayload(bytes)).toMatchObject({ ok: false });
      }
      if (part.word.type !== 'here' || part.word.hand !== undefined) continue;
      bytes.set([1], tag);
      for (const fromEnd of [1, 2]) {
        const flagged = Uint8Array.from(bytes);
        flagged.set([2], bytes.length - fromEnd);
        expect(decodePayload(flagged)).toMatchObject({ ok: false });
      }
    }
  });

  it('S-PAYLOAD-4 of calls of groups no signal is longer than it may be', () => {
    const part = everyGroupCallPart.parts.filter(isGroupCallPart).find(({ word }) => word.type === 'signal');
    if (part?.word.type !== 'signal') throw new Error('every word is there');
    const { word } = part;
    const ofLength = (length: number) => {
      const signal = { ...word.signal, payload: 'x'.repeat(length) };
      return decodePayload(encodePayload({ ...everyPart, parts: [{ ...part, word: { ...word, signal } }] }));
    };
    expect(ofLength(PHONE_PART_LIMITS.signal)).toMatchObject({ ok: true });
    expect(ofLength(PHONE_PART_LIMITS.signal + 1)).toMatchObject({ ok: false });
  });

  it('S-PAYLOAD-5 never throws, whatever the bytes', () => {
    for (const target of Object.values(fuzzTargets)) {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
          target(bytes);
        }),
        { numRuns: 500, seed: 1 },
      );
    }
  });
});
