/** Calls about the links of groups: making and ending them, coming in by one, letting in who waits. */
import {
  type AccountId,
  type ChatId,
  createInvite,
  fromBase64Url,
  parseInviteSecret,
  formatInviteSecret,
  inviteKeyOf,
  proveInvite,
  toBase64Url,
} from '@securechat/crypto';
import type { GroupInvitation } from '../api.ts';
import type { Engine } from '../engine.ts';
import { groupInvitationLink, parseGroupInvitation } from '../groups/group-invitation.ts';
import { newPeer } from '../peers/peers.ts';
import { type Handlers, done, refused } from './answers.ts';
import { writeAct } from './group-calls.ts';

type Names =
  | 'createGroupInvite'
  | 'revokeGroupInvite'
  | 'readGroupInvitation'
  | 'joinGroup'
  | 'cancelJoin'
  | 'answerRequest';
