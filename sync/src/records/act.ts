/**
 * What a group's governance is made of: one act, and which acts its author had seen. Here is what they say and their
 * bytes; who may do what is decided by the fold (governance/).
 *
 *     act = after: u8 (at most 16), act ids 32 each, ascending | tag u8 | fields (act-fields.ts)
 *
 * Only a founding follows nothing. A tag that this version does not know is kept as bytes, as an unknown kind is.
 */
import type { AccountId } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import type { ActId } from './act-id.ts';

export type Role = 'owner' | 'admin' | 'member';
/** Whom a permission is for. */
export type Who = 'everyone' | 'admins';

/** How much of what was said before a new member gets: what the inviter chose. */
export type HistoryGrant = { readonly from: 'nothing' | 'all' } | { readonly from: 'time'; readonly ms: number };

/** That somebody came by a link: signed with the link's key over the chat and the account. */
export interface InviteProof {
  /** The invite's public key. */
  readonly invite: Uint8Array;
  readonly proof: Uint8Array;
}

/** Somebody who is added. */
export interface NewMember {
  readonly accountKey: Uint8Array;
  readonly relayUrl: string;
  readonly role: 'admin' | 'member';
  readonly history: HistoryGrant;
  readonly via?: InviteProof;
}

/** The highest counter that a remover had of one author key of the removed. */
export interface SeenCounter {
  readonly author: Uint8Array;
  readonly n: number;
}

/** A picture; without bytes and type it takes the present one away. */
export interface Avatar {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface FoundAct {
  readonly type: 'found';
  readonly founderKey: Uint8Array;
  readonly nonce: Uint8Array;
  readonly name: string;
  readonly description?: string;
}
export interface AddAct {
  readonly type: 'add';
  readonly members: readonly NewMember[];
}
/** Of oneself: leaving. */
export interface RemoveAct {
  readonly type: 'remove';
  readonly account: AccountId;
  readonly ban: boolean;
  readonly seen: readonly SeenCounter[];
}
export interface RoleAct {
  readonly type: 'role';
  readonly account: AccountId;
  readonly role: Role;
}
export interface PermissionsAct {
  readonly type: 'permissions';
  readonly write: Who;
  readonly add: Who;
  readonly info: Who;
  readonly pin: Who;
}
/** What is absent stays as it is; an empty description is none. */
export interface InfoAct {
  readonly type: 'info';
  readonly name?: string;
  readonly description?: string;
  readonly avatar?: Avatar;
}
export interface PinAct {
  readonly type: 'pin';
  readonly target: RecordId;
  readonly pinned: boolean;
}
export interface InviteAct {
  readonly type: 'invite';
  readonly invite: Uint8Array;
  /** Milliseconds since 1970; 0: never. */
  readonly expiresAt: number;
  /** Whoever comes by it waits for somebody who may add. */
  readonly approval: boolean;
  /** How many it lets in; 0: any number. */
  readonly uses: number;
}
/** Written by a member's device for somebody who came by a link. */
export interface RequestAct {
  readonly type: 'request';
  readonly accountKey: Uint8Array;
  readonly relayUrl: string;
  readonly via: InviteProof;
}

export type KnownAct =
  | FoundAct
  | AddAct
  | RemoveAct
  | RoleAct
  | PermissionsAct
  | InfoAct
  | PinAct
  | InviteAct
  | RequestAct
  | { readonly type: 'unban' | 'decline'; readonly account: AccountId }
  /** Disappearing messages; 0: off. */
  | { readonly type: 'timer'; readonly seconds: number }
  | { readonly type: 'revoke'; readonly invite: Uint8Array };

/** An act; one of a newer version is kept, passed on, and has no effect. */
export type Act = KnownAct | { readonly type: 'unknown'; readonly tag: number; readonly bytes: Uint8Array };

/** An act in its place in the history. */
export interface ActBody {
  readonly kind: 'act';
  /** The heads of the history as the author saw it. */
  readonly after: readonly ActId[];
  readonly act: Act;
}

/** Text in UTF-16 units, bytes, and items; `body` is what a record has room for (RECORD_LIMITS). */
export const ACT_LIMITS = {
  body: 47 * 1024,
  after: 16,
  members: 256,
  seen: 256,
  name: 64,
  description: 512,
  relayUrl: 512,
  avatar: 32 * 1024,
  avatarType: 64,
} as const;
