import { createLinkCode, ready, seededRandom } from '@securechat/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostileBytes } from '../../../scripts/hostile-bytes.ts';
import { fuzzSamples, fuzzTargets, linkSamples } from './fuzz.ts';
import { decodeGrant, decodeHello, encodeGrant, encodeHello, linkQr, readLinkText } from './grant.ts';

beforeAll(ready);

const code = () => createLinkCode(seededRandom(new Uint8Array(32).fill(4)));

describe('hello and grant', () => {
  it('S-CEREMONY-6 come back as they were', () => {
    const { hello, grant } = linkSamples();
    expect(decodeHello(encodeHello(hello))).toEqual(hello);
    expect(decodeGrant(encodeGrant(grant))).toEqual(grant);
    expect(decodeGrant(encodeGrant({ ...grant, addresses: new Map(), generations: new Map() }))).toMatchObject({
      addresses: new Map(),
      generations: new Map(),
    });
    expect(decodeGrant(encodeGrant(undefined))).toBe('Declined');
  });

  it('S-CEREMONY-6 are refused cut anywhere, with bytes after their end, and in another version', () => {
    const { hello, grant } = linkSamples();
    for (const [bytes, decode] of [
      [encodeHello(hello), decodeHello],
      [encodeGrant(grant), decodeGrant],
      [encodeGrant(undefined), decodeGrant],
    ] as const) {
      for (let length = 0; length < bytes.length; length += 1)
        expect(decode(bytes.subarray(0, length)), `cut at ${String(length)}`).toBeUndefined();
      expect(decode(new Uint8Array([...bytes, 0]))).toBeUndefined();
      expect(decode(new Uint8Array([1, ...bytes.subarray(1)]))).toBeUndefined();
    }
  });

  it('S-CEREMONY-6 a grant of a log that another account signed, or to a relay that is none, is no grant', () => {
    const { grant } = linkSamples();
    const log = { ...grant.log, entries: grant.log.entries.slice(0, 0) };
    expect(decodeGrant(encodeGrant({ ...grant, log }))).toBeUndefined();
    for (const relayUrl of ['', 'relay.example', 'javascript:alert(1)', 'https://relay.example/path'])
      expect(decodeGrant(encodeGrant({ ...grant, relayUrl }))).toBeUndefined();
    const bytes = encodeGrant(grant);
    bytes[1] = 2;
    expect(decodeGrant(bytes)).toBeUndefined();
  });

  it('S-CEREMONY-6 nothing that comes in their place makes a decoder throw', () => {
    for (const [name, target] of Object.entries(fuzzTargets))
      fc.assert(
        fc.property(hostileBytes(fuzzSamples[name] ?? []), (bytes) => {
          target(bytes);
        }),
        { numRuns: 500, seed: 1 },
      );
  });
});

describe('link text', () => {
  it('S-CEREMONY-8 a scanned code names the relay, a typed one may be written in any way', () => {
    expect(readLinkText(` ${linkQr(code(), 'http://relay.test:8080')}\n`)).toEqual({
      code: code(),
      relayUrl: 'http://relay.test:8080',
    });
    const typed = linkQr(code(), '').split(':')[1] ?? '';
    for (const text of [typed, typed.toLowerCase(), typed.replaceAll('-', ' '), typed.replaceAll('-', '')])
      expect(readLinkText(text)).toEqual({ code: code() });
  });

  it('S-CEREMONY-8 anything else is no code', () => {
    const qr = linkQr(code(), 'https://relay.test');
    for (const text of [
      '',
      'ABCD',
      'securechat-link:',
      qr.slice(0, -13),
      `${qr}/path`,
      qr.replace('https', 'ftp'),
      qr.replace('-', 'U'),
    ])
      expect(readLinkText(text), text).toBeUndefined();
  });
});
