/** Events and facts for the state machine of calls of groups, told in few words. */
import { type ChatId, toBase64Url } from '@securechat/crypto';
import type { GroupCallWord, Presence } from '../../src/payload/group-call-parts.ts';
import type { GroupFacts, GroupHeard } from '../../src/telephony/group/events.ts';
import type { Party } from '../../src/telephony/state.ts';
import { bytesOf } from './phone.ts';

export const aGroup = toBase64Url(new Uint8Array(16).fill(8)) as ChatId;
export const otherGroup = toBase64Url(new Uint8Array(16).fill(7)) as ChatId;

export const NOW = 1_000_000;

let count = 0;

/** Random bytes are never the same again. */
export function groupFactsOf(me: Party, facts: Partial<GroupFacts> = {}): GroupFacts {
  return { now: NOW, me, fresh: { first: freshBytes(), next: freshBytes() }, isInCall: false, ...facts };
}

/** What a device says of itself; it came at this time of its clock. */
export function hereOf(name: string, joinedAt = NOW, presence: Partial<Presence> = {}): GroupCallWord {
  return {
    ...{ type: 'here', startedAt: NOW, age: 0, joinedAt, video: false, fingerprint: bytesOf(`fingerprint ${name}`) },
    ...{ media: { microphone: true, camera: false, screen: false }, ...presence },
  };
}

export function groupHeard(
  from: Party,
  callId: string,
  word: GroupCallWord,
  more: Partial<GroupHeard> = {},
): GroupHeard {
  return { type: 'heard', from, isBlocked: false, mayBegin: true, chatId: aGroup, callId, word, ...more };
}

/** 32 bytes that never come again. */
export function freshBytes(): Uint8Array {
  count += 1;
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}
