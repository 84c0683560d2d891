import { createHash, hkdfSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { flip, randomOf } from '../../test/support/world.ts';
import {
  accountIdOf,
  chatSecretOfGroup,
  createAccount,
  createDevice,
  createGroupSecret,
  createInvite,
  directChatId,
  formatInviteSecret,
  groupChatId,
  groupHeaderKey,
  parseInviteSecret,
  proveInvite,
  ready,
  signAsDevice,
  toChatId,
  toGroupSecret,
  toInviteKey,
  utf8,
  verifyInvite,
} from '../index.ts';
import { asPublic, asSecret } from '../keys.ts';
import { signLabelled } from '../identity/signature.ts';
import { signingPair } from '../sodium.ts';

beforeAll(ready);

const random = randomOf(21);

describe('group chats', () => {
  it('C-GROUP-2 the id is a hash of founder and nonce, and no direct chat has it', () => {
    const [alice, bob] = [createAccount(random), createAccount(random)];
    const [one, two] = [random(16), random(16)];
    const id = groupChatId(alice.publicKey, one);
    const digest = createHash('sha256').update('SecureChat group chat v1').update(alice.publicKey).update(one).digest();
    expect(id).toBe(digest.subarray(0, 16).toString('base64url'));
    expect(toChatId(id)).toBe(id);
    const ids = [
      id,
      groupChatId(alice.publicKey, two),
      groupChatId(bob.publicKey, one),
      directChatId(alice.id, bob.id),
      directChatId(alice.id, alice.id),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    // Nor with a nonce that is chosen to be the rest of a direct chat's input.
    const nonce = utf8(accountIdOf(bob.publicKey));
    expect(groupChatId(alice.publicKey, nonce)).not.toBe(directChatId(alice.id, bob.id));
  });

  it('C-GROUP-13 the chat secret and the header key are unrelated to each other and to the secret', () => {
    const secret = createGroupSecret(random);
    const derived = [chatSecretOfGroup(secret), groupHeaderKey(secret)];
    const labels = ['SecureChat group chat secret v1', 'SecureChat group header v1'];
    expect(derived).toEqual(
      labels.map((label) => new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(32), label, 32))),
    );
    const other = createGroupSecret(random);
    const all = [secret, ...derived, chatSecretOfGroup(other), groupHeaderKey(other)];
    expect(new Set(all.map((key) => Buffer.from(key).toString('hex'))).size).toBe(5);
    expect(toGroupSecret(secret.slice())).toEqual(secret);
    for (const length of [0, 31, 33]) expect(toGroupSecret(new Uint8Array(length))).toBeUndefined();
  });
});

describe('invites', () => {
  function setUp() {
    const [alice, bob] = [createAccount(random), createAccount(random)];
    const [chat, elsewhere] = [groupChatId(alice.publicKey, random(16)), groupChatId(alice.publicKey, random(16))];
    return { alice: alice.id, bob: bob.id, chat, elsewhere };
  }

  it('C-INVITE-1 a proof binds invite, chat and account', () => {
    const { alice, bob, chat, elsewhere } = setUp();
    const [invite, other] = [createInvite(random), createInvite(random)];
    const proof = proveInvite(invite.secret, chat, alice);
    expect(proof).toHaveLength(64);
    expect(verifyInvite(invite.publicKey, chat, alice, proof)).toBe(true);
    expect(verifyInvite(other.publicKey, chat, alice, proof)).toBe(false);
    expect(verifyInvite(invite.publicKey, elsewhere, alice, proof)).toBe(false);
    expect(verifyInvite(invite.publicKey, chat, bob, proof)).toBe(false);
    for (let bit = 0; bit < 512; bit += 13)
      expect(verifyInvite(invite.publicKey, chat, alice, flip(proof, bit))).toBe(false);
    for (const length of [0, 63, 65])
      expect(verifyInvite(invite.publicKey, chat, alice, new Uint8Array(length))).toBe(false);
  });

  it('C-INVITE-1 a proof is no other signature, and no other signature is one', () => {
    const { alice, chat } = setUp();
    const seed = random(32);
    const pair = signingPair(seed);
    const key = asPublic<'Invite'>(pair.publicKey);
    const body = utf8(`${chat}\0${alice}`);
    const verifies = (proof: Uint8Array) => verifyInvite(key, chat, alice, proof);
    const secretKey = asSecret<'Invite'>(pair.secretKey);
    expect(verifies(signLabelled(secretKey, 'SecureChat group invite v1', body))).toBe(true);
    expect(verifies(signLabelled(secretKey, 'SecureChat author proof v1', body))).toBe(false);
    expect(verifies(signLabelled(secretKey, 'SecureChat sender key proof v1', body))).toBe(false);
    expect(
      verifies(
        signAsDevice(
          createDevice(() => seed.slice()),
          'SecureChat group message v1',
          body,
        ),
      ),
    ).toBe(false);
  });

  it('C-INVITE-2 a secret travels as 43 characters, and nothing else is read as one', () => {
    const { secret, publicKey } = createInvite(random);
    const text = formatInviteSecret(secret);
    expect(text).toMatch(/^[\w-]{43}$/);
    expect(parseInviteSecret(text)).toEqual(secret);
    for (const bad of [
      '',
      text.slice(1),
      `${text}A`,
      `${text.slice(1)}=`,
      ` ${text.slice(1)}`,
      `${text.slice(0, 42)}B`,
    ])
      expect(parseInviteSecret(bad), bad).toBeUndefined();
    expect(toInviteKey(publicKey)).toEqual(publicKey);
    expect(toInviteKey(new Uint8Array(32))).toBeUndefined();
  });
});
