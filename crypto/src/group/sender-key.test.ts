import { createHash, verify as opensslVerify, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { hmac, xchachaOpen } from '../../test/support/independent.ts';
import { at, createGroup, openAt, ownerOf, sealMany, textOf, told } from '../../test/support/group.ts';
import { AD, DAY, flip, must, NOW } from '../../test/support/world.ts';
import { hex } from '../../test/vectors/hex.ts';
import {
  acceptDistribution,
  concat,
  createDevice,
  createSenderKey,
  decodeReceivedSenderKey,
  distributionOf,
  encodeReceivedSenderKey,
  needsNewSenderKey,
  openFromGroup,
  PLAINTEXT_BYTES,
  RATCHET_LIMITS,
  ready,
  SENDER_KEY_LIMITS,
  utf8,
  wipe,
} from '../index.ts';
import { countSkipped } from '../ratchet/skipped.ts';
import { encodeGroupMessage, parseGroupMessage } from './message.ts';
import { sealToGroup } from './seal.ts';

beforeAll(ready);

const FORGED = { ok: false, error: { type: 'Forged' } };
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function setUp() {
  const group = createGroup();
  const owner = ownerOf(group);
  return { ...group, owner, received: told(group.senderKey, owner) };
}

describe('sender key', () => {
  it('C-GROUP-1 is named by a hash of its signing key', () => {
    const { senderKey, received } = setUp();
    const digest = createHash('sha256').update('SecureChat sender key v1').update(senderKey.publicKey).digest();
    expect(senderKey.keyId).toBe(digest.subarray(0, 16).toString('base64url'));
    expect(received.keyId).toBe(senderKey.keyId);
  });

  it('C-GROUP-3 messages open in any order at every member, each once', () => {
    const { senderKey, received } = setUp();
    const { messages } = sealMany(senderKey, 6);
    for (const order of [
      [0, 1, 2, 3, 4, 5],
      [4, 0, 5, 2, 1, 3],
      [5, 4, 3, 2, 1, 0],
    ]) {
      let state = received;
      for (const index of order) {
        const opened = must(openAt(state, at(messages, index)));
        expect(textOf(opened)).toBe(String(index));
        state = opened.next;
        expect(openAt(state, at(messages, index))).toEqual({ ok: false, error: { type: 'AlreadyOpened', index } });
      }
      expect(state.gaps).toEqual([]);
    }
  });

  it('C-GROUP-3 a message is what another implementation makes of the chain', () => {
    const { senderKey } = setUp();
    const { next, message } = sealToGroup(senderKey, { plaintext: utf8('one'), ad: AD, random: setUp().random });
    const [index, nonce] = [message.slice(0, 4), message.slice(4, 28)];
    const [signature, ciphertext] = [message.slice(28, 92), message.slice(92)];
    const key = hmac(senderKey.chain.key, Uint8Array.of(1));
    expect(xchachaOpen(key, nonce, ciphertext, Uint8Array.of(...index, ...AD))).toEqual(utf8('one'));
    expect(next.chain).toEqual({ key: hmac(senderKey.chain.key, Uint8Array.of(2)), index: 1 });
    const ad = createHash('sha256').update(AD).digest();
    const signed = Buffer.concat([utf8('SecureChat group message v1\0'), index, nonce, ad, ciphertext]);
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, senderKey.publicKey]), format: 'der', type: 'spki' });
    expect(opensslVerify(null, signed, publicKey, signature)).toBe(true);
  });

  it('C-GROUP-4 a member, who knows the chain, cannot speak as the sender', () => {
    const { senderKey, received, random } = setUp();
    const member = createSenderKey({ random, now: NOW });
    // The receiver's own copy of the chain is all that sealing takes, but for the signing key.
    const posing = { ...member, chain: received.chain };
    const { message } = sealToGroup(posing, { plaintext: utf8('never said'), ad: AD, random });
    expect(openAt(received, message)).toEqual(FORGED);
    const genuine = parseGroupMessage(at(sealMany(senderKey, 1).messages, 0));
    const made = parseGroupMessage(message);
    if (genuine === undefined || made === undefined) throw new Error('malformed');
    const moved = encodeGroupMessage({ ...made, signature: genuine.signature });
    expect(openAt(received, moved)).toEqual(FORGED);
  });

  it('C-GROUP-4 any changed bit, any other ad, and a byte moved between ad and ciphertext are Forged', () => {
    const { senderKey, received } = setUp();
    const message = at(sealMany(senderKey, 1).messages, 0);
    for (let bit = 0; bit < message.length * 8; bit++) expect(openAt(received, flip(message, bit))).toEqual(FORGED);
    for (let length = 0; length < message.length; length++)
      expect(openAt(received, message.slice(0, length)).ok, `first ${length}`).toBe(false);
    expect(openFromGroup(received, { message, ad: utf8('other'), now: NOW })).toEqual(FORGED);
    const [head, first, body] = [message.slice(0, 92), message.slice(92, 93), message.slice(93)];
    const ad = Uint8Array.of(...AD, ...first);
    expect(openFromGroup(received, { message: Uint8Array.of(...head, ...body), ad, now: NOW })).toEqual(FORGED);
  });

  it('C-GROUP-4 a sender that told another chain than it uses is Forged', () => {
    const { senderKey, random, owner } = setUp();
    const other = told({ ...senderKey, chain: createSenderKey({ random, now: NOW }).chain }, owner);
    expect(openAt(other, at(sealMany(senderKey, 1).messages, 0))).toEqual(FORGED);
  });

  it('C-GROUP-5 who is told at place k opens from k on, and nothing older', () => {
    const { senderKey, owner } = setUp();
    const before = sealMany(senderKey, 3);
    const late = told(before.next, owner);
    const after = sealMany(before.next, 2);
    for (const [index, message] of before.messages.entries())
      expect(openAt(late, message)).toEqual({ ok: false, error: { type: 'AlreadyOpened', index } });
    const second = must(openAt(late, at(after.messages, 1)));
    expect(textOf(second)).toBe('1');
    expect(textOf(must(openAt(second.next, at(after.messages, 0))))).toBe('0');
    const bytes = hex(distributionOf(before.next, owner));
    expect(bytes).toContain(hex(before.next.chain.key));
    expect(bytes).not.toContain(hex(senderKey.chain.key));
  });

  it('C-GROUP-6 a failed open changes nothing', () => {
    const { senderKey, received, random, owner } = setUp();
    const { messages } = sealMany(senderKey, 9);
    const state = must(openAt(received, at(messages, 4))).next;
    const before = encodeReceivedSenderKey(state);
    const stranger = told(createSenderKey({ random, now: NOW }), owner);
    for (const index of [0, 3, 5, 8]) {
      expect(openAt(state, flip(at(messages, index), 800)).ok).toBe(false);
      expect(openAt(stranger, at(messages, index))).toEqual(FORGED);
    }
    expect(openAt(state, at(messages, 4)).ok).toBe(false);
    expect(openAt(state, new Uint8Array(50))).toEqual({ ok: false, error: { type: 'Malformed' } });
    expect(encodeReceivedSenderKey(state)).toEqual(before);
    for (const index of [0, 3, 5, 8]) expect(textOf(must(openAt(state, at(messages, index))))).toBe(String(index));
  });

  it('C-GROUP-6 what the sender did not sign moves no chain, however far ahead it claims to be', () => {
    const { senderKey, received } = setUp();
    const message = at(sealMany(senderKey, 1).messages, 0);
    for (const index of [1, 2_000, 2_001, 0xffff_fffe]) {
      new DataView(message.buffer).setUint32(0, index);
      expect(openAt(received, message)).toEqual(FORGED);
    }
    new DataView(message.buffer).setUint32(0, 0xffff_ffff);
    expect(openAt(received, message)).toEqual({ ok: false, error: { type: 'Malformed' } });
  });

  it('C-GROUP-7 skips 2,000 messages, and not one more', () => {
    const { senderKey, received } = setUp();
    const { messages } = sealMany(senderKey, RATCHET_LIMITS.skip + 2);
    expect(openAt(received, at(messages, RATCHET_LIMITS.skip + 1))).toEqual({
      ok: false,
      error: { type: 'TooFarAhead', gap: 2_001, limit: 2_000 },
    });
    const opened = must(openAt(received, at(messages, RATCHET_LIMITS.skip)));
    expect(countSkipped(opened.next.gaps)).toBe(2_000);
    expect(textOf(must(openAt(opened.next, at(messages, 0))))).toBe('0');
  });

  it('C-GROUP-7 keeps 2,000 skipped keys, the newest, for 45 days', () => {
    const { senderKey, received } = setUp();
    const { messages } = sealMany(senderKey, 3_001);
    const first = must(openAt(received, at(messages, 1_500), NOW));
    const state = must(openAt(first.next, at(messages, 3_000), NOW + DAY)).next;
    expect(countSkipped(state.gaps)).toBe(2_000);
    expect(openAt(state, at(messages, 998)).ok).toBe(false);
    expect(openAt(state, at(messages, 999)).ok).toBe(true);
    const later = must(openAt(state, at(messages, 2_999), NOW + RATCHET_LIMITS.keptFor + 1)).next;
    expect(openAt(later, at(messages, 999)).ok).toBe(false);
    expect(openAt(later, at(messages, 1_501)).ok).toBe(true);
  });

  it('C-GROUP-7 the end of the numbers is reached without an accident', () => {
    const { senderKey, owner } = setUp();
    const last = { ...senderKey, chain: { ...senderKey.chain, index: 0xffff_fffe } };
    const { next, messages } = sealMany(last, 1);
    const state = must(openAt(told(last, owner), at(messages, 0))).next;
    expect(must(decodeReceivedSenderKey(encodeReceivedSenderKey(state)))).toEqual(state);
    expect(openAt(state, at(sealMany(next, 1).messages, 0)).ok).toBe(false);
  });

  it('C-GROUP-8 a distribution is good for its device and chat, and no other', () => {
    const { senderKey, owner, random, founder } = setUp();
    const bytes = distributionOf(senderKey, owner);
    expect(bytes).toHaveLength(133);
    const mallory = createDevice(random);
    const elsewhere = createGroup(2).chatId;
    for (const other of [
      { ...owner, deviceId: mallory.id },
      { ...owner, chatId: elsewhere },
    ])
      expect(acceptDistribution(bytes, other)).toEqual(FORGED);
    // Passing on another's key takes a proof by its signing key.
    const own = distributionOf(createSenderKey({ random, now: NOW }), { ...owner, deviceId: mallory.id });
    const stolen = Uint8Array.of(...bytes.slice(0, 69), ...own.slice(69));
    expect(acceptDistribution(stolen, { ...owner, deviceId: mallory.id })).toEqual(FORGED);
    const noKey = Uint8Array.of(...bytes.slice(0, 37), ...new Uint8Array(32), ...bytes.slice(69));
    expect(acceptDistribution(noKey, owner)).toEqual(FORGED);
    expect(acceptDistribution(founder.publicKey, owner)).toEqual({ ok: false, error: { type: 'Malformed' } });
  });

  it('C-GROUP-9 is due after 1,000 messages or 7 days, and until then no honest message is too far ahead', () => {
    const { senderKey } = setUp();
    const used = (index: number) => ({ ...senderKey, chain: { ...senderKey.chain, index } });
    expect(needsNewSenderKey(senderKey, NOW)).toBe(false);
    expect(needsNewSenderKey(used(999), NOW + 7 * DAY - 1)).toBe(false);
    expect(needsNewSenderKey(used(1_000), NOW)).toBe(true);
    expect(needsNewSenderKey(senderKey, NOW + 7 * DAY)).toBe(true);
    expect(SENDER_KEY_LIMITS.messages).toBeLessThan(RATCHET_LIMITS.skip);
  });

  it('C-GROUP-10 the conversation goes on after spent secrets were wiped', () => {
    const { random, ...ends } = setUp();
    let { senderKey, received } = ends;
    const waiting: Uint8Array[] = [];
    for (let index = 0; index < 12; index++) {
      const sealed = sealToGroup(senderKey, { plaintext: utf8(String(index)), ad: AD, random });
      wipe(...sealed.spent);
      senderKey = sealed.next;
      waiting.unshift(sealed.message);
      if (index % 4 !== 3) continue;
      for (const [place, message] of waiting.entries()) {
        const opened = must(openAt(received, message));
        expect(textOf(opened)).toBe(String(index - place));
        wipe(...opened.spent);
        received = opened.next;
      }
      waiting.length = 0;
    }
  });

  it('C-GROUP-11 a state that is used twice repeats the key but never the nonce', () => {
    const { senderKey, random } = setUp();
    const [one, two] = ['one', 'two'].map((text) => sealToGroup(senderKey, { plaintext: utf8(text), ad: AD, random }));
    expect(one?.spent[0]).toEqual(two?.spent[0]);
    expect(one?.message.slice(4, 28)).not.toEqual(two?.message.slice(4, 28));
  });

  it('C-GROUP-17 is capped on both sides', () => {
    const { senderKey, received, random } = setUp();
    const plaintext = new Uint8Array(PLAINTEXT_BYTES + 1);
    expect(() => sealToGroup(senderKey, { plaintext, ad: AD, random })).toThrow(RangeError);
    const largest = sealToGroup(senderKey, { plaintext: plaintext.slice(1), ad: AD, random });
    expect(must(openAt(received, largest.message)).plaintext).toHaveLength(PLAINTEXT_BYTES);
    const longer = concat(largest.message, Uint8Array.of(0));
    expect(openAt(received, longer)).toEqual({ ok: false, error: { type: 'Malformed' } });
  });
});
