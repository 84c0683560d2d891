/** What is shown of the calls of this device, and what the tab that holds one works with. Made from the state alone. */
import type { AccountId } from '@securechat/crypto';
import type { CallMedia, CallPhase, CallView, CallWire } from '../api-phone.ts';
import { type Call, type PhoneState, holderOf } from './state.ts';

/** `nameOf`: as the reader calls them. Null: no call. */
export function callViewOf({ main, second }: PhoneState, nameOf: (account: AccountId) => string): CallView | null {
  if (main === undefined) return null;
  const { callId, chatId, peer, outgoing, video, since } = main;
  const holder = holderOf(main);
  return {
    ...{ callId, chatId, peer, name: nameOf(peer), outgoing, video, since, phase: phaseOf(main) },
    ...(main.phase === 'ended' && { end: main.end }),
    ...('answeredAt' in main && { answeredAt: main.answeredAt }),
    ...(holder !== undefined && { holder }),
    reached: main.phase === 'dialling' ? main.reached : main.phase !== 'ended',
    ...sidesOf(main),
    ...(second && {
      second: { callId: second.callId, chatId: second.chatId, name: nameOf(second.peer), video: second.video },
    }),
  };
}

function phaseOf(call: Call): CallPhase {
  switch (call.phase) {
    case 'dialling':
    case 'ringing':
      return 'ringing';
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
  if (call.phase === 'ringing' || call.phase === 'ended')
    return { held: { mine: false, theirs: false }, theirs: silent };
  const mine = call.mine.held;
  if (call.phase !== 'talking') return { held: { mine, theirs: false }, theirs: silent };
  const { held, media } = call.theirs;
  return { held: { mine, theirs: held }, theirs: media, comparison: call.comparison };
}

/** Null: this tab has nothing to connect. */
export function callWireOf({ main }: PhoneState, holder: string): CallWire | null {
  if (main?.phase !== 'talking' || main.mine.holder !== holder) return null;
  const { callId, outgoing: offers, theirs, signals } = main;
  return { callId, holder, offers, fingerprint: theirs.keys.fingerprint, signals: signals.waiting };
}
