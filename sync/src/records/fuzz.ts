/** What the fuzzer throws bytes at: decoders of records. None may throw. */
import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import type { Act, ActBody } from './act.ts';
import { actIdFrom } from './act-id.ts';
import type { RecordBody } from './body.ts';
import { openOriginal, recallOriginal } from './carried.ts';
import { decodeContent, encodeContent, splitSigned } from './record.ts';

const chatId = 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId;

export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  record: (bytes) => decodeContent(bytes),
  signedRecord: (bytes) => splitSigned(bytes),
  carried: (bytes) => openOriginal(bytes, { chatId, isKnown: () => true, now: 0 }),
  carriedRecall: (bytes) => recallOriginal(bytes),
};

const key = new Uint8Array(32).fill(3);
const account = toBase64Url(key) as AccountId;
const relayUrl = 'https://relay.example';
const via = { invite: key, proof: new Uint8Array(64).fill(4) };

/** Every kind of act, with all that it may have. */
export const everyAct: readonly Act[] = [
  { type: 'found', founderKey: key, nonce: new Uint8Array(16).fill(2), name: 'Group', description: 'We' },
  {
    type: 'add',
    members: [
      { accountKey: key, relayUrl, role: 'admin', history: { from: 'time', ms: 1_767_225_600_000 } },
      { accountKey: new Uint8Array(32).fill(5), relayUrl, role: 'member', history: { from: 'all' }, via },
    ],
  },
  { type: 'remove', account, ban: true, seen: [{ author: key, n: 7 }] },
  { type: 'unban', account },
  { type: 'role', account, role: 'owner' },
  { type: 'permissions', write: 'admins', add: 'everyone', info: 'admins', pin: 'everyone' },
  { type: 'info', name: 'Wir', description: '', avatar: { type: 'image/webp', bytes: new Uint8Array(64).fill(9) } },
  { type: 'timer', seconds: 86_400 },
  { type: 'pin', target: 'A'.repeat(24), pinned: true },
  { type: 'invite', invite: key, expiresAt: 1_767_225_600_000, approval: true, uses: 20 },
  { type: 'revoke', invite: key },
  { type: 'request', accountKey: key, relayUrl, via },
  { type: 'decline', account },
  { type: 'unknown', tag: 200, bytes: new Uint8Array(20).fill(1) },
];

const target = 'A'.repeat(24);
const mentions = [{ at: 1, length: 4, account }];

/** Every other kind of record, with all that it may have. */
const everyBody: readonly RecordBody[] = [
  {
    ...{ kind: 'message', text: 'Hello there', replyTo: target, mentions, expires: 86_400 },
    poll: { options: ['one', 'two', 'drei'], multiple: true },
  },
  {
    ...{ kind: 'message', text: '', forwarded: true },
    media: [
      {
        ...{
          url: 'https://files.example',
          blob: toBase64Url(new Uint8Array(24).fill(6)),
          key,
          digest: key,
          size: 1234,
        },
        ...{ kind: 'video', type: 'video/mp4', name: 'film.mp4', width: 640, height: 480, duration: 5000 },
        ...{ thumbnail: new Uint8Array(30).fill(7), waveform: new Uint8Array(64).fill(8) },
      },
      {
        ...{ url: 'http://127.0.0.1:8788', blob: toBase64Url(new Uint8Array(24)), key, digest: key, size: 1 },
        ...{ kind: 'file', type: 'application/pdf' },
      },
    ],
  },
  { kind: 'message', text: '👍', status: { id: chatId, reaction: true } },
  { kind: 'status', text: 'On a colour', colour: 7 },
  {
    ...{ kind: 'status', text: '', colour: 0 },
    media: {
      ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24)), key, digest: key, size: 1234 },
      ...{ kind: 'video', type: 'video/mp4', width: 640, height: 480, duration: 60_000 },
    },
  },
  { kind: 'edit', target, text: 'Hello you', mentions },
  { kind: 'delete', target },
  { kind: 'reaction', target, emoji: '👍' },
  { kind: 'vote', target, choices: 5 },
  { kind: 'close', target },
  { kind: 'timer', seconds: 86_400 },
  {
    ...{ kind: 'call', callId: chatId, video: true, outcome: 'answered', seconds: 3601 },
    ...{ startedAt: 1_767_225_600_000, expires: 86_400 },
  },
];

export const fuzzSamples: Readonly<Record<string, readonly Uint8Array[]>> = {
  record: [
    ...everyBody,
    ...everyAct.map((act): ActBody => ({ kind: 'act', after: act.type === 'found' ? [] : [actIdFrom(key)], act })),
  ].map((body) => encodeContent({ chatId, author: key, n: 1, time: { ms: 1_767_225_600_000, counter: 0 }, body })),
};
