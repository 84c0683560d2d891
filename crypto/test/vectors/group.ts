/** Vectors of groups: ids, secrets and invites; a sender key from its making through skips to its stored states; its envelopes. */
import {
  accountFromSeed,
  accountIdOf,
  chatSecretOfGroup,
  createInvite,
  createSenderKey,
  distributionOf,
  encodeReceivedSenderKey,
  encodeSenderKey,
  formatInviteSecret,
  groupChatId,
  groupHeaderKey,
  openFromGroup,
  openGroupEnvelope,
  proveInvite,
  sealGroupEnvelope,
  type SenderKey,
  utf8,
} from '../../src/index.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { asSecret } from '../../src/keys.ts';
import { told } from '../support/group.ts';
import { hkdf } from '../support/independent.ts';
import { must } from '../support/world.ts';
import { counted, hex, scripted, tampered, unhex } from './hex.ts';

const AD = utf8('vector ad');
const NOW = 1_700_000_000_000;
const NONCE = counted(0x20, 16);
/** In which order the messages are opened; number 1 stays skipped. */
const OPENED = [2, 0] as const;

function groupOf() {
  const [founder, member] = [accountFromSeed(counted(0)), accountFromSeed(counted(0x10))];
  const secret = asSecret<'Group'>(counted(0x30));
  const device = deviceFromSeed(counted(0x40));
  return { founder, member, secret, device, chatId: groupChatId(founder.publicKey, NONCE) };
}

/** What the recipients of a sender key need to know of it. */
export function ownerInVector() {
  const { chatId, device } = groupOf();
  return { chatId, deviceId: device.id };
}

function sealStep(senderKey: SenderKey, index: number) {
  const headerKey = groupHeaderKey(groupOf().secret);
  const draws = [hex(counted(0xc0 + index, 24)), hex(counted(0x80 + index))];
  const plaintext = utf8(`message ${index}`);
  const sealed = sealGroupEnvelope({ senderKey, headerKey, plaintext, ad: AD, random: scripted(draws) });
  const { envelope, next, spent } = sealed;
  const [messageKey = new Uint8Array(), chainKey = new Uint8Array()] = spent;
  const ephemeral = envelope.slice(1, 33);
  const keys = hkdf(ephemeral, headerKey, 'SecureChat group envelope v1', 64);
  const step = {
    plaintext: hex(plaintext),
    draws,
    chainKey: hex(chainKey),
    messageKey: hex(messageKey),
    message: hex(must(openGroupEnvelope(envelope, headerKey)).message),
    ephemeral: hex(ephemeral),
    mark: hex(envelope.slice(33, 49)),
    namesKey: hex(keys.slice(0, 32)),
    contentKey: hex(keys.slice(32)),
    envelope: hex(envelope),
  };
  return { next, step };
}

export function buildGroup() {
  const { founder, member, secret, device, chatId } = groupOf();
  const owner = { chatId, deviceId: device.id };
  const draws = [hex(counted(0x50)), hex(counted(0x60))];
  const created = createSenderKey({ random: scripted(draws), now: NOW });
  const steps: ReturnType<typeof sealStep>['step'][] = [];
  let senderKey = created;
  for (let index = 0; index < 3; index++) {
    const { next, step } = sealStep(senderKey, index);
    steps.push(step);
    senderKey = next;
  }
  let received = told(created, owner);
  for (const place of OPENED) {
    const message = unhex(steps[place]?.message ?? '');
    received = must(openFromGroup(received, { message, ad: AD, now: NOW })).next;
  }
  return {
    chat: { founderKey: hex(founder.publicKey), nonce: hex(NONCE), id: chatId },
    secret: { secret: hex(secret), chat: hex(chatSecretOfGroup(secret)), headerKey: hex(groupHeaderKey(secret)) },
    senderKey: { draws, now: NOW, keyId: created.keyId, publicKey: hex(created.publicKey), deviceId: device.id },
    distributions: [created, senderKey].map((one) => hex(distributionOf(one, owner))),
    ad: hex(AD),
    steps,
    opened: OPENED,
    stored: { own: hex(encodeSenderKey(senderKey)), received: hex(encodeReceivedSenderKey(received)) },
    invite: inviteVector(chatId, member),
    mustFail: {
      distributions: brokenDistributions(created),
      messages: brokenMessages(steps),
      envelopes: brokenEnvelopes(steps),
      proofs: brokenProofs(),
    },
  };
}

