/** Fuzz targets of this folder: what a contact's device can make this one parse. Must never throw. */
import { type AccountId, type ChatId, type DeviceId, toBase64Url } from '@securechat/crypto';
import { parseInvitation } from '../contacts/invitation.ts';
import { parseGroupInvitation } from '../groups/group-invitation.ts';
import { parseAddress } from '../peers/introduction.ts';
import type { GroupCallPart, GroupCallWord } from './group-call-parts.ts';
import { type Payload, decodePayload, encodePayload } from './payload.ts';
import type { PhonePart, PhoneWord } from './phone-parts.ts';

export const fuzzTargets: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  payload: decodePayload,
  invitation: (bytes) => parseInvitation(new TextDecoder('latin1').decode(bytes)),
  address: parseAddress,
  groupInvitation: (bytes) => parseGroupInvitation(new TextDecoder('latin1').decode(bytes)),
};

const chatId = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;
const blob = 'A'.repeat(32);
const key = new Uint8Array(32).fill(3);
const account = toBase64Url(key) as AccountId;

const callId = toBase64Url(new Uint8Array(16).fill(5));
const keys = { fingerprint: key, nonce: new Uint8Array(32).fill(6) };

const everyWord: readonly PhoneWord[] = [
  { type: 'ring', video: true, startedAt: 1_767_225_600_004, commitment: key },
  { type: 'ringing' },
  { type: 'accept', ...keys },
  { type: 'taken', deviceId: toBase64Url(key) as DeviceId },
  { type: 'reveal', ...keys },
  { type: 'decline' },
  { type: 'busy' },
  { type: 'end', reason: 'glare' },
  { type: 'signal', seq: 7, signal: { type: 'CANDIDATE', payload: '{"candidate":""}' } },
  { type: 'status', received: 6, held: false, media: { microphone: true, camera: false, screen: true } },
  { type: 'move', replaces: callId, commitment: key },
  {
    ...{
      type: 'here',
      peer: account,
      deviceId: toBase64Url(key) as DeviceId,
      first: callId,
      outgoing: true,
      video: false,
    },
    ...{ microphone: true, camera: false, rang: 62_000, answered: 61_000, connected: 60_000 },
  },
];

const media = { microphone: true, camera: false, screen: true };
const stays = { mine: 1_767_225_600_005, yours: 1_767_225_600_006 };

const everyGroupWord: readonly GroupCallWord[] = [
  {
    ...{ type: 'here', startedAt: 1_767_225_600_004, age: 61_000, joinedAt: stays.mine, video: true },
    ...{ fingerprint: key, media, hand: 0xffff_ffff },
  },
  { ...{ type: 'here', startedAt: 5, age: 0, joinedAt: stays.mine, video: false, fingerprint: key, media } },
  { type: 'left', joinedAt: stays.mine },
  { type: 'key', stays, key: { id: 255, key } },
  { type: 'signal', stays, seq: 7, signal: { type: 'OFFER', payload: '{"sdp":""}' } },
  { type: 'got', stays, received: 6 },
  { type: 'got', stays, received: 0, key: 255 },
  { type: 'ignored' },
];

/** One payload with every kind of part, but for those about calls. */
export const everyPart: Payload = {
  views: {
    mine: { length: 1, head: key },
    yours: { length: 0, head: new Uint8Array(32) },
    yourProfile: 1_767_225_600_000,
  },
  parts: [
    {
      type: 'card',
      accepts: true,
      deviceLog: new Uint8Array(200).fill(1),
      relayUrl: 'https://relay.example',
      mailbox: new Uint8Array(16).fill(2),
      profile: {
        updated: 1_767_225_600_001,
        name: 'Ann',
        avatar: { type: 'image/webp', bytes: new Uint8Array(64).fill(9) },
      },
    },
    {
      type: 'author',
      chatId,
      key,
      deviceKey: key,
      proof: new Uint8Array(64).fill(4),
      certificate: new Uint8Array(64).fill(8),
    },
    {
      type: 'changes',
      chatId,
      of: 'last',
      changes: [{ segment: 1, generation: 0, bytes: new Uint8Array(300).fill(5) }],
    },
    { type: 'marks', chatId, received: [{ author: key, n: 7 }], read: [{ author: key, n: 6 }] },
    { type: 'ask', chatId, summary: new Uint8Array(40).fill(6) },
    { type: 'typing', chatId, typing: true },
    { type: 'mediaAsk', chatId, blob },
    { type: 'mediaAt', chatId, blob, url: 'https://files.example', name: 'B'.repeat(32) },
    {
      type: 'group',
      chatId,
      secret: key,
      accounts: [{ accountKey: key, relayUrl: 'https://relay.example' }],
    },
    { type: 'senderKey', chatId, distribution: new Uint8Array(133).fill(5) },
    { type: 'join', chatId, invite: key, proof: new Uint8Array(64).fill(4) },
    { type: 'joinAnswer', chatId, answer: 'waits' },
    { type: 'personal', changes: [{ name: 'chats', generation: 1, bytes: new Uint8Array(90).fill(7) }] },
    { type: 'personalAsk', summary: new Uint8Array(20).fill(6) },
    { type: 'digest', isReply: true, chats: [{ chatId, hash: new Uint8Array(16).fill(2), records: 9 }] },
    {
      type: 'peer',
      accountKey: key,
      accepts: true,
      hasChat: true,
      relayUrl: 'https://relay.example',
      deviceLog: new Uint8Array(100).fill(1),
      profile: { updated: 5, name: 'Bob' },
    },
    { type: 'ticks', chatId, received: [{ author: key, n: 7 }], read: [] },
    {
      ...{ type: 'status', account, secret: key, key, deviceKey: key },
      ...{ proof: new Uint8Array(64).fill(4), certificate: new Uint8Array(64).fill(8) },
      change: new Uint8Array(300).fill(5),
    },
    { type: 'statusMark', statusId: chatId, what: 'seen', time: 1_767_225_600_002 },
    { type: 'statusGone', statusId: chatId },
    {
      ...{ type: 'statusState', account, statusId: chatId, isDeleted: false, audience: [account] },
      views: [{ account, seenAt: 1_767_225_600_003 }],
    },
    { type: 'statusDigest', isReply: true, statuses: [{ statusId: chatId, hash: new Uint8Array(16).fill(2) }] },
  ],
};

/** And with those: there are too many for one payload. */
export const everyPhonePart: Payload = {
  views: everyPart.views,
  parts: everyWord.map((word): PhonePart => ({ type: 'phone', chatId, callId, word })),
};

export const everyGroupCallPart: Payload = {
  views: everyPart.views,
  parts: everyGroupWord.map((word): GroupCallPart => ({ type: 'groupCall', chatId, callId, word })),
};

export const fuzzSamples: Readonly<Record<string, readonly Uint8Array[]>> = {
  payload: [
    ...[everyPart, everyPhonePart, everyGroupCallPart].map(encodePayload),
    encodePayload({ ...everyPart, parts: [] }),
  ],
  invitation: [new TextEncoder().encode('https://app.example/add#AQ')],
  address: [new Uint8Array([...new Uint8Array(16), ...new TextEncoder().encode('https://relay.example')])],
};
