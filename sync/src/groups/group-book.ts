/**
 * The groups of this device: what each is governed by, who is in it, and the sender keys of its devices. A group is two
 * chats: `root` holds the acts, all of which every member has from the founding on; `talk` what is said. Acts are kept in
 * rows of their own beside the documents, so that who is a member is known before any document is opened.
 */
import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type GroupSecret,
  type Public,
  type ReceivedSenderKey,
  type Secret,
  type SenderKey,
  type SenderKeyId,
  decodeReceivedSenderKey,
  decodeSenderKey,
  encodeReceivedSenderKey,
  encodeSenderKey,
  groupChatId,
  groupHeaderKey,
  toBase64Url,
  toGroupSecret,
  verifyInvite,
} from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import { type GroupAct, type GroupState, Governance } from '../governance/index.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { type VerifiedRecord, actIdOf } from '../records/index.ts';
import { pack, unpack } from '../values.ts';

/** What a device of ours seals with in one group, and which devices can open that. */
export interface OwnSenderKey {
  readonly key: SenderKey;
  readonly told: ReadonlySet<DeviceId>;
}

/** Another device's sender key, and whose it is. */
export interface TheirSenderKey {
  readonly groupId: ChatId;
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly key: ReceivedSenderKey;
}

/** One group in memory. */
export interface Group {
  readonly groupId: ChatId;
  readonly secret: GroupSecret;
  readonly headerKey: Secret<'GroupHeader'>;
  /** The account that told us of it: believed about it until the acts say who is a member. */
  readonly sponsor: AccountId;
  own: OwnSenderKey | undefined;
}

interface GroupRow {
  readonly groupId: ChatId;
  readonly secret: Uint8Array;
  readonly sponsor: AccountId;
  readonly own?: { readonly key: Uint8Array; readonly told: readonly DeviceId[] };
}

interface SenderKeyRow extends Omit<TheirSenderKey, 'key'> {
  readonly key: Uint8Array;
}

/** Sender keys kept of one device in one group: the present one, and some whose messages may still be under way. */
const KEYS_OF_DEVICE = 4;

