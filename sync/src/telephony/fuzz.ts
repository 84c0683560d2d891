/** Fuzz targets of this folder: what a contact's device can make the telephone of this one take in. Must never throw. */
import { type AccountId, type ChatId, type DeviceId, ready, toBase64Url } from '@securechat/crypto';
import { decodePayload, encodePayload } from '../payload/payload.ts';
import { type PhonePart, type PhoneWord, isPhonePart } from '../payload/phone-parts.ts';
import { commitmentTo } from './comparison.ts';
import { isAnnounced } from './description.ts';
import type { Facts, PhoneEvent } from './events.ts';
import { step } from './machine.ts';
import { NO_CALLS, type Party, type PhoneState } from './state.ts';

const bytesOf = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value);
const partyOf = (value: number): Party => ({
  account: toBase64Url(bytesOf(value)) as AccountId,
  device: toBase64Url(bytesOf(value + 1)) as DeviceId,
});
const [me, contact] = [partyOf(1), partyOf(5)];
const facts: Facts = { now: 1_767_225_600_000, me, hasSiblings: true, theirDevices: 2 };
const chatId = toBase64Url(bytesOf(8, 16)) as ChatId;
const callId = toBase64Url(bytesOf(9, 16));
const otherId = toBase64Url(bytesOf(13, 16));
const note = {
  ...{ peer: contact.account, deviceId: contact.device, first: otherId },
  ...{ outgoing: true, video: true, microphone: true, camera: false },
};
const keys = { fingerprint: bytesOf(10), nonce: bytesOf(11) };

export const fuzzReady = ready;

export const fuzzTargets: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  words: hearAll,
  description: (bytes) => isAnnounced({ type: 'OFFER', payload: text(bytes) }, keys.fingerprint),
};

/** Every word of a payload, said by a contact to a device whose user answers whatever rings. */
function hearAll(bytes: Uint8Array): PhoneState {
  const payload = decodePayload(bytes);
  let state = NO_CALLS;
  for (const part of payload.ok ? payload.value.parts.filter(isPhonePart) : [])
    for (const event of heardAndDone(part)) state = step(state, event, facts).state;
  return state;
}

/** Said by the device that talks, by another one of theirs, and by an own one; answered from one tab after the other. */
function heardAndDone(part: PhonePart): readonly PhoneEvent[] {
  const { callId: id } = part;
  return [
    heard(part),
    { type: 'answer', callId: id, holder: 'tab', keys },
    { type: 'report', callId: id, holder: 'tab', state: 'connected' },
    heard(part, { ...contact, device: partyOf(20).device }),
    { type: 'answer', callId: id, holder: 'another tab', keys },
    heard(part, { ...me, device: partyOf(30).device }),
  ];
}

function heard({ chatId: named, callId: id, word }: PhonePart, from = contact): PhoneEvent {
  return { type: 'heard', from, chatId: named, callId: id, word };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

const line = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '0A').join(':')}`;
const offer = JSON.stringify({ sdp: { type: 'offer', sdp: `v=0\r\n${line}\r\n` } });

/** Made when they are first asked for: crypto is not ready before. */
export const fuzzSamples: Readonly<Record<string, readonly Uint8Array[]>> = {
  get words() {
    const ring = { type: 'ring', video: true, startedAt: facts.now, commitment: commitmentTo(callId, keys) } as const;
    const words: readonly PhoneWord[] = [
      ring,
      { type: 'reveal', ...keys },
      { type: 'signal', seq: 1, signal: { type: 'OFFER', payload: offer } },
      { type: 'status', received: 0, held: true, media: { microphone: true, camera: false, screen: true } },
      { type: 'end', reason: 'hungUp' },
      ring,
      { type: 'move', replaces: callId, commitment: commitmentTo(otherId, keys) },
      { type: 'here', ...note, rang: 30_000, answered: 20_000, connected: 2 ** 32 - 1 },
    ];
    const view = { length: 0, head: bytesOf(0) };
    const parts = words.map((word): PhonePart => ({ type: 'phone', chatId, callId, word }));
    return [encodePayload({ views: { mine: view, yours: view, yourProfile: 0 }, parts })];
  },
  description: [new TextEncoder().encode(offer)],
};
