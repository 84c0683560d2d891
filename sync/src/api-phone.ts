/**
 * Voice and video calls as the app sees them: part of `api.ts`. "Call" alone means a telephone call here; what `api.ts` calls a
 * call is spelled "call of the API".
 *
 * The engine rings, answers, keeps the state and carries signals; the tab whose user pressed the button holds microphone and
 * connection (WebRTC exists in windows only): the *holder*. Other tabs show what is going on.
 */
import type { AccountId, Answer, ChatId, Millis, RecordId } from './api.ts';

/** 22 characters of base64url, made by the tab that calls. */
export type CallId = string;

/** What makes both sides' connection the one that both users mean; see S-PHONE, short authentication string. */
export interface CallKeys {
  /** SHA-256 of the DTLS certificate that this tab will use, 32 bytes. */
  readonly fingerprint: Uint8Array;
}

/**
 * ringing: the other side's devices are (outgoing), or this one is (incoming). connecting: somebody answered, media are not
 * there yet. active: they are. reconnecting: they were.
 */
export type CallPhase = 'ringing' | 'connecting' | 'active' | 'reconnecting' | 'ended';

/**
 * hungUp: by either side once it was answered. cancelled: by the caller before. declined, busy, missed (nobody answered in
 * time). elsewhere: another own device answered or declined. failed: no connection came about, or it did not come back.
 * tampered: what came was not what the other side's sealed words announced. unreachable: no device of theirs is known, or
 * this device is off line. lost: the tab that held the call was closed. moved: it goes on at another own device.
 */
export type CallEnd =
  | 'hungUp'
  | 'cancelled'
  | 'declined'
  | 'busy'
  | 'missed'
  | 'elsewhere'
  | 'failed'
  | 'tampered'
  | 'unreachable'
  | 'lost'
  | 'moved';

/** The call that this device is in, rings for, or was in a moment ago (`ended` is shown until `dismissCall`, or for ten seconds). */
export interface CallView {
  readonly callId: CallId;
  readonly chatId: ChatId;
  readonly peer: AccountId;
  /** As the reader calls them. */
  readonly name: string;
  readonly outgoing: boolean;
  /** It was begun with video. */
  readonly video: boolean;
  readonly phase: CallPhase;
  readonly end?: CallEnd;
  /** Of the own device that has it now, when it has `moved`; empty: it has none. */
  readonly movedTo?: string;
  /** Since when it rings; since when it is answered. */
  readonly since: Millis;
  readonly answeredAt?: Millis;
  /** The tab that holds it, by the name it gave in `startCall` or `answerCall`; absent while an incoming one rings. */
  readonly holder?: string;
  /** Their side rings: a device of theirs was reached. */
  readonly reached: boolean;
  /** Either side pressed hold. */
  readonly held: { readonly mine: boolean; readonly theirs: boolean };
  /** What of theirs is on, as they say. */
  readonly theirs: CallMedia;
  /** Four emoji, equal on both sides unless somebody is in between. Absent until both sides' keys are known. */
  readonly comparison?: readonly string[];
  /** A second one rings meanwhile: it may be declined, or answered, which ends this one. */
  readonly second?: {
    readonly callId: CallId;
    readonly chatId: ChatId;
    readonly name: string;
    readonly video: boolean;
  };
  /**
   * The other side's user moves the call to another device of theirs. Without `holder` the tab that holds this call answers it by
   * itself (`answerCall`, as another holder), and keeps both until this view is the other call's, or `moving` is gone.
   */
  readonly moving?: { readonly callId: CallId; readonly holder?: string };
}

/** A call that the user talks in on another own device. */
export interface CallElsewhere {
  readonly callId: CallId;
  readonly chatId: ChatId;
  readonly peer: AccountId;
  /** As the reader calls them. */
  readonly name: string;
  /** Of the own device; empty: it has none. */
  readonly deviceName: string;
  readonly video: boolean;
  readonly answeredAt: Millis;
  /** What of the user's is on there: it is to be on here as well when the call comes here. */
  readonly media: { readonly microphone: boolean; readonly camera: boolean };
}

export interface CallMedia {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
}

/** One piece of what WebRTC's two ends tell each other. JSON; opaque to the engine but for the fingerprint in a description. */
export interface CallSignal {
  readonly type: 'OFFER' | 'ANSWER' | 'CANDIDATE' | 'LEAVE';
  /** Of JSON, at most `PHONE_LIMITS.signal` UTF-16 units. */
  readonly payload: string;
}

/** What came for the holder's connection, in order; `n` counts from 1 and never repeats within a call. */
export interface ReceivedSignal extends CallSignal {
  readonly n: number;
}

