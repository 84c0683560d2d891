/** The committed vector of a linking ceremony, run as two devices would, and computed by a second implementation. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  answerOffer,
  formatLinkCode,
  linkRendezvous,
  openGrant,
  parseLinkCode,
  readReveal,
  ready,
  revealLink,
} from '../../src/index.ts';
import { dh, hkdf, sha256, xchachaOpen } from '../support/independent.ts';
import { must } from '../support/world.ts';
import { hex, scripted, unhex } from './hex.ts';
import { linkCeremony } from './linking.ts';
import { errorOf, loadVector, opensOnlyWhole } from './load.ts';

beforeAll(ready);

const vector = loadVector('linking');
const ZERO = new Uint8Array(32);
const pad = (content: Uint8Array, length: number) => {
  const padded = new Uint8Array(length);
  padded.set(content);
  padded[content.length] = 0x80;
  return padded;
};

describe('linking.json', () => {
  it('C-LINK-1 C-LINK-2 codes, as typed and not', () => {
    const code = must(parseLinkCode(vector.code.text));
    expect(hex(code)).toBe(vector.code.symbols);
    expect(formatLinkCode(code)).toBe(vector.code.text);
    expect(hex(linkRendezvous(code))).toBe(vector.code.rendezvous);
    expect(hex(hkdf(ZERO, code, 'SecureChat link rendezvous v1', 16))).toBe(vector.code.rendezvous);
    for (const text of vector.typed) expect(must(parseLinkCode(text)), text).toEqual(code);
    for (const text of vector.mustFail.codes) expect(errorOf(parseLinkCode(text)), text).toBe('NotACode');
  });

  it('C-LINK-3 a second implementation reads the messages and reaches the listed values', () => {
    const code = unhex(vector.code.symbols);
    const [secret] = vector.draws.newDevice;
    const content = (message: string, key: Uint8Array) => {
      const bytes = unhex(message);
      return xchachaOpen(key, bytes.slice(2, 26), bytes.slice(26), bytes.slice(0, 2));
    };
    const keyOf = (kind: string) => hkdf(ZERO, code, `SecureChat link ${kind} v1`, 32);
    const time = Buffer.alloc(6);
    time.writeUIntBE(vector.time, 0, 6);
    const [n, nonce, e, hello] = [
      vector.newDevice.key,
      vector.draws.newDevice[1] ?? '',
      vector.existingDevice.key,
      vector.hello,
    ].map(unhex);
    if (!n || !nonce || !e || !hello) throw new Error('values');
    const commitment = sha256('SecureChat link commitment v1', n, nonce, hello);
    expect(hex(commitment)).toBe(vector.newDevice.commitment);
    const inner = 512 - 42;
    expect(content(vector.offer, keyOf('offer'))).toEqual(pad(Buffer.concat([commitment, time]), inner));
    expect(content(vector.reply, keyOf('reply'))).toEqual(pad(Buffer.concat([commitment, e]), inner));
    expect(content(vector.reveal, keyOf('reveal'))).toEqual(pad(Buffer.concat([n, nonce, hello]), inner));
    const shared = dh(unhex(secret ?? ''), e);
    expect(hex(shared)).toBe(vector.shared);
    const transcript = sha256('SecureChat link transcript v1', commitment, time, e, n, nonce, sha256(hello));
    const digest = Buffer.from(sha256('SecureChat link comparison v1', transcript));
    const digits = String(digest.readUIntBE(0, 5) % 1_000_000).padStart(6, '0');
    expect(`${digits.slice(0, 3)} ${digits.slice(3)}`).toBe(vector.comparison);
    const grantKey = hkdf(transcript, Buffer.concat([shared, code]), 'SecureChat link grant v1', 32);
    expect(hex(grantKey)).toBe(vector.grantKey);
    expect(content(vector.grant, grantKey)).toEqual(pad(unhex(vector.grantContent), inner));
  });

  it('C-LINK-4 C-LINK-7 messages, whole and broken', () => {
    const { code, offered, answered, revealed } = linkCeremony();
    const answer = (offer: Uint8Array) => answerOffer({ code, offer, random: scripted(vector.draws.existingDevice) });
    expect(hex(must(answer(unhex(vector.offer))).reply)).toBe(vector.reply);
    expect(must(openGrant(revealed.state, unhex(vector.grant)))).toEqual(unhex(vector.grantContent));
    opensOnlyWhole(unhex(vector.offer), answer, 3);
    opensOnlyWhole(unhex(vector.reply), (reply) => revealLink(offered.state, reply), 3);
    opensOnlyWhole(unhex(vector.reveal), (reveal) => readReveal(answered.state, reveal), 3);
    opensOnlyWhole(unhex(vector.grant), (grant) => openGrant(revealed.state, grant), 3);
    for (const bad of vector.mustFail.offers) expect(errorOf(answer(unhex(bad.offer))), bad.why).toBe(bad.error);
    for (const bad of vector.mustFail.grants)
      expect(errorOf(openGrant(revealed.state, unhex(bad.grant))), bad.why).toBe(bad.error);
  });
});
