/** Calls about groups: founding, members, roles, what a group is called and who may do what. Each is one act. */
import { type AccountId, type ChatId, createGroupSecret, fromBase64Url, groupChatId } from '@securechat/crypto';
import { type Avatar, type ClientError, GROUP_DESCRIPTION_LIMIT, NAME_LIMIT, type RecordId } from '../api.ts';
import { type Chat, authorText } from '../chats/chat-book.ts';
import type { Engine } from '../engine.ts';
import type { Refusal } from '../governance/index.ts';
import { ACT_LIMITS, type Act, type HistoryGrant, type NewMember, type SeenCounter } from '../records/index.ts';
import { type Handlers, done, refused } from './answers.ts';

type Names =
  | 'createGroup'
  | 'addMembers'
  | 'removeMember'
  | 'unbanMember'
  | 'leaveGroup'
  | 'setMemberRole'
  | 'setGroupInfo'
  | 'setGroupPermissions'
  | 'setPinned'
  | 'whyHere'
  | 'rosterAt';

const NONCE_BYTES = 16;

export function groupCalls(engine: Engine): Handlers<Names> {
  return {
    createGroup: (input) => createGroup(engine, input),
    async addMembers({ chatId, members, history, since }) {
      const found = newMembers(engine, members, grantOf(history, since));
      if ('type' in found) return refused(found);
      return writeAct(engine, chatId as ChatId, { type: 'add', members: found });
    },
    removeMember: ({ chatId, accountId, ban = false }) => remove(engine, chatId as ChatId, accountId as AccountId, ban),
    unbanMember: ({ chatId, accountId }) =>
      writeAct(engine, chatId as ChatId, { type: 'unban', account: accountId as AccountId }),
    leaveGroup: ({ chatId }) => remove(engine, chatId as ChatId, engine.self.identity.account.id, false),
    setMemberRole: ({ chatId, accountId, role }) =>
      writeAct(engine, chatId as ChatId, { type: 'role', account: accountId as AccountId, role }),
    async setGroupInfo({ chatId, name, description, avatar }) {
      const problem = checkInfo(name, description) ?? checkAvatar(avatar);
      if (problem !== undefined) return refused(problem);
      return writeAct(engine, chatId as ChatId, {
        type: 'info',
        ...(name !== undefined && { name: name.trim() }),
        ...(description !== undefined && { description: description.trim() }),
        ...(avatar !== undefined && { avatar: avatar ?? NO_AVATAR }),
      });
    },
    whyHere: ({ chatId, accountId }) =>
      Promise.resolve(done(engine.groupView.whyHere(chatId as ChatId, accountId as AccountId))),
    rosterAt: ({ chatId, at }) => Promise.resolve(done(engine.groupView.rosterAt(chatId as ChatId, at))),
    async setGroupPermissions({ chatId, ...changed }) {
      const state = engine.groups.book.stateOf(chatId as ChatId);
      if (state === undefined) return refused({ type: 'UnknownChat' });
      return writeAct(engine, chatId as ChatId, { type: 'permissions', ...state.permissions, ...changed });
    },
    setPinned: (input) => setPinned(engine, input),
  };
}

async function createGroup(
  engine: Engine,
  input: { readonly name: string; readonly description?: string; readonly members: readonly AccountText[] },
): ReturnType<Handlers<'createGroup'>['createGroup']> {
  const { account } = engine.self.identity;
  const problem = checkInfo(input.name, input.description);
  if (problem !== undefined) return refused(problem);
  const members = newMembers(engine, input.members, { from: 'all' });
  if ('type' in members) return refused(members);
  const nonce = engine.random(NONCE_BYTES);
  const groupId = groupChatId(account.publicKey, nonce);
  const description = input.description?.trim() ?? '';
  await engine.job((batch) => engine.groups.open(batch, groupId, createGroupSecret(engine.random), account.id));
  const founding: Act = {
    ...{ type: 'found', founderKey: account.publicKey, nonce, name: input.name.trim() },
    ...(description !== '' && { description }),
  };
  const founded = await writeAct(engine, groupId, founding);
  if (!founded.ok || members.length === 0) return founded.ok ? done({ chatId: groupId }) : founded;
  const added = await writeAct(engine, groupId, { type: 'add', members });
  return added.ok ? done({ chatId: groupId }) : added;
}

type AccountText = string;

function grantOf(history: boolean, since: number | undefined): HistoryGrant {
  if (!history) return { from: 'nothing' };
  return since === undefined ? { from: 'all' } : { from: 'time', ms: since };
}

