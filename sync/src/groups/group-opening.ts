/**
 * One group envelope, from sealed bytes to parts that are known to come from a member's device: which group, whose sender
 * key, its next message. Changes nothing but what it stages in the batch, and that only on success.
 */
import { openFromGroup, openGroupEnvelope } from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Opened } from '../inbox/opening.ts';
import { PAYLOAD_AD } from '../outbox/courier.ts';
import { decodePayload } from '../payload/payload.ts';
import { type Peers, devicesOf } from '../peers/peers.ts';
import type { Group, GroupBook, TheirSenderKey } from './group-book.ts';

export interface GroupOpeningOptions {
  readonly groups: GroupBook;
  readonly peers: Peers;
  readonly now: () => number;
}

export class GroupOpening {
  readonly #options: GroupOpeningOptions;

  constructor(options: GroupOpeningOptions) {
    this.#options = options;
  }

  /** Lane job's part: undefined when the envelope is of no group that is known here. */
  open(data: Uint8Array, batch: Batch): Opened | undefined {
    const { groups } = this.#options;
    for (const group of groups.all()) {
      const envelope = openGroupEnvelope(data, group.headerKey);
      if (!envelope.ok && envelope.error.type === 'NotForThisGroup') continue;
      if (!envelope.ok) return envelope.error.type === 'Forged' ? UNREADABLE : undefined;
      const theirs = groups.senderKey(envelope.value.keyId);
      // The key comes by another way, and may be slower.
      if (theirs?.groupId !== group.groupId) return { type: 'unknownKey', groupId: group.groupId };
      return this.#openAs(theirs, group, envelope.value.message, batch);
    }
    return undefined;
  }

  #openAs(theirs: TheirSenderKey, group: Group, message: Uint8Array, batch: Batch): Opened {
    const { groups, peers, now } = this.#options;
    const peer = peers.get(theirs.accountId, batch);
    const isActive = peer !== undefined && devicesOf(peer).some(({ id }) => id === theirs.deviceId);
    if (peer === undefined || !isActive) return { type: 'dropped', reason: 'RemovedDevice' };
    // Who was added may be known only later: by then what it wrote is asked for. Who was removed may not know it yet.
    if (!groups.wasMember(group.groupId, theirs.accountId)) return { type: 'dropped', reason: 'NotMember' };
    const opened = openFromGroup(theirs.key, { message, ad: PAYLOAD_AD, now: now() });
    if (!opened.ok)
      return opened.error.type === 'AlreadyOpened' ? { type: 'dropped', reason: 'AlreadyOpened' } : UNREADABLE;
    groups.putSenderKey(batch, { ...theirs, key: opened.value.next });
    const payload = decodePayload(opened.value.plaintext);
    if (!payload.ok) return UNREADABLE;
    const { deviceId } = theirs;
    return { type: 'parts', peer, deviceId, parts: payload.value.parts, logsToAsk: [] };
  }
}

const UNREADABLE = { type: 'dropped', reason: 'Unreadable' } as const;
