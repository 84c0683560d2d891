import { ready, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { aCandidate, bytesOf, descriptionOf } from '../../test/support/phone.ts';
import type { CallSignal } from '../api-phone.ts';
import { isAnnounced } from './description.ts';

beforeAll(ready);

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');

function offer(...lines: readonly string[]): CallSignal {
  return {
    type: 'OFFER',
    payload: JSON.stringify({ sdp: { type: 'offer', sdp: ['v=0', ...lines, ''].join('\r\n') } }),
  };
}

describe('description', () => {
  it('S-PHONE-7 is of the certificate that was announced, in each of its parts', () => {
    const [theirs, another] = [bytesOf('theirs'), bytesOf('another')];
    expect(isAnnounced(descriptionOf('OFFER', theirs), theirs)).toBe(true);
    expect(isAnnounced(descriptionOf('ANSWER', theirs, theirs, theirs), theirs)).toBe(true);
    expect(isAnnounced(descriptionOf('OFFER', another), theirs)).toBe(false);
    expect(isAnnounced(descriptionOf('OFFER', theirs, another), theirs)).toBe(false);
    expect(isAnnounced(descriptionOf('ANSWER', another, theirs), theirs)).toBe(false);
    expect(isAnnounced(descriptionOf('OFFER'), theirs)).toBe(false);
  });

  it('S-PHONE-7 however a line is written that a browser might read', () => {
    const theirs = bytesOf('theirs');
    const good = `a=fingerprint:sha-256 ${hex(theirs)}`;
    const bad = hex(bytesOf('another'));
    expect(isAnnounced(offer(good), theirs)).toBe(true);
    expect(isAnnounced(offer(good.toLowerCase()), theirs)).toBe(true);
    for (const line of [
      `a=fingerprint:sha-256 ${bad}`,
      `a=fingerprint:SHA-256  ${bad}`,
      `a=fingerprint: sha-256 ${bad}`,
      `A=FINGERPRINT:sha-256 ${bad}`,
      ` a=fingerprint:sha-256 ${bad}`,
      `a=fingerprint:sha-1 ${bad.slice(0, 59)}`,
      `a=fingerprint:sha-512 ${bad}:${bad}`,
      `a=fingerprint:sha-256 ${hex(theirs)} ${bad}`,
      `s=x\na=fingerprint:sha-256 ${bad}`,
      `s=x\ra=fingerprint:sha-256 ${bad}`,
      'a=fingerprint',
    ])
      expect(isAnnounced(offer(good, line), theirs), line).toBe(false);
    const escaped = offer(good).payload.replace('v=0', `a=fin\\u0067erprint:sha-256 ${bad}\\r\\n`);
    expect(isAnnounced({ type: 'OFFER', payload: escaped }, theirs)).toBe(false);
    expect(isAnnounced({ type: 'OFFER', payload: good }, theirs)).toBe(false);
    const twice = JSON.stringify({ other: `a=fingerprint:sha-256 ${bad}`, ...JSON.parse(offer(good).payload) });
    expect(isAnnounced({ type: 'OFFER', payload: twice }, theirs)).toBe(false);
  });

  it('S-PHONE-7 candidates say nothing of it, and no payload makes it throw or slow', () => {
    const theirs = bytesOf('theirs');
    expect(isAnnounced(aCandidate, theirs)).toBe(true);
    const random = seededRandom(new Uint8Array(32).fill(3));
    const odd = ['', 'null', '1', '[]', '"a=fingerprint:"', '['.repeat(12_000) + ']'.repeat(12_000), '{"__proto__":1}'];
    for (let n = 0; n < 200; n += 1) odd.push(Buffer.from(random(60)).toString('latin1'));
    for (const payload of odd) expect(isAnnounced({ type: 'ANSWER', payload }, theirs)).toBe(false);
  });
});