export class GroupBook {
  readonly #store: Store;
  readonly #groups = new Map<ChatId, Group>();
  readonly #governance = new Map<ChatId, Governance>();
  readonly #senderKeys = new Map<SenderKeyId, TheirSenderKey>();

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#store.range('meta', GROUP_ROWS)) {
      const row = unpack<GroupRow>(value);
      const secret = toGroupSecret(row.secret);
      const own = row.own && decodeSenderKey(row.own.key);
      if (secret === undefined) continue;
      const group = this.#make(row.groupId, secret, row.sponsor);
      // A key that cannot be read is replaced by a new one, which everybody is told.
      if (own?.ok === true && row.own !== undefined) group.own = { key: own.value, told: new Set(row.own.told) };
    }
    for (const { value } of await this.#store.range('meta', ACT_ROWS)) {
      const { groupId, ...act } = unpack<GroupAct & { groupId: ChatId }>(value);
      this.#governance.get(groupId)?.add([act]);
    }
    for (const { value } of await this.#store.range('meta', KEY_ROWS)) {
      const row = unpack<SenderKeyRow>(value);
      const key = decodeReceivedSenderKey(row.key);
      if (key.ok) this.#senderKeys.set(key.value.keyId, { ...row, key: key.value });
    }
  }

  get(groupId: ChatId): Group | undefined {
    return this.#groups.get(groupId);
  }

  all(): IterableIterator<Group> {
    return this.#groups.values();
  }

  /** What the acts that are here make of a group; undefined for one that is not known. */
  stateOf(groupId: ChatId): GroupState | undefined {
    return this.#governance.get(groupId)?.state;
  }

  governanceOf(groupId: ChatId): Governance | undefined {
    return this.#governance.get(groupId);
  }

  isMember(groupId: ChatId, accountId: AccountId): boolean {
    return this.stateOf(groupId)?.members.has(accountId) ?? false;
  }

  /** Notes a group that is new here. */
  add(batch: Batch, groupId: ChatId, secret: GroupSecret, sponsor: AccountId): Group {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    const group = this.#make(groupId, secret, sponsor);
    batch.undo(() => {
      this.#groups.delete(groupId);
      this.#governance.delete(groupId);
    });
    this.#save(batch, group);
    return group;
  }

  /** Takes in acts of a group's root; answers whether the state may be another. */
  takeActs(batch: Batch, groupId: ChatId, records: readonly VerifiedRecord[], ownerOf: OwnerOf): boolean {
    const governance = this.#governance.get(groupId);
    if (governance === undefined) return false;
    const acts = records.flatMap((record) => actOf(record, ownerOf));
    for (const act of acts) batch.put('meta', storeKey('act', groupId, act.id), pack({ groupId, ...act }));
    return governance.add(acts);
  }

  /** What our device seals with from now on, and who can open it. */
  setOwn(batch: Batch, group: Group, own: OwnSenderKey | undefined): void {
    const before = group.own;
    group.own = own;
    batch.undo(() => {
      group.own = before;
    });
    this.#save(batch, group);
  }

  senderKey(keyId: SenderKeyId): TheirSenderKey | undefined {
    return this.#senderKeys.get(keyId);
  }

  /** Keeps another device's sender key, or what became of it when it opened a message. */
  putSenderKey(batch: Batch, theirs: TheirSenderKey): void {
    const { groupId, accountId, deviceId, key } = theirs;
    const before = this.#senderKeys.get(key.keyId);
    this.#senderKeys.set(key.keyId, theirs);
    batch.undo(() => {
      if (before === undefined) this.#senderKeys.delete(key.keyId);
      else this.#senderKeys.set(key.keyId, before);
    });
    const row: SenderKeyRow = { groupId, accountId, deviceId, key: encodeReceivedSenderKey(key) };
    batch.put('meta', storeKey('senderkey', groupId, key.keyId), pack(row));
    if (before === undefined) this.#forgetOldKeys(batch, theirs);
  }

  /** A map keeps its order: the first ones are the oldest. */
  #forgetOldKeys(batch: Batch, { groupId, deviceId }: TheirSenderKey): void {
    const same = [...this.#senderKeys.values()].filter((one) => one.groupId === groupId && one.deviceId === deviceId);
    for (const old of same.slice(0, -KEYS_OF_DEVICE)) {
      this.#senderKeys.delete(old.key.keyId);
      batch.undo(() => this.#senderKeys.set(old.key.keyId, old));
      batch.delete('meta', storeKey('senderkey', groupId, old.key.keyId));
    }
  }

  #make(groupId: ChatId, secret: GroupSecret, sponsor: AccountId): Group {
    const group: Group = { groupId, secret, sponsor, headerKey: groupHeaderKey(secret), own: undefined };
    this.#groups.set(groupId, group);
    this.#governance.set(groupId, new Governance(rulesOf(groupId)));
    return group;
  }

  #save(batch: Batch, { groupId, secret, sponsor, own }: Group): void {
    const row: GroupRow = {
      ...{ groupId, secret, sponsor },
      ...(own && { own: { key: encodeSenderKey(own.key), told: [...own.told] } }),
    };
    batch.put('meta', storeKey('group', groupId), pack(row));
  }
}

/** The account that an author key (base64url) of the chat belongs to. */
export type OwnerOf = (author: string) => AccountId | undefined;

function actOf(record: VerifiedRecord, ownerOf: OwnerOf): readonly GroupAct[] {
  const { body, n, time } = record;
  const author = toBase64Url(record.author);
  const account = ownerOf(author);
  return body.kind === 'act' && account !== undefined
    ? [{ id: actIdOf(record), author, account, n, time, body }]
    : [];
}

function rulesOf(groupId: ChatId): ConstructorParameters<typeof Governance>[0] {
  return {
    isChatOf: (founderKey, nonce) => groupChatId(founderKey as Public<'Account'>, nonce) === groupId,
    verifyInvite: (invite, account, proof) => verifyInvite(invite as Public<'Invite'>, groupId, account, proof),
  };
}

const GROUP_ROWS = { from: 'group:', to: 'group;' };
const ACT_ROWS = { from: 'act:', to: 'act;' };
const KEY_ROWS = { from: 'senderkey:', to: 'senderkey;' };
