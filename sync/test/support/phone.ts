/** Events and facts for the state machine of calls, told in few words. */
import { type AccountId, type ChatId, type DeviceId, hash, toBase64Url } from '@securechat/crypto';
import type { CallSignal } from '../../src/api.ts';
import type { PhoneKeys, PhoneWord } from '../../src/payload/phone-parts.ts';
import type { Facts, Heard } from '../../src/telephony/events.ts';
import type { Party } from '../../src/telephony/state.ts';

/** 32 bytes that are those of this name. */
export function bytesOf(name: string): Uint8Array {
  return hash('test', new TextEncoder().encode(name));
}

export function partyOf(account: string, device = account): Party {
  return {
    account: toBase64Url(bytesOf(`account ${account}`)) as AccountId,
    device: toBase64Url(bytesOf(`device ${device}`)) as DeviceId,
  };
}

/** An id whose first byte is this one: lower ones come before. */
export function callIdOf(first: number): string {
  return toBase64Url(new Uint8Array(16).fill(first));
}

export function keysOf(name: string): PhoneKeys {
  return { fingerprint: bytesOf(`fingerprint ${name}`), nonce: bytesOf(`nonce ${name}`) };
}

export const aChat = toBase64Url(new Uint8Array(16).fill(9)) as ChatId;

export function heard(from: Party, callId: string, word: PhoneWord): Heard {
  return { type: 'heard', from, chatId: aChat, callId, word };
}

export function factsOf(me: Party, facts: Partial<Facts> = {}): Facts {
  return { now: 1_000_000, hasSiblings: false, theirDevices: 1, me, ...facts };
}

/** A description as a browser makes it, in the JSON that PeerJS wraps it in. */
export function descriptionOf(type: 'OFFER' | 'ANSWER', ...fingerprints: readonly Uint8Array[]): CallSignal {
  const lines = fingerprints.map((bytes) => {
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase());
    return `a=fingerprint:sha-256 ${hex.join(':')}`;
  });
  const sdp = ['v=0', 's=-', ...lines, 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=setup:actpass', ''].join('\r\n');
  return { type, payload: JSON.stringify({ sdp: { type: type.toLowerCase(), sdp }, type: 'media' }) };
}

export const aCandidate: CallSignal = { type: 'CANDIDATE', payload: '{"candidate":{"candidate":"candidate:1"}}' };
