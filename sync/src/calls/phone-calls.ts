/** Calls of the API about telephone calls. */
import type { ChatId } from '@securechat/crypto';
import type { CallInput, ClientError, PhoneCalls, Result } from '../api.ts';
import type { Engine } from '../engine.ts';
import type { PhoneKeys } from '../payload/phone-parts.ts';
import { devicesOf } from '../peers/peers.ts';
import type { PhoneEvent } from '../telephony/events.ts';
import { type Handlers, done, refused } from './answers.ts';
import { isCallId, isFingerprint, isHolder, isSendable } from './phone-input.ts';

const NONCE_BYTES = 32;

type Answered = Promise<Result<null, ClientError>>;
type Wish = Exclude<PhoneEvent, { readonly type: 'heard' | 'timer' | 'left' }>;

export function phoneCalls(engine: Engine): Handlers<Exclude<keyof PhoneCalls, 'iceServers'>> {
  const wish = (event: Wish): Answered => ask(engine, event);
  return {
    startCall: (input) => start(engine, input),
    async answerCall({ callId, holder, keys }) {
      const mine = newKeys(engine, keys.fingerprint);
      if (mine === undefined || !isHolder(holder)) return refused({ type: 'SignalInvalid' });
      return wish({ type: 'answer', callId, holder, keys: mine });
    },
    async moveCall({ callId, from, holder, keys }) {
      const mine = newKeys(engine, keys.fingerprint);
      if (!isCallId(callId)) return refused({ type: 'UnknownCall' });
      if (mine === undefined || !isHolder(holder)) return refused({ type: 'SignalInvalid' });
      return wish({ type: 'move', callId, from, holder, keys: mine });
    },
    declineCall: ({ callId }) => wish({ type: 'decline', callId }),
    hangUp: ({ callId }) => wish({ type: 'hangUp', callId }),
    dismissCall: ({ callId }) => wish({ type: 'dismiss', callId }),
    holdCall: ({ callId, held }) => wish({ type: 'hold', callId, held }),
    tellCallMedia: ({ callId, media }) => wish({ type: 'media', callId, media }),
    async sendSignal({ callId, holder, signal: { type, payload } }) {
      if (!isSendable({ type, payload })) return refused({ type: 'SignalInvalid' });
      return wish({ type: 'send', callId, holder, signal: { type, payload } });
    },
    takeSignals: ({ callId, holder, upTo }) => wish({ type: 'take', callId, holder, upTo }),
    reportConnection: ({ callId, holder, state }) => wish({ type: 'report', callId, holder, state }),
    keepCall: ({ callId, holder }) => wish({ type: 'keep', callId, holder }),
  };
}

async function ask({ lane, telephony }: Engine, event: Wish): Answered {
  const error = await lane.run(() => telephony.wish(event));
  return error === undefined ? done(null) : refused(error);
}

async function start(engine: Engine, input: CallInput<'startCall'>): Answered {
  const { callId, chatId, video, holder } = input;
  const { chats, people, peers } = engine;
  if (!isCallId(callId)) return refused({ type: 'UnknownCall' });
  const keys = newKeys(engine, input.keys.fingerprint);
  if (keys === undefined || !isHolder(holder)) return refused({ type: 'SignalInvalid' });
  const chat = chats.get(chatId as ChatId);
  if (chat?.with.type !== 'contact' || people.stateOf(chat.with.peer) !== 'accepted')
    return refused({ type: 'NotCallable' });
  const known = peers.get(chat.with.peer);
  const isReachable = engine.isOnline && known !== undefined && devicesOf(known).length > 0;
  const about = { callId, chatId: chat.chatId, peer: chat.with.peer, video, holder, keys };
  return ask(engine, { type: 'start', ...about, isReachable });
}

/** With what nobody can guess before it is said. */
function newKeys({ random }: Engine, fingerprint: Uint8Array): PhoneKeys | undefined {
  return isFingerprint(fingerprint) ? { fingerprint, nonce: random(NONCE_BYTES) } : undefined;
}
