import { beforeAll, describe, expect, it } from 'vitest';
import { createGroup, ownerOf, textOf, told } from '../../test/support/group.ts';
import { chiSquare, isOnCurve } from '../../test/support/looks.ts';
import { AD, createParty, flip, must, NOW } from '../../test/support/world.ts';
import { hex } from '../../test/vectors/hex.ts';
import {
  concat,
  createGroupSecret,
  ENVELOPE_MESSAGE_BYTES,
  groupHeaderKey,
  openEnvelope,
  openFromGroup,
  openGroupEnvelope,
  ready,
  sealEnvelope,
  sealGroupEnvelope,
  utf8,
} from '../index.ts';
import { headOf, sealContent, sealOnce } from '../envelope/layout.ts';
import { hkdfPair } from '../kdf.ts';
import { asPublic } from '../keys.ts';
import { sealToGroup } from './seal.ts';

beforeAll(ready);

/** Version, ephemeral key, mark. */
const MARKED = 49;
const TEXT = utf8('a message of some length, to everybody');
/** What a group message has around its plaintext. */
const AROUND = 108;

function setUp() {
  const group = createGroup();
  const { senderKey, headerKey, random } = group;
  const seal = (plaintext: Uint8Array = TEXT) => sealGroupEnvelope({ senderKey, headerKey, plaintext, ad: AD, random });
  const [from, to] = [createParty(random), createParty(random)];
  const sealPairwise = (message: Uint8Array) =>
    sealEnvelope({
      from: { accountKey: from.account.publicKey, device: from.device },
      to: to.device.publicKey,
      message,
      random,
    });
  return { ...group, to, seal, sealPairwise, received: told(senderKey, ownerOf(group)) };
}

