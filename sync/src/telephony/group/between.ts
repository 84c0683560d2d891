/** What two devices in the same call say to each other: signals of their connection, and what of the other's they have. */
import type { GroupCallWord, Stays } from '../../payload/group-call-parts.ts';
import { isAnnounced } from '../description.ts';
import type { GroupCallEvent, GroupHeard, GroupStep } from './events.ts';
import { hearKey, lacking, renewKey, tellKeys, withTheirs } from './frame-keys.ts';
import type { GroupTurn } from './group-turn.ts';
import { type Pair, acknowledge, stays, withMember } from './pair.ts';
import { addSignal, isNext, onTheirWay, withNext, withReceived, withTaken } from '../signal-rows.ts';
import { type OwnCall, ownCall, talkingTo } from './state.ts';

type PairWord = Extract<GroupCallWord, { readonly stays: Stays }>;

/** Another device says something to this one. Only what is said between their present stays in the same call counts. */
export function hearBetween(turn: GroupTurn, { from, chatId, callId }: GroupHeard, word: PairWord): void {
  const call = ownCall(turn.state);
  if (call?.callId !== callId || call.chatId !== chatId) return;
  const member = talkingTo(call).find(({ party }) => party.device === from.device && party.account === from.account);
  if (member === undefined || member.joinedAt !== word.stays.mine || call.mine.joinedAt !== word.stays.yours) return;
  switch (word.type) {
    case 'key':
      hearKey(turn, { call, member }, word);
      return;
    case 'signal':
      hearSignal(turn, { call, member }, word);
      return;
    case 'got':
      hearGot(turn, { call, member }, word);
      return;
  }
}

function hearSignal(turn: GroupTurn, { call, member }: Pair, item: Extract<PairWord, { type: 'signal' }>): void {
  const { link } = member;
  if (!isNext(link.signals, item.seq)) {
    if (item.seq <= link.signals.received) acknowledge(turn, { call, member });
    return;
  }
  if (!isAnnounced(item.signal, member.fingerprint)) {
    mistrust(turn, { call, member });
    return;
  }
  acknowledge(turn, { call, member: { ...member, link: { ...link, signals: withNext(link.signals, item) } } });
}

/** It uses another certificate than it announced: it is not connected, and gets no key from now on. */
function mistrust(turn: GroupTurn, { call, member }: Pair): void {
  const signals = { ...member.link.signals, unacked: [], waiting: [] };
  renewKey(turn, withMember(call, { ...member, link: { ...member.link, signals, keys: [], isTampered: true } }));
}

function hearGot(turn: GroupTurn, { call, member }: Pair, { received, key }: Extract<PairWord, { type: 'got' }>): void {
  const { signals, news } = withReceived(member.link.signals, received);
  turn.put(withMember(call, { ...member, link: withTheirs({ ...member.link, signals }, key, call) }));
  for (const item of news) turn.tell(call, member, { type: 'signal', stays: stays(call, member), ...item });
}

/** The holder's connection with another device says something. */
export function send(turn: GroupTurn, event: Extract<GroupCallEvent, { type: 'send' }>): GroupStep {
  const pair = pairOf(turn, event, event.to);
  if (pair === undefined) return turn.refuse({ type: 'UnknownCall' });
  const { call, member } = pair;
  const added = addSignal(member.link.signals, event.signal);
  if (added === undefined || !isAnnounced(event.signal, call.mine.fingerprint))
    return turn.refuse({ type: 'SignalInvalid' });
  turn.put(withMember(call, { ...member, link: { ...member.link, signals: added.signals } }));
  if (added.isNow) turn.tell(call, member, { type: 'signal', stays: stays(call, member), ...added.item });
  return turn.step;
}

/** The holder has used what came of another device. */
export function take(turn: GroupTurn, event: Extract<GroupCallEvent, { type: 'take' }>): GroupStep {
  const pair = pairOf(turn, event, event.from);
  if (pair === undefined) return turn.refuse({ type: 'UnknownCall' });
  const { call, member } = pair;
  const signals = withTaken(member.link.signals, event.upTo);
  turn.put(withMember(call, { ...member, link: { ...member.link, signals } }));
  return turn.step;
}

function pairOf(
  turn: GroupTurn,
  { callId, holder }: { readonly callId: string; readonly holder: string },
  device: string,
): Pair | undefined {
  const call = ownCall(turn.state);
  if (call?.callId !== callId || call.mine.holder !== holder) return undefined;
  const member = talkingTo(call).find(({ party }) => party.device === device);
  return member && { call, member };
}

/** Says again what nobody acknowledged. */
export function sayAgain(turn: GroupTurn, call: OwnCall): void {
  for (const member of talkingTo(call))
    for (const item of onTheirWay(member.link.signals))
      turn.tell(call, member, { type: 'signal', stays: stays(call, member), ...item });
  tellKeys(turn, call);
}

/** Whether there is something that nobody acknowledged. */
export function isUnheard(call: OwnCall): boolean {
  return lacking(call).length > 0 || talkingTo(call).some(({ link }) => link.signals.unacked.length > 0);
}
