/**
 * Calls of a group as the app sees them: part of `api.ts`. Everybody in the call is connected with everybody else (a mesh), by
 * what `here` said of them; media frames are sealed once more, with keys that change whenever somebody comes or goes.
 */
import type { AccountId, Answer, ChatId, DeviceId, Millis } from './api.ts';
import type { CallId, CallKeys, CallMedia, CallSignal, ReceivedSignal } from './api-phone.ts';

/** One device in the call. */
export interface GroupCallMember {
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  /** As the reader calls them. */
  readonly name: string;
  /** This device. */
  readonly me: boolean;
  readonly media: CallMedia;
  /** Since when they raise their hand: in this order on all devices, but for what the network takes. */
  readonly hand?: Millis;
  readonly joinedAt: Millis;
  /** It used another certificate than it had announced: this device is not connected with it. */
  readonly tampered?: true;
}

/** A call that is on in a group, as far as this device hears. */
export interface GroupCallView {
  readonly callId: CallId;
  readonly chatId: ChatId;
  readonly title: string;
  readonly video: boolean;
  readonly startedAt: Millis;
  /** It was begun a moment ago by somebody else, and this user has neither joined nor dismissed it. */
  readonly ringing: boolean;
  /** Who rings. */
  readonly by: string;
  /** This device is in it, held by the tab of this name. */
  readonly holder?: string;
  /** Those who are in it, who came first first; this device too. */
  readonly members: readonly GroupCallMember[];
  /** No more may come. */
  readonly full: boolean;
}

/** A key that one member's frames are sealed with. */
export interface FrameKey {
  /** Counts up with every change; 0 to 255, then from 0 again. */
  readonly id: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** What the holder needs for the connection with one other device. */
export interface GroupWirePeer {
  readonly deviceId: DeviceId;
  readonly accountId: AccountId;
  /** Names what both devices are in the call since: under another name all between them begins anew, signals from 1. */
  readonly stay: string;
  /** This side makes the offers: the one with the smaller device id. */
  readonly offers: boolean;
  /** What their description must carry, 32 bytes; the engine has checked that it does. */
  readonly fingerprint: Uint8Array;
  readonly signals: readonly ReceivedSignal[];
  /** What opens their frames: the newest two they told. */
  readonly keys: readonly FrameKey[];
}

export interface GroupCallWire {
  readonly callId: CallId;
  readonly holder: string;
  /** What this device's frames are sealed with; another one when somebody came or went. */
  readonly key: FrameKey;
  readonly peers: readonly GroupWirePeer[];
}

/** Errors of these calls of the API, among the others. */
export type GroupCallError = { readonly type: 'CallFull'; readonly limit: number };

export const GROUP_CALL_LIMITS = {
  /** Devices in a call; cameras and screens that are shown at a time. */
  members: 8,
  pictures: 4,
  /** How long it rings; after how long a member who is not heard is gone. */
  ringMs: 30_000,
  goneMs: 15_000,
} as const;

export interface GroupCallCalls {
  /**
   * Begins a call in a group, or joins the one that is on. `holder`, `keys`: as of `startCall`. `NotAllowed`: none is on, and
   * this account may not write to the group.
   */
  joinGroupCall(input: {
    /** Of a new call; of the one that is on, its own. */
    callId: CallId;
    chatId: ChatId;
    video: boolean;
    holder: string;
    keys: CallKeys;
  }): Answer<{ callId: CallId }>;
  /** Harmless when it is over. */
  leaveGroupCall(input: { callId: CallId }): Answer<null>;
  /** It does not ring any more, here and on the user's other devices. */
  ignoreGroupCall(input: { callId: CallId }): Answer<null>;
  /** What of this device's is on, and whether the user raises the hand. */
  tellGroupCall(input: { callId: CallId; media: CallMedia; hand: boolean }): Answer<null>;
  sendGroupSignal(input: { callId: CallId; holder: string; to: DeviceId; signal: CallSignal }): Answer<null>;
  takeGroupSignals(input: { callId: CallId; holder: string; from: DeviceId; upTo: number }): Answer<null>;
  /** As `keepCall`. */
  keepGroupCall(input: { callId: CallId; holder: string }): Answer<null>;
}

export interface GroupCallWatches {
  /** Calls that are on in any group of this account, the newest first. */
  groupCalls: { readonly args: null; readonly value: readonly GroupCallView[] };
  /** Null: this tab holds none. */
  groupCallWire: { readonly args: { readonly holder: string }; readonly value: GroupCallWire | null };
}
