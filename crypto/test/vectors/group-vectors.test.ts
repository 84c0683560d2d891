/** The committed vectors of groups, run as a sender and a member would, and checked step by step. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  acceptDistribution,
  chatSecretOfGroup,
  createSenderKey,
  decodeReceivedSenderKey,
  decodeSenderKey,
  distributionOf,
  encodeReceivedSenderKey,
  encodeSenderKey,
  groupChatId,
  groupHeaderKey,
  openFromGroup,
  openGroupEnvelope,
  parseInviteSecret,
  proveInvite,
  ready,
  sealGroupEnvelope,
  toAccountId,
  toAccountKey,
  toGroupSecret,
  toInviteKey,
  verifyInvite,
} from '../../src/index.ts';
import { err, ok } from '../../src/result.ts';
import { hmac, xchachaOpen } from '../support/independent.ts';
import { must } from '../support/world.ts';
import { ownerInVector } from './group.ts';
import { hex, scripted, unhex } from './hex.ts';
import { errorOf, loadVector, opensOnlyWhole } from './load.ts';

beforeAll(ready);

const vector = loadVector('group');
const ad = unhex(vector.ad);
const { now } = vector.senderKey;

/** The value; throws for `undefined`, which no committed vector gives. */
function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not in the vector');
  return value;
}

const headerKey = () => groupHeaderKey(some(toGroupSecret(unhex(vector.secret.secret))));
const accept = (place: number) => must(acceptDistribution(unhex(vector.distributions[place] ?? ''), ownerInVector()));

describe('group.json', () => {
  it('C-GROUP-2 C-GROUP-13 id and secrets', () => {
    const { chat, secret } = vector;
    expect(groupChatId(some(toAccountKey(unhex(chat.founderKey))), unhex(chat.nonce))).toBe(chat.id);
    expect(hex(headerKey())).toBe(secret.headerKey);
    expect(hex(chatSecretOfGroup(some(toGroupSecret(unhex(secret.secret)))))).toBe(secret.chat);
  });

  it('C-GROUP-3 C-GROUP-12 C-GROUP-15 the sender reaches the listed bytes and states', () => {
    let senderKey = createSenderKey({ random: scripted(vector.senderKey.draws), now });
    expect([senderKey.keyId, hex(senderKey.publicKey)]).toEqual([vector.senderKey.keyId, vector.senderKey.publicKey]);
    expect(hex(distributionOf(senderKey, ownerInVector()))).toBe(vector.distributions[0]);
    for (const step of vector.steps) {
      const random = scripted(step.draws);
      const plaintext = unhex(step.plaintext);
      const sealed = sealGroupEnvelope({ senderKey, headerKey: headerKey(), plaintext, ad, random });
      expect(hex(sealed.envelope)).toBe(step.envelope);
      senderKey = sealed.next;
    }
    expect(hex(encodeSenderKey(senderKey))).toBe(vector.stored.own);
    expect(must(decodeSenderKey(unhex(vector.stored.own)))).toEqual(senderKey);
    expect(hex(distributionOf(senderKey, ownerInVector()))).toBe(vector.distributions[1]);
  });

  it('C-GROUP-3 C-GROUP-5 a member opens in the listed order, and one told later opens nothing', () => {
    let received = accept(0);
    for (const place of vector.opened) {
      const step = some(vector.steps[place]);
      const { keyId, message } = must(openGroupEnvelope(unhex(step.envelope), headerKey()));
      expect([keyId, hex(message)]).toEqual([received.keyId, step.message]);
      const opened = must(openFromGroup(received, { message, ad, now }));
      expect(hex(opened.plaintext)).toBe(step.plaintext);
      received = opened.next;
    }
    expect(hex(encodeReceivedSenderKey(received))).toBe(vector.stored.received);
    expect(must(decodeReceivedSenderKey(unhex(vector.stored.received)))).toEqual(received);
    for (const { message } of vector.steps)
      expect(errorOf(openFromGroup(accept(1), { message: unhex(message), ad, now }))).toBe('AlreadyOpened');
  });

  it('C-GROUP-3 C-GROUP-14 a second implementation opens the layers with the listed keys', () => {
    for (const { envelope, mark, namesKey, contentKey, messageKey, chainKey, message, plaintext } of vector.steps) {
      const bytes = unhex(envelope);
      const [head, names, content] = [bytes.slice(0, 33), bytes.slice(49, 113), bytes.slice(113)];
      const marked = Buffer.concat([Buffer.from('SecureChat group mark v1'), head.slice(1), Uint8Array.of(1)]);
      expect(hex(hmac(headerKey(), marked).slice(0, 16))).toBe(mark);
      expect(hex(bytes.slice(33, 49))).toBe(mark);
      const keyId = Buffer.from(xchachaOpen(unhex(namesKey), new Uint8Array(24), names, head));
      expect(keyId.subarray(0, 16).toString('base64url')).toBe(vector.senderKey.keyId);
      const padded = xchachaOpen(unhex(contentKey), new Uint8Array(24), content, bytes.slice(0, 113));
      expect(hex(padded).replace(/80(00)*$/, '')).toBe(message);
      expect(hex(hmac(unhex(chainKey), Uint8Array.of(1)))).toBe(messageKey);
      const inner = unhex(message);
      const bound = Uint8Array.of(...inner.slice(0, 4), ...ad);
      expect(hex(xchachaOpen(unhex(messageKey), inner.slice(4, 28), inner.slice(92), bound))).toBe(plaintext);
    }
  });

  it('C-GROUP-4 C-GROUP-8 C-GROUP-15 distributions, messages and envelopes, whole and broken', () => {
    const first = some(vector.steps[0]);
    const owner = ownerInVector();
    const openMessage = (message: Uint8Array) => openFromGroup(accept(0), { message, ad, now });
    opensOnlyWhole(unhex(first.message), openMessage, 3);
    opensOnlyWhole(unhex(first.envelope), (bytes) => openGroupEnvelope(bytes, headerKey()), 7);
    const { distributions, messages, envelopes } = vector.mustFail;
    for (const bad of distributions)
      expect(errorOf(acceptDistribution(unhex(bad.distribution), owner)), bad.why).toBe(bad.error);
    for (const bad of messages) expect(errorOf(openMessage(unhex(bad.message))), bad.why).toBe(bad.error);
    for (const bad of envelopes)
      expect(errorOf(openGroupEnvelope(unhex(bad.envelope), headerKey())), bad.why).toBe(bad.error);
  });

  it('C-INVITE-1 C-INVITE-2 invite, whole and broken', () => {
    const { invite, chat } = vector;
    const secret = some(parseInviteSecret(invite.text));
    expect(hex(secret)).toBe(invite.secret);
    const accountId = some(toAccountId(invite.accountId));
    expect(hex(proveInvite(secret, chat.id, accountId))).toBe(invite.proof);
    const key = some(toInviteKey(unhex(invite.publicKey)));
    const verify = (proof: Uint8Array) =>
      verifyInvite(key, chat.id, accountId, proof) ? ok(null) : err({ type: 'Invalid' });
    opensOnlyWhole(unhex(invite.proof), verify);
    for (const bad of vector.mustFail.proofs) expect(errorOf(verify(unhex(bad.proof))), bad.why).toBe('Invalid');
  });
});
