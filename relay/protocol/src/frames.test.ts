import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientFrames, largestPost, relayFrames } from '../test/arbitraries.ts';
import { decodeClientFrame, decodeRelayFrame, encodeFrame } from './frames.ts';
import type { EnvelopeId, MailboxId } from './ids.ts';
import { LIMITS } from './limits.ts';

const id = new Uint8Array(16).fill(7) as EnvelopeId;
const mailbox = new Uint8Array(16).fill(9) as MailboxId;

describe('frames', () => {
  it('read back as they were written, either direction', () => {
    fc.assert(
      fc.property(clientFrames, (frame) => {
        expect(decodeClientFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame });
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(relayFrames, (frame) => {
        expect(decodeRelayFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame });
      }),
      { seed: 2 },
    );
  });

  it('have exactly one spelling: what decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const decoded = decodeClientFrame(bytes);
        if (decoded.ok) expect(encodeFrame(decoded.value)).toEqual(bytes);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('have the layout of the specification', () => {
    const post = encodeFrame({ type: 'post', id, ephemeral: true, to: [mailbox], data: Uint8Array.of(1, 2) });
    expect([...post]).toEqual([0x02, ...id, 1, 0, 1, ...mailbox, 1, 2]);
    const welcome = encodeFrame({ type: 'welcome', mailbox, queued: 0x01020304 });
    expect([...welcome]).toEqual([0x81, ...mailbox, 1, 2, 3, 4]);
    const refused = encodeFrame({ type: 'refused', id, failures: [{ mailbox, code: 'MailboxFull' }] });
    expect([...refused]).toEqual([0x83, ...id, 0, 1, ...mailbox, 2]);
  });

  it('reach exactly the frame cap and no further', () => {
    const bytes = encodeFrame(largestPost());
    expect(bytes.length).toBe(LIMITS.frameBytes);
    expect(decodeClientFrame(bytes).ok).toBe(true);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(decodeClientFrame(longer)).toMatchObject({
      ok: false,
      error: { type: 'OverCap', actual: LIMITS.dataBytes + 1 },
    });
  });

  it.each([
    ['no bytes', [], { type: 'Truncated' }],
    ['a tag of nobody', [0x55], { type: 'UnknownTag', tag: 0x55 }],
    ['a tag of the other side', [0x84, ...id], { type: 'UnknownTag', tag: 0x84 }],
    ['a short id', [0x02, 1, 2, 3], { type: 'Truncated' }],
    ['bytes after the end', [0x04, 0], { type: 'TrailingBytes', count: 1 }],
    ['an undefined flag bit', [0x02, ...id, 2, 0, 0], { type: 'BadValue' }],
    ['a list over its cap', [0x03, 0xff, 0xff], { type: 'OverCap', field: 'list', limit: 1024, actual: 65_535 }],
    ['a list longer than the bytes', [0x03, 0, 2, ...id], { type: 'Truncated' }],
    ['a token with a space', [0x01, 0x20], { type: 'BadValue' }],
  ])('refuse %s', (_, bytes, error) => {
    expect(decodeClientFrame(Uint8Array.from(bytes))).toEqual({ ok: false, error });
  });

  it('refuse a relay code that this version does not know', () => {
    expect(decodeRelayFrame(Uint8Array.of(0x87, 200))).toEqual({ ok: false, error: { type: 'BadValue' } });
  });

  it('throw on values that do not fit: that is a bug of the caller', () => {
    expect(() => encodeFrame({ type: 'accepted', id: new Uint8Array(15) as EnvelopeId })).toThrow(RangeError);
    expect(() => encodeFrame({ type: 'ack', ids: Array.from({ length: 1025 }, () => id) })).toThrow(RangeError);
    expect(() => encodeFrame({ type: 'signIn', token: 'no spaces' })).toThrow(RangeError);
    expect(() => encodeFrame({ type: 'welcome', mailbox, queued: 2 ** 32 })).toThrow(RangeError);
  });
});
