/**
 * What the fold of a group's acts takes and gives (SPEC, G rules): the acts as the caller vouches for them, the state that
 * they make, and why an act does not count.
 */
import type { AccountId } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import type { ActBody, ActId, Avatar, HistoryGrant, Hlc, PermissionsAct, Role, Who } from '../records/index.ts';
import type { SharedMap } from './shared-map.ts';

/** An act whose signature was checked and whose author key some device of `account` vouched for. */
export interface GroupAct {
  readonly id: ActId;
  /** The author key, base64url. */
  readonly author: string;
  readonly account: AccountId;
  readonly n: number;
  readonly time: Hlc;
  readonly body: ActBody;
}

/** What only the chat and cryptography can say. */
export interface GroupRules {
  /** Whether the chat's id is that of a group founded by this key with this nonce. */
  readonly isChatOf: (founderKey: Uint8Array, nonce: Uint8Array) => boolean;
  /** Whether this account proved to have the invite's link. */
  readonly verifyInvite: (invite: Uint8Array, account: AccountId, proof: Uint8Array) => boolean;
}

export interface Member {
  readonly accountKey: Uint8Array;
  readonly relayUrl: string;
  readonly role: Role;
  /** The act that made them a member. */
  readonly grant: ActId;
  /** Acts that would have made them one, had others not done so at the same time. */
  readonly alsoGrantedBy: readonly ActId[];
  /** The act that gave the present role; absent: the grant did. */
  readonly roleBy?: ActId;
  /** When and how far from the founding the grant is: the seniority of equals. */
  readonly since: Hlc;
  readonly depth: number;
  readonly history: HistoryGrant;
}

/** Somebody who left, was removed, or was banned before they ever came. */
export interface Former {
  readonly by: ActId;
  readonly banned: boolean;
}

/** From a moment on somebody had a role, or none. */
export interface RoleSince {
  readonly since: Hlc;
  readonly role: Role | undefined;
}

export interface WriteSince {
  readonly since: Hlc;
  readonly write: Who;
}

export interface GroupInfo {
  readonly name: string;
  readonly description: string;
  readonly avatar?: Avatar;
}

export type Permissions = Omit<PermissionsAct, 'type'>;

export interface Invite {
  readonly key: Uint8Array;
  readonly by: ActId;
  readonly creator: AccountId;
  readonly expiresAt: number;
  readonly approval: boolean;
  /** 0: any number. */
  readonly uses: number;
  readonly used: number;
  readonly revoked: boolean;
}

/** Somebody who came by a link and waits. */
export interface JoinRequest {
  readonly accountKey: Uint8Array;
  readonly relayUrl: string;
  /** Public key of the invite, base64url. */
  readonly invite: string;
  readonly proof: Uint8Array;
  readonly by: ActId;
}

/** What a set of acts makes of a group. Never changed. */
export interface Situation {
  readonly founder: AccountId | undefined;
  readonly members: SharedMap<AccountId, Member>;
  readonly former: SharedMap<AccountId, Former>;
  /** Per account, its author keys that a removal named, and how far each counts. For ever. */
  readonly cuts: SharedMap<AccountId, ReadonlyMap<string, number>>;
  /** Of everybody who ever was a member, in order. */
  readonly roles: SharedMap<AccountId, readonly RoleSince[]>;
  readonly info: GroupInfo;
  readonly permissions: Permissions;
  /** The act that set them; absent: the founding. */
  readonly permissionsBy: ActId | undefined;
  readonly writes: readonly WriteSince[];
  readonly timer: number;
  readonly pins: SharedMap<RecordId, { readonly by: ActId; readonly since: Hlc }>;
  /** By public key, base64url; revoked ones too, so that they stay so. */
  readonly invites: SharedMap<string, Invite>;
  readonly requests: SharedMap<AccountId, JoinRequest>;
}

/** A situation, and which acts of other people at the same time did not stand. */
export interface GroupFacts extends Situation {
  readonly refused: SharedMap<ActId, Refusal>;
}

/** What all acts that are here make of the group. */
export interface GroupState extends Situation {
  /**
   * What the next act goes after: those that stand, then others, each ascending. When there are more than an act can
   * name, the first.
   */
  readonly heads: readonly ActId[];
  readonly refused: ReadonlyMap<ActId, Refusal>;
  /** Acts that count for nothing yet, and which of those that they follow are not here, ascending; maybe they wait too. */
  readonly pending: ReadonlyMap<ActId, readonly ActId[]>;
}

/** Why an act does not count. Facts only, fit for a log. */
export type Refusal =
  /** A founding of another chat, by somebody who is not the founder, a further one; an act that follows no founding. */
  | { readonly type: 'WrongChat' | 'NotFounder' | 'SecondFounding' | 'NoFounding' }
  | { readonly type: 'NotMember' | 'AlreadyMember' | 'UnknownMember' | 'Banned' | 'NotBanned' | 'RequestUnknown' }
  | { readonly type: 'NeedsRole'; readonly role: Role }
  | { readonly type: 'InviteKnown' | 'InviteUnknown' | 'InviteExpired' | 'InviteRevoked' | 'InviteUsedUp' }
  | { readonly type: 'BadInviteProof' }
  /** Undone by somebody who did not know of it. */
  | { readonly type: 'RemovedConcurrently' | 'DemotedConcurrently'; readonly by: ActId }
  /** One of several that undo each other; `by` is a senior's. */
  | { readonly type: 'OutrankedBySenior'; readonly by: ActId }
  /** What gave its author the right does not count; `on` is one such act. */
  | { readonly type: 'Unfounded'; readonly on: ActId };
