/** Calls of the API about telephone calls. */
import { type ChatId, fromBase64Url, utf8 } from '@securechat/crypto';
import { type CallInput, type ClientError, PHONE_LIMITS, type PhoneCalls, type Result } from '../api.ts';
import type { Engine } from '../engine.ts';
import { PHONE_PART_LIMITS, type PhoneKeys, SIGNAL_TYPES } from '../payload/phone-parts.ts';
import { devicesOf } from '../peers/peers.ts';
import type { PhoneEvent } from '../telephony/events.ts';
import { type Handlers, done, refused } from './answers.ts';

const CALL_ID_BYTES = 16;
const KEY_BYTES = 32;
const HOLDER_UNITS = 64;

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
    declineCall: ({ callId }) => wish({ type: 'decline', callId }),
    hangUp: ({ callId }) => wish({ type: 'hangUp', callId }),
    dismissCall: ({ callId }) => wish({ type: 'dismiss', callId }),
    holdCall: ({ callId, held }) => wish({ type: 'hold', callId, held }),
    tellCallMedia: ({ callId, media }) => wish({ type: 'media', callId, media }),
    async sendSignal({ callId, holder, signal: { type, payload } }) {
      const isLong = payload.length > PHONE_LIMITS.signal || utf8(payload).length > PHONE_PART_LIMITS.signal;
      if (isLong || !SIGNAL_TYPES.includes(type)) return refused({ type: 'SignalInvalid' });
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
  if (fromBase64Url(callId)?.length !== CALL_ID_BYTES) return refused({ type: 'UnknownCall' });
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
  return fingerprint.length === KEY_BYTES ? { fingerprint, nonce: random(KEY_BYTES) } : undefined;
}

function isHolder(holder: string): boolean {
  return holder.length > 0 && holder.length <= HOLDER_UNITS;
}