/** Contacts as members to be; what is no contact cannot be added. */
function newMembers(
  engine: Engine,
  accounts: readonly AccountText[],
  history: HistoryGrant,
): NewMember[] | ClientError {
  if (accounts.length > ACT_LIMITS.members) return { type: 'TooLong', limit: ACT_LIMITS.members };
  const members: NewMember[] = [];
  for (const accountId of new Set(accounts)) {
    const peer = engine.peers.get(accountId as AccountId);
    if (peer === undefined || !engine.people.isContact(peer.accountId)) return { type: 'NotContact' };
    const { publicKey: accountKey, relayUrl } = peer;
    members.push({ accountKey, relayUrl, role: 'member', history });
  }
  return members;
}

async function remove(
  engine: Engine,
  groupId: ChatId,
  account: AccountId,
  ban: boolean,
): ReturnType<Handlers<'leaveGroup'>['leaveGroup']> {
  const talk = engine.chats.get(groupId);
  if (talk?.with.type !== 'group') return refused({ type: 'UnknownChat' });
  return writeAct(engine, groupId, { type: 'remove', account, ban, seen: await seenOf(engine, talk, account) });
}

/** What is so already is not said again: each act is a line that everybody sees. */
async function setPinned(
  engine: Engine,
  { chatId, recordId, pinned }: { readonly chatId: string; readonly recordId: RecordId; readonly pinned: boolean },
): ReturnType<Handlers<'setPinned'>['setPinned']> {
  const groupId = chatId as ChatId;
  const state = engine.groups.book.stateOf(groupId);
  if (state === undefined) return refused({ type: 'UnknownChat' });
  if (state.pins.has(recordId) === pinned) return done(null);
  const row = await engine.projection.get(groupId, recordId);
  if (pinned && (row === undefined || row.deleted)) return refused({ type: 'UnknownMessage' });
  return writeAct(engine, groupId, { type: 'pin', target: recordId, pinned });
}

/** How far this device has the records of each author key of the account. */
async function seenOf(engine: Engine, talk: Chat, account: AccountId): Promise<readonly SeenCounter[]> {
  const documents = await engine.chats.documents(talk);
  const seen = [...talk.authors].flatMap(([author, owner]): SeenCounter[] => {
    const key = owner.accountId === account ? fromBase64Url(author) : undefined;
    const isThisDevice = talk.author !== undefined && author === authorText(talk.author);
    return key === undefined ? [] : [{ author: key, n: isThisDevice ? talk.nextN - 1 : documents.maxN(key) }];
  });
  return seen.filter(({ n }) => n > 0).slice(0, ACT_LIMITS.seen);
}

/** Writes one act, unless it would not count. */
export async function writeAct(
  engine: Engine,
  groupId: ChatId,
  what: Act,
): ReturnType<Handlers<'leaveGroup'>['leaveGroup']> {
  if (engine.groups.book.get(groupId) === undefined) return refused({ type: 'UnknownChat' });
  if (engine.composer.isFull) return refused({ type: 'StorageFull' });
  const refusal = await engine.lane.run(() => engine.acts.write(groupId, what));
  engine.kick();
  return refusal === undefined ? done(null) : refused(toError(refusal));
}

function toError({ type }: Refusal): ClientError {
  switch (type) {
    case 'NotMember':
    case 'NoFounding':
      return { type: 'NotMember' };
    case 'UnknownMember':
      return { type: 'UnknownMember' };
    case 'AlreadyMember':
      return { type: 'AlreadyExists' };
    case 'Banned':
      return { type: 'Banned' };
    default:
      return { type: 'NotAllowed' };
  }
}

function checkInfo(name: string | undefined, description: string | undefined): ClientError | undefined {
  if (name?.trim() === '') return { type: 'NameEmpty' };
  if ((name?.length ?? 0) > NAME_LIMIT) return { type: 'TooLong', limit: NAME_LIMIT };
  if ((description?.length ?? 0) > GROUP_DESCRIPTION_LIMIT) return { type: 'TooLong', limit: GROUP_DESCRIPTION_LIMIT };
  return undefined;
}

function checkAvatar(avatar: Avatar | null | undefined): ClientError | undefined {
  const limit = ACT_LIMITS.avatar;
  return (avatar?.bytes.length ?? 0) > limit ? { type: 'TooLong', limit } : undefined;
}

const NO_AVATAR = { type: '', bytes: new Uint8Array(0) } satisfies { type: string; bytes: Avatar['bytes'] };
