/** Calls of the API about calls of groups. */
import type { ChatId, DeviceId } from '@securechat/crypto';
import type { CallInput, ClientError, GroupCallCalls, Result } from '../api.ts';
import type { Engine } from '../engine.ts';
import type { GroupWish } from '../telephony/group/group-telephony.ts';
import { type Handlers, done, refused } from './answers.ts';
import { isCallId, isFingerprint, isHolder, isSendable } from './phone-input.ts';

type Answered<T> = Promise<Result<T, ClientError>>;

export function groupCallCalls(engine: Engine): Handlers<keyof GroupCallCalls> {
  const wish = (event: GroupWish): Answered<null> => ask(engine, event);
  return {
    joinGroupCall: (input) => join(engine, input),
    leaveGroupCall: ({ callId }) => wish({ type: 'leave', callId }),
    ignoreGroupCall: ({ callId }) => wish({ type: 'ignore', callId }),
    tellGroupCall: ({ callId, media, hand }) => wish({ type: 'media', callId, media, hand }),
    async sendGroupSignal({ callId, holder, to, signal: { type, payload } }) {
      if (!isSendable({ type, payload })) return refused({ type: 'SignalInvalid' });
      return wish({ type: 'send', callId, holder, to: to as DeviceId, signal: { type, payload } });
    },
    takeGroupSignals: ({ callId, holder, from, upTo }) =>
      wish({ type: 'take', callId, holder, from: from as DeviceId, upTo }),
    keepGroupCall: ({ callId, holder }) => wish({ type: 'keep', callId, holder }),
  };
}

async function ask({ lane, groupTelephony }: Engine, event: GroupWish): Answered<null> {
  const { error } = await lane.run(() => groupTelephony.wish(event));
  return error === undefined ? done(null) : refused(error);
}

async function join(engine: Engine, input: CallInput<'joinGroupCall'>): Answered<{ callId: string }> {
  const { callId, chatId, video, holder, keys } = input;
  const { chats, groups, groupTelephony, lane } = engine;
  if (!isCallId(callId)) return refused({ type: 'UnknownCall' });
  if (!isFingerprint(keys.fingerprint) || !isHolder(holder)) return refused({ type: 'SignalInvalid' });
  const chat = chats.get(chatId as ChatId);
  if (chat?.with.type !== 'group' || chat.with.part !== 'talk' || !groups.isMine(chat.with.groupId))
    return refused({ type: 'NotCallable' });
  const { groupId } = chat.with;
  const mayBegin = groups.refusalToWrite(groupId) === undefined;
  const about = { callId, chatId: groupId, video, holder, fingerprint: keys.fingerprint, mayBegin };
  const joined = await lane.run(() => groupTelephony.wish({ type: 'join', ...about }));
  if (joined.error !== undefined) return refused(joined.error);
  return done({ callId: joined.callId ?? callId });
}