/** What the holder needs to build its connection. Null unless this tab's call is being connected or is on. */
export interface CallWire {
  readonly callId: CallId;
  readonly holder: string;
  /** The side that makes the offers: the caller, or whoever moved the call. */
  readonly offers: boolean;
  /** What the other side's description must carry, 32 bytes; the engine has checked that it does. */
  readonly fingerprint: Uint8Array;
  /** What came and was not taken yet (`takeSignals`), at most `PHONE_LIMITS.signals`. */
  readonly signals: readonly ReceivedSignal[];
}

/** Servers that help to connect, from the relay; empty where none is configured. */
export interface IceServers {
  readonly servers: readonly {
    readonly urls: readonly string[];
    readonly username: string;
    readonly credential: string;
  }[];
  readonly expiresAt: Millis;
}

export type CallOutcome = 'answered' | 'missed' | 'declined' | 'busy' | 'cancelled' | 'failed';

/** One call that is over, from the chat's documents: on all own devices. */
export interface CallEntry {
  /** Of its record: no other entry has it, whatever callers claim. */
  readonly id: RecordId;
  readonly callId: CallId;
  readonly chatId: ChatId;
  /** The contact; absent: a call of a group. */
  readonly peer?: AccountId;
  /** The contact's as the reader calls them, or the group's. */
  readonly name: string;
  /** In a group, of somebody else's: who began it. */
  readonly by?: string;
  /** This account called, or began it. */
  readonly outgoing: boolean;
  readonly video: boolean;
  readonly outcome: CallOutcome;
  readonly time: Millis;
  /** How long it was on; 0 unless `answered`. */
  readonly seconds: number;
}

/** A call as a line in its chat. */
export interface CallEvent {
  readonly type: 'Call';
  readonly by: AccountId;
  readonly callId: CallId;
  readonly video: boolean;
  readonly outcome: CallOutcome;
  readonly seconds: number;
  /** As the reader calls them; set when shown. */
  readonly names?: { readonly by: string; readonly byMe: boolean };
}

/** Errors of these calls of the API, among the others. */
export type PhoneError =
  /** It is over, or not of this tab. */
  | { readonly type: 'UnknownCall' }
  /** This device is in a call already. */
  | { readonly type: 'InCall' }
  /** Not a chat of two with a contact who agreed to talk. */
  | { readonly type: 'NotCallable' }
  | { readonly type: 'SignalInvalid' };

export const PHONE_LIMITS = {
  /** UTF-16 units of one signal's payload; signals that wait for a holder; calls in the list. */
  signal: 24 * 1024,
  signals: 128,
  entries: 200,
  /** How long it rings; how long connecting, or coming back, may take. */
  ringMs: 45_000,
  connectMs: 30_000,
  reconnectMs: 60_000,
  /** How long the other side's device may take to answer one that the call is moved to. */
  moveMs: 15_000,
} as const;

export interface PhoneCalls {
  /** Calls the contact of a chat. `holder`: 1 to 64 characters, the tab's own name. */
  startCall(input: { callId: CallId; chatId: ChatId; video: boolean; holder: string; keys: CallKeys }): Answer<null>;
  answerCall(input: { callId: CallId; holder: string; keys: CallKeys }): Answer<null>;
  declineCall(input: { callId: CallId }): Answer<null>;
  /** Takes the call over from another own device (`callElsewhere`): `from` is its id there, `callId` a new one. */
  moveCall(input: { callId: CallId; from: CallId; holder: string; keys: CallKeys }): Answer<null>;
  /** Ends it at any time; harmless when it is over. */
  hangUp(input: { callId: CallId }): Answer<null>;
  /** Takes an ended call from the screen. */
  dismissCall(input: { callId: CallId }): Answer<null>;
  holdCall(input: { callId: CallId; held: boolean }): Answer<null>;
  /** What of the holder's is on: the other side shows it. */
  tellCallMedia(input: { callId: CallId; media: CallMedia }): Answer<null>;
  /** The holder's connection says something to the other side's. */
  sendSignal(input: { callId: CallId; holder: string; signal: CallSignal }): Answer<null>;
  /** The holder has used what came, up to and including `n`. */
  takeSignals(input: { callId: CallId; holder: string; upTo: number }): Answer<null>;
  /** How the holder's connection is. */
  reportConnection(input: { callId: CallId; holder: string; state: 'connected' | 'lost' | 'failed' }): Answer<null>;
  /** The holder is still there: at least every ten seconds, or the call is `lost`. */
  keepCall(input: { callId: CallId; holder: string }): Answer<null>;
  /** Short-lived credentials, kept until they expire; empty off line or where the relay has none. */
  iceServers(): Answer<IceServers>;
}

export interface PhoneWatches {
  /** Null: none. */
  call: { readonly args: null; readonly value: CallView | null };
  callWire: { readonly args: { readonly holder: string }; readonly value: CallWire | null };
  /** A call on another own device; null: none is known of. */
  callElsewhere: { readonly args: null; readonly value: CallElsewhere | null };
  /** Newest first, over all chats. */
  callList: { readonly args: null; readonly value: readonly CallEntry[] };
}
