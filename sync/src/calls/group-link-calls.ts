/** Calls about the links of groups: making and ending them, coming in by one, letting in who waits. */
import {
  type AccountId,
  type ChatId,
  type InviteSecret,
  createInvite,
  formatInviteSecret,
  fromBase64Url,
  inviteKeyOf,
  parseInviteSecret,
  proveInvite,
  toBase64Url,
} from '@securechat/crypto';
import type { Engine } from '../engine.ts';
import { groupInvitationLink, parseGroupInvitation } from '../groups/group-invitation.ts';
import { newPeer } from '../peers/peers.ts';
import { type Handlers, done, refused } from './answers.ts';
import { writeAct } from './group-calls.ts';

type Names =
  | 'createGroupInvite'
  | 'showGroupInvite'
  | 'revokeGroupInvite'
  | 'readGroupInvitation'
  | 'joinGroup'
  | 'cancelJoin'
  | 'answerRequest';

const MOST_USES = 0xffff;

export function groupLinkCalls(engine: Engine): Handlers<Names> {
  return {
    async createGroupInvite({ chatId, origin, approval, expiresAt = 0, uses = 0 }) {
      const groupId = chatId as ChatId;
      const { secret, publicKey: invite } = createInvite(engine.random);
      if (!Number.isInteger(uses) || uses < 0 || uses > MOST_USES)
        return refused({ type: 'TooLong', limit: MOST_USES });
      // Kept first: an invite without its link would be of no use to anybody.
      await engine.job((batch) => {
        engine.joining.keepLink(batch, groupId, toBase64Url(invite), formatInviteSecret(secret));
      });
      const made = await writeAct(engine, groupId, { type: 'invite', invite, approval, expiresAt, uses });
      return made.ok ? done({ link: linkTo(engine, groupId, secret, origin) }) : made;
    },
    showGroupInvite({ chatId, key, origin }) {
      const text = engine.joining.linkOf(key);
      const secret = text === undefined ? undefined : parseInviteSecret(text);
      return Promise.resolve(
        secret === undefined
          ? refused({ type: 'LinkInvalid' })
          : done({ link: linkTo(engine, chatId as ChatId, secret, origin) }),
      );
    },
    async revokeGroupInvite({ chatId, key }) {
      const invite = fromBase64Url(key);
      if (invite === undefined) return refused({ type: 'LinkInvalid' });
      return writeAct(engine, chatId as ChatId, { type: 'revoke', invite });
    },
    readGroupInvitation({ text }) {
      const code = parseGroupInvitation(text);
      if (code === undefined) return Promise.resolve(refused({ type: 'LinkInvalid' }));
      const from = engine.people.nameOf(code.accountId);
      const known = engine.groups.isMine(code.groupId);
      return Promise.resolve(done({ chatId: code.groupId, name: code.name, known, ...(from !== '' && { from }) }));
    },
    async joinGroup({ text }) {
      const code = parseGroupInvitation(text);
      if (code === undefined) return refused({ type: 'LinkInvalid' });
      const { groupId, accountId, publicKey, relayUrl, secret, name } = code;
      const me = engine.self.identity.account.id;
      if (accountId === me) return refused({ type: 'ThatIsYou' });
      if (engine.groups.isMine(groupId)) return refused({ type: 'AlreadyExists' });
      const proof = proveInvite(secret, groupId, me);
      const isAsked = await engine.job((batch) => {
        if (engine.peers.get(accountId) === undefined) engine.peers.put(batch, newPeer(accountId, publicKey, relayUrl));
        return engine.joining.ask(batch, { groupId, inviter: accountId, name }, { invite: inviteKeyOf(secret), proof });
      });
      engine.kick();
      return isAsked ? done({ chatId: groupId }) : refused({ type: 'StorageFull' });
    },
    async cancelJoin({ chatId }) {
      await engine.job((batch) => {
        engine.joining.end(batch, chatId as ChatId);
      });
      return done(null);
    },
    async answerRequest({ chatId, accountId, accept }) {
      const groupId = chatId as ChatId;
      const account = accountId as AccountId;
      const request = engine.groups.book.stateOf(groupId)?.requests.get(account);
      if (request === undefined) return refused({ type: 'UnknownMember' });
      const { accountKey, relayUrl, invite, proof } = request;
      const key = fromBase64Url(invite);
      if (!accept || key === undefined) return writeAct(engine, groupId, { type: 'decline', account });
      const via = { invite: key, proof };
      const member = { accountKey, relayUrl, role: 'member', history: { from: 'nothing' }, via } as const;
      return writeAct(engine, groupId, { type: 'add', members: [member] });
    },
  };
}

function linkTo(engine: Engine, groupId: ChatId, secret: InviteSecret, origin: string): string {
  const { account, relayUrl } = engine.self.identity;
  const name = engine.groups.book.stateOf(groupId)?.info.name ?? '';
  return groupInvitationLink(origin, { groupId, publicKey: account.publicKey, relayUrl, secret, name });
}
