/**
 * Who someone is to this user: the user's decision (personal documents) and what the account says of itself (peers), seen
 * together. The decision is the user's alone: nothing that arrives changes it.
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import { directChatId, equalBytes, fromBase64Url } from '@securechat/crypto';
import type { Avatar, Contact, ContactState, Millis } from '../api.ts';
import type { Self } from '../connection/home.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Peers } from '../peers/peers.ts';

export class People {
  readonly #self: Self;
  readonly #peers: Peers;
  readonly #personal: PersonalDocuments;

  constructor(self: Self, peers: Peers, personal: PersonalDocuments) {
    this.#self = self;
    this.#peers = peers;
    this.#personal = personal;
  }

  /** Undefined: nobody that this device knows. */
  stateOf(accountId: AccountId): ContactState | undefined {
    const entry = this.#personal.contacts.get().get(accountId);
    if (entry?.state === 'blocked') return 'blocked';
    const peer = this.#peers.get(accountId);
    if (entry?.state === 'accepted') return peer?.accepts === true ? 'accepted' : 'invited';
    return peer === undefined ? undefined : 'requesting';
  }

  /** The user agreed to talk to this account: receipts, profile and repairs go to it. */
  isContact(accountId: AccountId): boolean {
    return this.#personal.contacts.get().get(accountId)?.state === 'accepted';
  }

  isBlocked(accountId: AccountId): boolean {
    return this.#personal.contacts.get().get(accountId)?.state === 'blocked';
  }

  /** When the user agreed to talk to them; undefined: never, or nobody knows any more. */
  addedAt(accountId: AccountId): Millis | undefined {
    const addedAt = this.#personal.contacts.get().get(accountId)?.addedAt ?? 0;
    return addedAt > 0 ? addedAt : undefined;
  }

  /** Entries of their device log that the user has accepted. */
  confirmedTo(accountId: AccountId): number {
    return this.#personal.contacts.get().get(accountId)?.confirmedTo ?? 0;
  }

  /** The user does not want to be shown their statuses among the others. */
  isStatusMuted(accountId: AccountId): boolean {
    return this.#personal.contacts.get().get(accountId)?.statusMuted === true;
  }

  nameOf(accountId: AccountId): string {
    if (accountId === this.#self.identity.account.id) return this.#personal.profile.get().name;
    const entry = this.#personal.contacts.get().get(accountId);
    return entry?.nickname ?? this.#ownNameOf(accountId);
  }

  /** What they call themselves, else what the invitation called them, else the handle that led to them. */
  #ownNameOf(accountId: AccountId): string {
    const shown = this.#peers.get(accountId)?.profile?.name.trim() ?? '';
    if (shown !== '') return shown;
    const entry = this.#personal.contacts.get().get(accountId);
    return entry?.name ?? (entry?.handle === undefined ? '' : `@${entry.handle}`);
  }

  avatarOf(accountId: AccountId): Avatar | undefined {
    const isSelf = accountId === this.#self.identity.account.id;
    const own = isSelf ? this.#personal.profile.get().avatar : undefined;
    return asAvatar(own ?? this.#peers.get(accountId)?.profile?.avatar);
  }

  /** Verified means: of exactly the key that this account has now. */
  isVerified(accountId: AccountId): boolean {
    const verified = this.#personal.contacts.get().get(accountId)?.verifiedKey;
    const key = verified === undefined ? undefined : fromBase64Url(verified);
    const peer = this.#peers.get(accountId);
    return key !== undefined && peer !== undefined && equalBytes(key, peer.publicKey);
  }

  chatWith(accountId: AccountId): ChatId {
    return directChatId(this.#self.identity.account.id, accountId);
  }

  contact(accountId: AccountId): Contact | undefined {
    const state = this.stateOf(accountId);
    if (state === undefined) return undefined;
    const entry = this.#personal.contacts.get().get(accountId);
    const avatar = this.avatarOf(accountId);
    return {
      accountId,
      name: this.#ownNameOf(accountId),
      chatId: this.chatWith(accountId),
      state,
      verified: this.isVerified(accountId),
      ...(entry?.nickname !== undefined && { nickname: entry.nickname }),
      ...(entry?.handle !== undefined && { handle: entry.handle }),
      ...(avatar !== undefined && { avatar }),
    };
  }

  /** Everyone but oneself, by name. */
  all(): readonly Contact[] {
    const ids = new Set([
      ...this.#personal.contacts.get().keys(),
      ...[...this.#peers.all()].map((peer) => peer.accountId),
    ]);
    ids.delete(this.#self.identity.account.id);
    const contacts = [...ids].flatMap((id) => this.contact(id) ?? []);
    return contacts.sort((a, b) => (a.nickname ?? a.name).localeCompare(b.nickname ?? b.name));
  }
}

const TYPES: readonly string[] = ['image/webp', 'image/png', 'image/jpeg'] satisfies readonly Avatar['type'][];

/** Undefined when it is not a kind of picture that is shown. */
export function asAvatar(
  avatar: { readonly bytes: Uint8Array; readonly type: string } | undefined,
): Avatar | undefined {
  if (avatar === undefined || !TYPES.includes(avatar.type)) return undefined;
  return avatar as Avatar;
}
