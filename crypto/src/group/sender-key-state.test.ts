import { beforeAll, describe, expect, it } from 'vitest';
import { at, createGroup, openAt, ownerOf, sealMany, textOf, told } from '../../test/support/group.ts';
import { must } from '../../test/support/world.ts';
import { decodeReceivedSenderKey, decodeSenderKey, encodeReceivedSenderKey, encodeSenderKey, ready } from '../index.ts';
import { asSecret } from '../keys.ts';

beforeAll(ready);

const MALFORMED = { ok: false, error: { type: 'Malformed' } };

function setUp() {
  const group = createGroup();
  const { messages, next } = sealMany(group.senderKey, 8);
  let received = told(group.senderKey, ownerOf(group));
  for (const index of [2, 6, 4]) received = must(openAt(received, at(messages, index))).next;
  return { own: next, messages, received };
}

describe('stored sender keys', () => {
  it('C-GROUP-12 an own sender key comes back whole, and from nothing else', () => {
    const { own } = setUp();
    const bytes = encodeSenderKey(own);
    expect(bytes).toHaveLength(75);
    expect(must(decodeSenderKey(bytes))).toEqual(own);
    for (let length = 0; length < bytes.length; length++)
      expect(decodeSenderKey(bytes.slice(0, length))).toEqual(MALFORMED);
    expect(decodeSenderKey(Uint8Array.of(...bytes, 0))).toEqual(MALFORMED);
    expect(decodeSenderKey(Uint8Array.of(2, ...bytes.slice(1)))).toEqual(MALFORMED);
  });

  it('C-GROUP-12 a received sender key comes back whole, with the keys that it skipped', () => {
    const { received, messages } = setUp();
    const bytes = encodeReceivedSenderKey(received);
    const again = must(decodeReceivedSenderKey(bytes));
    expect(again).toEqual(received);
    for (const index of [0, 1, 3, 5, 7]) expect(textOf(must(openAt(again, at(messages, index))))).toBe(String(index));
    for (const index of [2, 4, 6]) expect(openAt(again, at(messages, index)).ok).toBe(false);
    for (let length = 0; length < bytes.length; length++)
      expect(decodeReceivedSenderKey(bytes.slice(0, length))).toEqual(MALFORMED);
    expect(decodeReceivedSenderKey(Uint8Array.of(...bytes, 0))).toEqual(MALFORMED);
  });

  it('C-GROUP-12 a state that no opening leaves behind is Malformed', () => {
    const { received } = setUp();
    const gap = at(received.gaps, 0);
    for (const gaps of [
      received.gaps.toReversed(),
      [{ ...gap, keys: asSecret<'Skipped'>(new Uint8Array(0)) }],
      [{ ...gap, keys: asSecret<'Skipped'>(gap.keys.slice(1)) }],
      [{ ...gap, from: received.chain.index }],
    ])
      expect(decodeReceivedSenderKey(encodeReceivedSenderKey({ ...received, gaps }))).toEqual(MALFORMED);
    const bytes = encodeReceivedSenderKey(received);
    expect(decodeReceivedSenderKey(bytes.fill(0, 1, 33))).toEqual(MALFORMED);
  });
});
