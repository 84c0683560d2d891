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
import {
  type GroupAct,
  type GroupState,
  Governance,
  type Member,
  type Refusal,
  refusalOf,
  rosterAt,
} from '../governance/index.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { ACT_ID_BYTES, type ActBody, type ActId, type VerifiedRecord, actIdFrom, actIdOf } from '../records/index.ts';
import { pack, unpack } from '../values.ts';

/** What a device of ours seals with in one group, and which devices can open that. */
export interface OwnSenderKey {
  readonly key: SenderKey;
  /** The accounts that were members when it was made. */
  readonly members: string;
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
  /** The accounts that told us of it: believed about it until the acts say who is a member. */
  sponsors: readonly AccountId[];
  own: OwnSenderKey | undefined;
}

interface GroupRow {
  readonly groupId: ChatId;
  readonly secret: Uint8Array;
  readonly sponsor: AccountId;
  /** Who told of it after that one. */
  readonly more?: readonly AccountId[];
}

/** Written with every message; what was told is written only when it changed. */
interface OwnKeyRow {
  readonly groupId: ChatId;
  readonly key: Uint8Array;
  readonly members: string;
}

interface ToldRow {
  readonly groupId: ChatId;
  readonly told: readonly DeviceId[];
}

interface FloorRow {
  readonly groupId: ChatId;
  readonly grant: ActId;
  readonly accountId: AccountId;
  readonly segment: number;
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
  readonly #floors = new Map<string, number>();
  readonly #senderKeys = new Map<SenderKeyId, TheirSenderKey>();

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#store.range('meta', GROUP_ROWS)) {
      const row = unpack<GroupRow>(value);
      const secret = toGroupSecret(row.secret);
      if (secret !== undefined) this.#make(row.groupId, secret, [row.sponsor, ...(row.more ?? [])]);
    }
    const told = (await this.#store.range('meta', TOLD_ROWS)).map(({ value }) => unpack<ToldRow>(value));
    for (const { value } of await this.#store.range('meta', OWN_KEY_ROWS)) {
      const { groupId, members, ...row } = unpack<OwnKeyRow>(value);
      const [group, key] = [this.#groups.get(groupId), decodeSenderKey(row.key)];
      const devices = told.find((one) => one.groupId === groupId)?.told;
      // A key that cannot be read is replaced by a new one, which everybody is told.
      if (group !== undefined && key.ok) group.own = { key: key.value, members, told: new Set(devices) };
    }
    for (const { value } of await this.#store.range('meta', ACT_ROWS)) {
      const { groupId, ...act } = unpack<GroupAct & { groupId: ChatId }>(value);
      this.#governance.get(groupId)?.add([act]);
    }
    for (const { value } of await this.#store.range('meta', FLOOR_ROWS)) {
      const { groupId, grant, accountId, segment } = unpack<FloorRow>(value);
      this.#floors.set(floorKey(groupId, grant, accountId), segment);
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

  /** Why this act would not count if this account made it now; undefined when it would. */
  refusalOf(groupId: ChatId, account: AccountId, body: ActBody, now: number): Refusal | undefined {
    const state = this.stateOf(groupId);
    if (state === undefined) return { type: 'NoFounding' };
    const act = { id: NO_ACT, author: '', account, n: 0, time: { ms: now, counter: 0 }, body };
    return refusalOf(act, state, rulesOf(groupId));
  }

  actOf(groupId: ChatId, id: ActId): GroupAct | undefined {
    return this.#governance.get(groupId)?.actOf(id);
  }

  /** What the acts dated up to `ms` make of the group; undefined for one that is not known. */
  stateAt(groupId: ChatId, ms: number): GroupState | undefined {
    const governance = this.#governance.get(groupId);
    return governance && rosterAt(governance.acts, ms, rulesOf(groupId));
  }

  /** How each account is named that any act here adds, whether or not the act counts. */
  everAdded(groupId: ChatId): readonly Pick<Member, 'accountKey' | 'relayUrl'>[] {
    const acts = this.#governance.get(groupId)?.acts ?? [];
    return [...acts].flatMap(({ body: { act } }) => (act.type === 'add' ? act.members : []));
  }

  /** The acts by which a member is one, from the founding on. */
  whyHere(groupId: ChatId, accountId: AccountId): readonly GroupAct[] {
    const ids = this.#governance.get(groupId)?.whyHere(accountId) ?? [];
    return ids.flatMap((id) => this.actOf(groupId, id) ?? []);
  }

  isMember(groupId: ChatId, accountId: AccountId): boolean {
    return this.stateOf(groupId)?.members.has(accountId) ?? false;
  }

  /** Whether an account may write to the group's talk now. */
  mayWrite(groupId: ChatId, accountId: AccountId): boolean {
    const state = this.stateOf(groupId);
    const member = state?.members.get(accountId);
    return member !== undefined && (state?.permissions.write !== 'admins' || member.role !== 'member');
  }

  /** Now or formerly. */
  wasMember(groupId: ChatId, accountId: AccountId): boolean {
    return this.stateOf(groupId)?.roles.has(accountId) ?? false;
  }

  /** Notes a group that is new here. */
  add(batch: Batch, groupId: ChatId, secret: GroupSecret, sponsor: AccountId): Group {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    const group = this.#make(groupId, secret, [sponsor]);
    batch.undo(() => {
      this.#groups.delete(groupId);
      this.#governance.delete(groupId);
    });
    const row: GroupRow = { groupId, secret, sponsor };
    batch.put('meta', storeKey('group', groupId), pack(row));
    return group;
  }

  /** Somebody else too is believed about a group of which nothing is known yet. */
  addSponsor(batch: Batch, group: Group, accountId: AccountId): void {
    const { groupId, secret, sponsors } = group;
    const [sponsor = accountId, ...more] = sponsors;
    group.sponsors = [...sponsors, accountId];
    batch.undo(() => {
      group.sponsors = sponsors;
    });
    const row: GroupRow = { groupId, secret, sponsor, more: [...more, accountId] };
    batch.put('meta', storeKey('group', groupId), pack(row));
  }

  /** Takes in acts of a group's root; answers whether the state may be another. */
  takeActs(batch: Batch, groupId: ChatId, records: readonly VerifiedRecord[], ownerOf: OwnerOf): boolean {
    const governance = this.#governance.get(groupId);
    if (governance === undefined) return false;
    const acts = records.flatMap((record) => actOf(record, ownerOf)).filter(({ id }) => !governance.actOf(id));
    if (acts.length === 0) return false;
    for (const act of acts) batch.put('meta', storeKey('act', groupId, act.id), pack({ groupId, ...act }));
    const before = [...governance.acts];
    batch.undo(() => {
      const again = new Governance(rulesOf(groupId));
      again.add(before);
      this.#governance.set(groupId, again);
    });
    return governance.add(acts);
  }

  /** What our device seals with from now on, and who can open it. */
  setOwn(batch: Batch, group: Group, own: OwnSenderKey): void {
    const before = group.own;
    const { groupId } = group;
    group.own = own;
    batch.undo(() => {
      group.own = before;
    });
    const row: OwnKeyRow = { groupId, key: encodeSenderKey(own.key), members: own.members };
    batch.put('meta', storeKey('groupkey', groupId), pack(row));
    if (own.told !== before?.told)
      batch.put('meta', storeKey('grouptold', groupId), pack({ groupId, told: [...own.told] } satisfies ToldRow));
  }

  /** The lowest segment of the talk that who came by this act may be told of; undefined: not known yet. */
  floorOf(groupId: ChatId, grant: ActId, accountId: AccountId): number | undefined {
    return this.#floors.get(floorKey(groupId, grant, accountId));
  }

  setFloor(batch: Batch, groupId: ChatId, floor: Omit<FloorRow, 'groupId'>): void {
    const { grant, accountId, segment } = floor;
    const key = floorKey(groupId, grant, accountId);
    batch.put('meta', storeKey('floor', groupId, grant, accountId), pack({ groupId, ...floor } satisfies FloorRow));
    batch.then(() => this.#floors.set(key, segment));
  }

  /** Sender keys of accounts of a kind. */
  countKeys(groupId: ChatId, isOfKind: (accountId: AccountId) => boolean): number {
    let count = 0;
    for (const key of this.#senderKeys.values()) if (key.groupId === groupId && isOfKind(key.accountId)) count += 1;
    return count;
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

  #make(groupId: ChatId, secret: GroupSecret, sponsors: readonly AccountId[]): Group {
    const group: Group = { groupId, secret, sponsors, headerKey: groupHeaderKey(secret), own: undefined };
    this.#groups.set(groupId, group);
    this.#governance.set(groupId, new Governance(rulesOf(groupId)));
    return group;
  }
}

/** The account that an author key (base64url) of the chat belongs to. */
export type OwnerOf = (author: string) => AccountId | undefined;

function actOf(record: VerifiedRecord, ownerOf: OwnerOf): readonly GroupAct[] {
  const { body, n, time } = record;
  const author = toBase64Url(record.author);
  const account = ownerOf(author);
  return body.kind === 'act' && account !== undefined ? [{ id: actIdOf(record), author, account, n, time, body }] : [];
}

function floorKey(groupId: ChatId, grant: ActId, accountId: AccountId): string {
  return `${groupId}:${grant}:${accountId}`;
}

function rulesOf(groupId: ChatId): ConstructorParameters<typeof Governance>[0] {
  return {
    isChatOf: (founderKey, nonce) => groupChatId(founderKey as Public<'Account'>, nonce) === groupId,
    verifyInvite: (invite, account, proof) => verifyInvite(invite as Public<'Invite'>, groupId, account, proof),
  };
}

/** Of an act that is only thought of. */
const NO_ACT = actIdFrom(new Uint8Array(ACT_ID_BYTES));

const GROUP_ROWS = { from: 'group:', to: 'group;' };
const OWN_KEY_ROWS = { from: 'groupkey:', to: 'groupkey;' };
const TOLD_ROWS = { from: 'grouptold:', to: 'grouptold;' };
const FLOOR_ROWS = { from: 'floor:', to: 'floor;' };
const ACT_ROWS = { from: 'act:', to: 'act;' };
const KEY_ROWS = { from: 'senderkey:', to: 'senderkey;' };