describe('group envelope', () => {
  it('C-GROUP-14 has the first byte and the length of an envelope to one device, whatever it holds', () => {
    const { seal, sealPairwise } = setUp();
    const seen = [0, 1, 274, 275, 786, 787, 3858, 3859, 5906, 5907, 100_000, 200_000].map((length) => {
      const [group, one] = [seal(new Uint8Array(length)).envelope, sealPairwise(new Uint8Array(length + AROUND))];
      expect([group[0], group.length]).toEqual([one[0], one.length]);
      return group.length;
    });
    expect(seen).toEqual([512, 512, 512, 1024, 1024, 2048, 4096, 6144, 6144, 8192, 131_072, 262_144]);
  });

  it('C-GROUP-14 the ephemeral key is one of X25519, as the other kind’s is, where random bytes would show', () => {
    const { seal, sealPairwise, random } = setUp();
    const shares = [() => seal().envelope, () => sealPairwise(TEXT), () => random(33)].map((make) => {
      const keys = Array.from({ length: 40 }, () => make().slice(1, 33));
      return keys.filter((key) => (key[31] ?? 255) < 128 && isOnCurve(key)).length;
    });
    expect(shares.slice(0, 2)).toEqual([40, 40]);
    expect(shares[2]).toBeLessThan(25);
  });

  it('C-GROUP-14 behind the ephemeral key both kinds look random, at every place', () => {
    const { seal, sealPairwise } = setUp();
    for (const make of [() => seal(new Uint8Array(64)).envelope, () => sealPairwise(new Uint8Array(172))]) {
      const envelopes = Array.from({ length: 400 }, () => make().slice(33));
      const all = envelopes.flatMap((bytes) => [...bytes]);
      // 255 degrees of freedom: mean 255, deviation 22.6; five deviations each way.
      expect(chiSquare(all)).toBeGreaterThan(142);
      expect(chiSquare(all)).toBeLessThan(368);
      const places = Array.from({ length: 512 - 33 }, (_, at) => new Set(envelopes.map((bytes) => bytes[at])).size);
      // 400 draws of 256 values show 202 of them, give or take 6.
      expect(Math.min(...places)).toBeGreaterThan(165);
    }
  });

  it('C-GROUP-16 C-GROUP-11 shows nothing of sender, group or content, and two from one state have nothing in common', () => {
    const { seal, senderKey, headerKey } = setUp();
    const [one, two] = [seal().envelope, seal().envelope];
    for (const needle of [senderKey.publicKey, headerKey, senderKey.chain.key, TEXT, utf8(senderKey.keyId)])
      expect(hex(one)).not.toContain(hex(needle.slice(0, 8)));
    expect(one.filter((byte, index) => byte === two[index]).length).toBeLessThan(20);
  });

  it('C-GROUP-15 opens for who knows the header key, and then for who was told the sender key', () => {
    const { seal, senderKey, headerKey, received } = setUp();
    const { envelope, next } = seal();
    expect(next.chain.index).toBe(1);
    const { keyId, message } = must(openGroupEnvelope(envelope, headerKey));
    expect(keyId).toBe(senderKey.keyId);
    expect(textOf(must(openFromGroup(received, { message, ad: AD, now: NOW })))).toBe(new TextDecoder().decode(TEXT));
  });

  it('C-GROUP-15 opens for no other group, and no envelope to one device opens as a group’s, nor the other way', () => {
    const { seal, sealPairwise, headerKey, random, to } = setUp();
    const notThis = { ok: false, error: { type: 'NotForThisGroup' } };
    expect(openGroupEnvelope(seal().envelope, groupHeaderKey(createGroupSecret(random)))).toEqual(notThis);
    expect(openGroupEnvelope(sealPairwise(TEXT), headerKey)).toEqual(notThis);
    expect(openEnvelope(to.device, seal().envelope)).toEqual({ ok: false, error: { type: 'NotForMe' } });
  });

  it('C-GROUP-15 opens with no bit changed and no byte missing', () => {
    const { seal, headerKey } = setUp();
    const { envelope } = seal();
    for (let bit = 0; bit < envelope.length * 8; bit += bit < 113 * 8 ? 3 : 41) {
      const opened = openGroupEnvelope(flip(envelope, bit), headerKey);
      if (opened.ok) throw new Error(`bit ${bit} opened`);
      const expected = bit < 8 ? 'Malformed' : bit < MARKED * 8 ? 'NotForThisGroup' : 'Forged';
      expect(opened.error.type, `bit ${bit}`).toBe(expected);
    }
    for (let length = 0; length < envelope.length; length++)
      expect(openGroupEnvelope(envelope.slice(0, length), headerKey).ok).toBe(false);
    const tooLong = new Uint8Array(262_145);
    tooLong[0] = 1;
    expect(openGroupEnvelope(tooLong, headerKey)).toEqual({ ok: false, error: { type: 'Malformed' } });
  });

  it('C-GROUP-15 a member that puts another name on a message, or anything behind the name, gets nothing opened', () => {
    const { seal, senderKey, headerKey, random } = setUp();
    // What a member can take from any envelope: an ephemeral key and the mark that belongs to it.
    const { envelope } = seal();
    const [ephemeral, mark] = [asPublic<'Envelope'>(envelope.slice(1, 33)), envelope.slice(33, 49)];
    const info = 'SecureChat group envelope v1';
    const [namesKey, contentKey] = hkdfPair<'Names', 'Content'>({ salt: ephemeral, material: headerKey, info });
    const { message } = sealToGroup(senderKey, { plaintext: TEXT, ad: AD, random });
    const name = (bytes: Uint8Array) => {
      const names = concat(mark, sealOnce(namesKey, bytes, headOf(ephemeral)));
      return sealContent({ ephemeral, names }, message, contentKey);
    };
    const blank = new Uint8Array(48);
    const other = createGroup(5);
    const opened = must(openGroupEnvelope(name(blank), headerKey));
    expect(opened.keyId).not.toBe(senderKey.keyId);
    const received = told(other.senderKey, ownerOf(other));
    expect(openFromGroup(received, { message: opened.message, ad: AD, now: NOW })).toEqual({
      ok: false,
      error: { type: 'Forged' },
    });
    for (const at of [16, 30, 47]) {
      const marked = blank.slice();
      marked[at] = 1;
      expect(openGroupEnvelope(name(marked), headerKey)).toEqual({ ok: false, error: { type: 'Malformed' } });
    }
  });

  it('C-GROUP-17 the largest plaintext of a session fits a group’s envelope too', () => {
    const { seal } = setUp();
    expect(seal(new Uint8Array(260_096)).envelope).toHaveLength(262_144);
    expect(260_096 + AROUND).toBeLessThan(ENVELOPE_MESSAGE_BYTES);
    expect(() => seal(new Uint8Array(260_097))).toThrow(RangeError);
  });
});
