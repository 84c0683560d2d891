/** What devices say to each other about a telephone call (SPEC, "Calls"), and its caps. */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import { type CallId, type CallMedia, type CallSignal, PHONE_LIMITS } from '../api-phone.ts';

/** One word about one call, in the chat of its two accounts. */
export interface PhonePart {
  readonly type: 'phone';
  readonly chatId: ChatId;
  readonly callId: CallId;
  readonly word: PhoneWord;
}

export type PhoneWord =
  /** To every device of the callee, again and again while it rings: who calls commits to fingerprint and nonce. */
  | { readonly type: 'ring'; readonly video: boolean; readonly startedAt: number; readonly commitment: Uint8Array }
  /** Back to the caller's device: this one rings. */
  | { readonly type: 'ringing' }
  /** To the caller's device, until it answers with `reveal`. */
  | ({ readonly type: 'accept' } & PhoneKeys)
  /** To every device of the callee: this one talks, the others fall silent. Also between own devices. */
  | { readonly type: 'taken'; readonly deviceId: DeviceId }
  /** To the device that accepted: what the caller had committed to. */
  | ({ readonly type: 'reveal' } & PhoneKeys)
  /** To the caller's device, and to own devices. */
  | { readonly type: 'decline' }
  | { readonly type: 'busy' }
  | { readonly type: 'end'; readonly reason: PhoneReason }
  /** What one holder's connection says to the other's; `seq` counts from 1. */
  | { readonly type: 'signal'; readonly seq: number; readonly signal: CallSignal }
  /** How it is here; `received` is the last signal of an unbroken row. */
  | { readonly type: 'status'; readonly received: number; readonly held: boolean; readonly media: CallMedia }
  /** To the device at the other end of an own device's call, and to that own device: this one wants to go on with it. */
  | { readonly type: 'move'; readonly replaces: CallId; readonly commitment: Uint8Array }
  /** To own devices, while this one talks. */
  | ({ readonly type: 'here' } & TalkNote);

/** What an own device has to know of a call to go on with it. Ages are in milliseconds: clocks differ. */
export interface TalkNote {
  readonly peer: AccountId;
  /** The device at the other end. */
  readonly deviceId: DeviceId;
  /** The id that the call began with: it may have moved since. */
  readonly first: CallId;
  /** This account called. */
  readonly outgoing: boolean;
  /** It was begun with video. */
  readonly video: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** How long ago it began to ring, was answered, and was connected. */
  readonly rang: number;
  readonly answered: number;
  readonly connected: number;
}

/** Of one side: the DTLS certificate's SHA-256, and what nobody can guess. 32 bytes each. */
export interface PhoneKeys {
  readonly fingerprint: Uint8Array;
  readonly nonce: Uint8Array;
}

/**
 * Why it ended, as who ends it says. `glare`: both called, or both move it, and the other one is kept. `moved`: it goes on with
 * another device of whom it is said to.
 */
export type PhoneReason = (typeof PHONE_REASONS)[number];

/** By their number on the wire. */
export const PHONE_REASONS = [
  'hungUp',
  'cancelled',
  'declined',
  'busy',
  'missed',
  'failed',
  'tampered',
  'lost',
  'glare',
  'moved',
] as const;

export const SIGNAL_TYPES = ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE'] as const satisfies readonly CallSignal['type'][];

/** Caps beside those of `PAYLOAD_LIMITS`; `signal` is in bytes of UTF-8. */
export const PHONE_PART_LIMITS = { signal: PHONE_LIMITS.signal } as const;

export const PHONE_TAG = 23;

export const PHONE_WORDS = {
  ring: 1,
  ringing: 2,
  accept: 3,
  taken: 4,
  reveal: 5,
  decline: 6,
  busy: 7,
  end: 8,
  signal: 9,
  status: 10,
  move: 11,
  here: 12,
} as const satisfies Readonly<Record<PhoneWord['type'], number>>;

export function isPhonePart(part: { readonly type: string }): part is PhonePart {
  return part.type === 'phone';
}
