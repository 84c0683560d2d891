/**
 * The calls of groups as one device hears of them: plain data, never mutated. What happens to them is in `machine.ts`, what is
 * shown of them in `group-call-view.ts`. Times are milliseconds of this device's clock, but for `joinedAt`, which is of the
 * clock of whoever joined and names one stay of a device in a call.
 *
 *     a call     nobody said `here` ----> on (others in it, this device in it, or both) ----> nobody is in it: forgotten
 *     a device   not in it ---- `here` ----> in it ---- `left`, silent too long, no member any more ----> not in it
 */
import type { ChatId, DeviceId } from '@securechat/crypto';
import { type FrameKey, GROUP_CALL_LIMITS } from '../../api-group-call.ts';
import type { CallId, CallMedia } from '../../api-phone.ts';
import { NO_SIGNALS } from '../signal-rows.ts';
import type { Party, Signals } from '../state.ts';

/** A call that is on in a group. In each group there is one at a time. */
export interface GroupCall {
  readonly callId: CallId;
  readonly chatId: ChatId;
  /** It was begun with video. */
  readonly video: boolean;
  /** Since when it is on, by this device's clock. */
  readonly since: number;
  /** When it began, by the clock of who began it. */
  readonly startedAt: number;
  /** Whom it was first heard of from; this device, when it began it. */
  readonly by: Party;
  readonly ring: 'rings' | 'doubted' | 'silent';
  /** Who else is in it; who came first first. */
  readonly others: readonly Member[];
  /** This device is in it. */
  readonly mine?: Mine;
}

/** Another device that is in a call. */
export interface Member {
  readonly party: Party;
  readonly joinedAt: number;
  /** Since when it is heard here. */
  readonly since: number;
  readonly fingerprint: Uint8Array;
  readonly media: CallMedia;
  /** Since when their user raises the hand. */
  readonly hand?: number;
  /** This user blocked their account: they are shown, and nothing is said to them. */
  readonly isBlocked: boolean;
  /** What is between it and this device, if this one is in the call too. */
  readonly link?: Link;
}

/** Between this device and another one in the same call. */
export interface Link {
  readonly signals: Signals;
  /** The newest two keys that it told; the newer one last. */
  readonly keys: readonly FrameKey[];
  /** The newest of this device's keys that it said it has. */
  readonly has?: number;
  /** Its description was not what it had announced: nothing is said to it any more. */
  readonly isTampered: boolean;
}

export const NO_LINK: Link = {
  signals: NO_SIGNALS,
  keys: [],
  isTampered: false,
};

export interface Mine {
  /** The tab that holds the call. */
  readonly holder: string;
  readonly fingerprint: Uint8Array;
  readonly media: CallMedia;
  readonly hand?: number;
  readonly joinedAt: number;
  /** When this device came, by its clock. */
  readonly since: number;
  /** When it was last said that it is in it, and how often. */
  readonly saidAt: number;
  readonly said: number;
  /** What its frames are sealed with. */
  readonly key: FrameKey;
  /** What they will be sealed with, once everybody has it or has had the time to. */
  readonly next?: FrameKey;
  /** This device began it, and writes it down. */
  readonly began: boolean;
  /** Since when it is, or was, not alone in it. */
  readonly metAt?: number;
  /** When it was last stored. */
  readonly keptAt: number;
  /** Other ids under which its user may still know the call. */
  readonly was: readonly CallId[];
  /** Of devices that fell silent: they may be heard again in the same stay. */
  readonly silent: readonly Silent[];
}

export interface Silent {
  readonly device: DeviceId;
  readonly joinedAt: number;
  readonly link: Link;
}

/** A stay of a device in a call that is over. */
export interface Gone {
  readonly callId: CallId;
  readonly device: DeviceId;
  readonly joinedAt: number;
}

export interface GroupCallState {
  readonly calls: readonly GroupCall[];
  /** Stays that are over, oldest first: what is heard of one late brings nobody back. */
  readonly gone: readonly Gone[];
  /** Calls that rang here, or should not: none rings twice. Oldest first. */
  readonly rung: readonly CallId[];
  /** Calls that rang lately, and who began them. */
  readonly lately: readonly { readonly account: Party['account']; readonly at: number }[];
}

export const NO_GROUP_CALLS: GroupCallState = { calls: [], gone: [], rung: [], lately: [] };

export const GROUP_STATE_LIMITS = {
  gone: 256,
  rung: 256,
  quiet: 64,
  silent: 16,
  was: 16,
  /** New calls of one account that ring in `latelyMs`. */
  lately: 5,
  latelyMs: 60_000,
  latelyKept: 64,
} as const;

/** Calls that do not ring any more, whatever is heard of them. Of what rings, it is open whether the user wants it. */
export function quietCalls({ calls, rung }: GroupCallState): readonly CallId[] {
  const open = new Set(calls.filter(({ ring }) => ring !== 'silent').map(({ callId }) => callId));
  return rung.filter((callId) => !open.has(callId)).slice(-GROUP_STATE_LIMITS.quiet);
}

/** A call that this device is in. */
export type OwnCall = GroupCall & { readonly mine: Mine };

export function isOwn(call: GroupCall | undefined): call is OwnCall {
  return call?.mine !== undefined;
}

/** Nobody is in it. */
export function isOver({ others, mine }: GroupCall): boolean {
  return others.length === 0 && mine === undefined;
}

export function callIn(state: GroupCallState, chatId: ChatId): GroupCall | undefined {
  return state.calls.find((call) => call.chatId === chatId);
}

/** The call that this device is in; there is one at most. */
export function ownCall(state: GroupCallState): OwnCall | undefined {
  return state.calls.find(isOwn);
}

/** The call that this device is in, if its user knows it by this id. */
export function ownCallOf(state: GroupCallState, callId: CallId): OwnCall | undefined {
  const call = ownCall(state);
  return call?.callId === callId || call?.mine.was.includes(callId) === true ? call : undefined;
}

/** How many more devices may come. */
export function roomIn({ others, mine }: GroupCall): number {
  return GROUP_CALL_LIMITS.members - others.length - (mine === undefined ? 0 : 1);
}

/** Others that this device talks to. */
export function talkingTo(call: GroupCall): readonly Linked[] {
  return call.others.filter(isLinked).filter(({ link, isBlocked }) => !link.isTampered && !isBlocked);
}

export type Linked = Member & { readonly link: Link };

function isLinked(member: Member): member is Linked {
  return member.link !== undefined;
}
