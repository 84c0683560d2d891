/** What is shown of the calls of this device, and what the tab that holds one works with. Made from the state alone. */
import type { AccountId, DeviceId } from '@securechat/crypto';
import type { CallElsewhere, CallMedia, CallPhase, CallView, CallWire } from '../api-phone.ts';
import { type Call, type Ended, type PhoneState, holderOf, isOurs } from './state.ts';

export interface Names {
  /** Of an account, as the reader calls it. */
  readonly nameOf: (account: AccountId) => string;
  /** Of an own device; empty: it has none. */
  readonly deviceNameOf: (device: DeviceId) => string;
}

/** Null: no call. */
export function callViewOf({ main, second, handover }: PhoneState, names: Names): CallView | null {
  if (main === undefined) return null;
  const { nameOf } = names;
  const { callId, chatId, peer, video, origin } = main;
  const { since, answeredAt } = { answeredAt: undefined, ...main, ...origin };
  const holder = holderOf(main);
  return {
    ...{ callId, chatId, peer, name: nameOf(peer), outgoing: isOurs(main), video, since, phase: phaseOf(main) },
    ...(main.phase === 'ended' && endOf(main, names)),
    ...(answeredAt !== undefined && { answeredAt }),
    ...(holder !== undefined && { holder }),
    reached: main.phase === 'dialling' ? main.reached : main.phase !== 'ended',
    ...sidesOf(main),
    ...(second && {
      second: { callId: second.callId, chatId: second.chatId, name: nameOf(second.peer), video: second.video },
    }),
    ...(handover && {
      moving: { callId: handover.callId, ...('mine' in handover && { holder: handover.mine.holder }) },
    }),
  };
}

function endOf({ end, movedTo }: Ended, { deviceNameOf }: Names): Pick<CallView, 'end' | 'movedTo'> {
  return { end, ...(movedTo !== undefined && { movedTo: deviceNameOf(movedTo) }) };
}

/** Null: the user is in no call on another own device, as far as is known. */
export function callElsewhereOf({ elsewhere }: PhoneState, { nameOf, deviceNameOf }: Names): CallElsewhere | null {
  if (elsewhere === undefined) return null;
  const { callId, chatId, peer, video, media, on, origin } = elsewhere;
  const about = { callId, chatId, peer, video, media, answeredAt: origin.answeredAt };
  return { ...about, name: nameOf(peer), deviceName: deviceNameOf(on) };
}

function phaseOf(call: Call): CallPhase {
  switch (call.phase) {
    case 'dialling':
    case 'ringing':
      return 'ringing';
    case 'moving':
    case 'asked':
    case 'accepting':
      return 'connecting';
    case 'talking':
      return call.line;
    case 'ended':
      return 'ended';
  }
}

function sidesOf(call: Call): Pick<CallView, 'held' | 'theirs' | 'comparison'> {
  const silent: CallMedia = { microphone: true, camera: call.video, screen: false };
  if (call.phase === 'ringing' || call.phase === 'asked' || call.phase === 'ended')
    return { held: { mine: false, theirs: false }, theirs: silent };
  const mine = call.mine.held;
  if (call.phase !== 'talking') return { held: { mine, theirs: false }, theirs: silent };
  const { held, media } = call.theirs;
  return { held: { mine, theirs: held }, theirs: media, comparison: call.comparison };
}

/** Null: this tab has nothing to connect. */
export function callWireOf({ main, handover }: PhoneState, holder: string): CallWire | null {
  const call = [main, handover].find((each) => each?.phase === 'talking' && each.mine.holder === holder);
  if (call?.phase !== 'talking') return null;
  const { callId, outgoing: offers, theirs, signals } = call;
  return { callId, holder, offers, fingerprint: theirs.keys.fingerprint, signals: signals.waiting };
}