function inviteVector(chatId: ReturnType<typeof groupChatId>, { id }: ReturnType<typeof accountFromSeed>) {
  const { secret, publicKey } = createInvite(scripted([hex(counted(0x70))]));
  const proof = hex(proveInvite(secret, chatId, id));
  return { secret: hex(secret), text: formatInviteSecret(secret), publicKey: hex(publicKey), accountId: id, proof };
}

function brokenDistributions(created: SenderKey) {
  const owner = ownerInVector();
  const other = deviceFromSeed(counted(0x41)).id;
  const bytes = distributionOf(created, owner);
  const cases: readonly [string, Uint8Array, string][] = [
    ['another version', tampered(bytes, 0), 'Malformed'],
    ['cut', bytes.slice(0, -1), 'Malformed'],
    ['signing key changed', tampered(bytes, 37), 'Forged'],
    ['proof changed', tampered(bytes, 69), 'Forged'],
    ['made for another device', distributionOf(created, { ...owner, deviceId: other }), 'Forged'],
  ];
  return cases.map(([why, distribution, error]) => ({ why, distribution: hex(distribution), error }));
}

type Steps = readonly { readonly message: string; readonly envelope: string }[];

function brokenMessages([first, , third]: Steps) {
  const message = unhex(first?.message ?? '');
  // The signature of another message of the sender: what a member has to work with.
  const signature = unhex(third?.message ?? '').slice(28, 92);
  const cases: readonly [string, Uint8Array, string][] = [
    ['index changed', tampered(message, 3), 'Forged'],
    ['nonce changed', tampered(message, 4), 'Forged'],
    ['signature changed', tampered(message, 28), 'Forged'],
    [
      'signature of another message',
      Uint8Array.of(...message.slice(0, 28), ...signature, ...message.slice(92)),
      'Forged',
    ],
    ['ciphertext changed', tampered(message, 92), 'Forged'],
    ['tag changed', tampered(message, -1), 'Forged'],
    ['the last number', Uint8Array.of(255, 255, 255, 255, ...message.slice(4)), 'Malformed'],
    ['shorter than its head', message.slice(0, 91), 'Malformed'],
  ];
  return cases.map(([why, bytes, error]) => ({ why, message: hex(bytes), error }));
}

function brokenEnvelopes([first]: Steps) {
  const envelope = unhex(first?.envelope ?? '');
  const cases: readonly [string, Uint8Array, string][] = [
    ['another version', tampered(envelope, 0), 'Malformed'],
    ['shorter than its head', envelope.slice(0, 112), 'Malformed'],
    ['ephemeral key changed', tampered(envelope, 1), 'NotForThisGroup'],
    ['mark changed', tampered(envelope, 33), 'NotForThisGroup'],
    ['name changed', tampered(envelope, 49), 'Forged'],
    ['no message', envelope.slice(0, 113), 'Forged'],
    ['message changed', tampered(envelope, 200), 'Forged'],
    ['padding cut', envelope.slice(0, -1), 'Forged'],
  ];
  return cases.map(([why, bytes, error]) => ({ why, envelope: hex(bytes), error }));
}

function brokenProofs() {
  const { founder, member, chatId } = groupOf();
  const { secret } = createInvite(scripted([hex(counted(0x70))]));
  const { secret: other } = createInvite(scripted([hex(counted(0x71))]));
  const elsewhere = groupChatId(founder.publicKey, counted(0x21, 16));
  return [
    { why: 'another account', proof: hex(proveInvite(secret, chatId, accountIdOf(founder.publicKey))) },
    { why: 'another chat', proof: hex(proveInvite(secret, elsewhere, member.id)) },
    { why: 'another invite', proof: hex(proveInvite(other, chatId, member.id)) },
    { why: 'changed', proof: hex(tampered(proveInvite(secret, chatId, member.id), 0)) },
  ];
}
