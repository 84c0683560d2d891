/** What is shown of calls of groups, and what the tab that holds one works with. Made from the state alone. */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import type { GroupCallMember, GroupCallView, GroupCallWire, GroupWirePeer } from '../../api-group-call.ts';
import { type GroupCall, type GroupCallState, type Linked, type Mine, ownCall, roomIn, talkingTo } from './state.ts';

export interface Naming {
  /** As the reader calls them. */
  readonly nameOf: (account: AccountId) => string;
  readonly titleOf: (chatId: ChatId) => string;
  readonly me: { readonly account: AccountId; readonly device: DeviceId };
}

/** Newest first. */
export function groupCallViews({ calls }: GroupCallState, naming: Naming): readonly GroupCallView[] {
  return [...calls].sort((a, b) => b.since - a.since).map((call) => viewOf(call, naming));
}

function viewOf(call: GroupCall, naming: Naming): GroupCallView {
  const { callId, chatId, video, since: startedAt, by, ring, mine } = call;
  return {
    ...{ callId, chatId, title: naming.titleOf(chatId), video, startedAt },
    ...{ ringing: ring === 'rings', by: naming.nameOf(by.account) },
    ...(mine && { holder: mine.holder }),
    members: membersOf(call, naming),
    full: roomIn(call) <= 0,
  };
}

function membersOf({ others, mine }: GroupCall, { nameOf, me }: Naming): readonly GroupCallMember[] {
  const theirs = others.map(({ party, media, hand, since, link }): GroupCallMember => {
    const about = { accountId: party.account, deviceId: party.device, name: nameOf(party.account), me: false };
    const isTampered = link?.isTampered === true;
    return {
      ...about,
      media,
      joinedAt: since,
      ...(hand !== undefined && { hand }),
      ...(isTampered && { tampered: true }),
    };
  });
  if (mine === undefined) return theirs;
  const { media, hand, since: joinedAt } = mine;
  const about = { accountId: me.account, deviceId: me.device, name: nameOf(me.account), me: true };
  const self = { ...about, media, joinedAt, ...(hand !== undefined && { hand }) };
  const before = theirs.filter((other) => other.joinedAt < joinedAt);
  return [...before, self, ...theirs.slice(before.length)];
}

/** Null: this tab holds none. */
export function groupCallWireOf(state: GroupCallState, holder: string, device: DeviceId): GroupCallWire | null {
  const call = ownCall(state);
  if (call?.mine.holder !== holder) return null;
  const peers = talkingTo(call).map((member) => peerOf(member, call.mine, device));
  return { callId: call.callId, holder, key: call.mine.key, peers };
}

function peerOf(member: Linked, mine: Mine, device: DeviceId): GroupWirePeer {
  const { party, joinedAt, fingerprint, link } = member;
  return {
    ...{ deviceId: party.device, accountId: party.account, stay: `${String(mine.joinedAt)} ${String(joinedAt)}` },
    ...{ offers: device < party.device, fingerprint },
    ...{ signals: link.signals.waiting, keys: link.keys },
  };
}
