/** A group's page as the app sees it: who is in it, and what this account may do there. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type {
  FormerMember,
  GrantStep,
  GroupDetail,
  GroupEvent,
  GroupInvite,
  GroupMember,
  GroupRole,
  RosterEntry,
} from '../api.ts';
import { type People, asAvatar } from '../contacts/people.ts';
import type { GroupState, Member } from '../governance/index.ts';
import type { GroupBook } from '../groups/group-book.ts';
import type { Act } from '../records/index.ts';

export interface GroupViewOptions {
  readonly book: GroupBook;
  readonly people: People;
  readonly me: () => AccountId;
  readonly now: () => number;
  /** The secret of a link that was made on this device. */
  readonly linkOf: (key: string) => string | undefined;
}

const ROLES: readonly GroupRole[] = ['owner', 'admin', 'member'];

export class GroupView {
  readonly #options: GroupViewOptions;

  constructor(options: GroupViewOptions) {
    this.#options = options;
  }

  detail(groupId: ChatId): GroupDetail | null {
    const state = this.#options.book.stateOf(groupId);
    if (state?.founder === undefined) return null;
    const { people } = this.#options;
    const may = (act: Act): boolean => this.#may(groupId, act);
    const { info, permissions, members } = state;
    const role = members.get(this.#options.me())?.role;
    const mayAdd = role !== undefined && (role !== 'member' || permissions.add === 'everyone');
    const former = this.#former(groupId, state, mayAdd);
    const avatar = asAvatar(info.avatar);
    return {
      ...{ chatId: groupId, name: info.name, description: info.description, permissions, timer: state.timer },
      members: [...members]
        .map(([accountId, member]) => this.#member(groupId, state, accountId, member))
        .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.name.localeCompare(b.name)),
      mayAdd,
      mayEditInfo: may({ type: 'info', name: info.name }),
      mayEditPermissions: may({ type: 'permissions', ...permissions }),
      invites: this.#invites(groupId, state),
      former: mayAdd ? former.filter(({ accountId }) => !isBanned(state, accountId)) : [],
      banned: former.filter(({ accountId }) => may({ type: 'unban', account: accountId as AccountId })),
      requests: [...state.requests.keys()].map((accountId) => ({ accountId, name: people.nameOf(accountId) })),
      ...(role !== undefined && { role }),
      ...(avatar !== undefined && { avatar }),
    };
  }

  /** The acts by which somebody is a member, from the founding on: each by somebody whom the one before made one. */
  whyHere(groupId: ChatId, accountId: AccountId): readonly GrantStep[] {
    const { book, people } = this.#options;
    return book.whyHere(groupId, accountId).map(({ id, account, time, body }) => ({
      ...{ act: id, by: account, byName: people.nameOf(account), time: time.ms },
      founded: body.act.type === 'found',
    }));
  }

  /** Who was in it at that time, as the acts date themselves. */
  rosterAt(groupId: ChatId, at: number): readonly RosterEntry[] {
    const { book, people } = this.#options;
    return [...(book.stateAt(groupId, at)?.members ?? [])]
      .map(([accountId, { role }]) => ({ accountId, name: people.nameOf(accountId), role }))
      .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.name.localeCompare(b.name));
  }

  /** A line of the chat with the names that its accounts have now. */
  named(event: GroupEvent): GroupEvent {
    const { people, me } = this.#options;
    const { by, whom } = event;
    const names = {
      by: people.nameOf(by as AccountId),
      ...(whom !== undefined && { whom: people.nameOf(whom as AccountId) }),
      byMe: by === me(),
      ofMe: whom === me(),
    };
    return { ...event, names };
  }

  #member(groupId: ChatId, state: GroupState, accountId: AccountId, member: Member): GroupMember {
    const { people, me, book } = this.#options;
    const isMe = accountId === me();
    const avatar = people.avatarOf(accountId);
    const adder = book.actOf(groupId, member.grant)?.account;
    return {
      ...{ accountId, name: people.nameOf(accountId), me: isMe, role: member.role, since: member.since.ms },
      ...(adder !== undefined && adder !== accountId && { addedBy: people.nameOf(adder) }),
      removable: !isMe && this.#may(groupId, { type: 'remove', account: accountId, ban: false, seen: [] }),
      roles: ROLES.filter(
        (role) => role !== member.role && this.#may(groupId, { type: 'role', account: accountId, role }),
      ),
      ...(avatar !== undefined && { avatar }),
    };
  }

  /** Who is gone, latest first. */
  #former(groupId: ChatId, { former }: GroupState, mayAdd: boolean): readonly FormerMember[] {
    const { people, book } = this.#options;
    const all = [...former].map(([accountId, { by, banned }]): FormerMember => {
      const act = book.actOf(groupId, by);
      const avatar = people.avatarOf(accountId);
      return {
        ...{ accountId, name: people.nameOf(accountId), time: act?.time.ms ?? 0 },
        addable: mayAdd && !banned && people.stateOf(accountId) === 'accepted',
        ...(act !== undefined && act.account !== accountId && { by: people.nameOf(act.account) }),
        ...(avatar !== undefined && { avatar }),
      };
    });
    return all.sort((a, b) => b.time - a.time);
  }

  /** Links that still let somebody in, and that this account may see: those of its own, or all if it may end them. */
  #invites(groupId: ChatId, state: GroupState): readonly GroupInvite[] {
    const { people, me, now, linkOf } = this.#options;
    return [...state.invites].flatMap(([key, invite]): readonly GroupInvite[] => {
      const { approval, expiresAt, uses, used, revoked, creator } = invite;
      const isOver = revoked || (expiresAt !== 0 && expiresAt < now()) || (uses !== 0 && used >= uses);
      if (isOver || !this.#may(groupId, { type: 'revoke', invite: invite.key })) return [];
      const mine = creator === me() && linkOf(key) !== undefined;
      const by = people.nameOf(creator);
      return [{ key, approval, used, by, mine, ...(expiresAt !== 0 && { expiresAt }), ...(uses !== 0 && { uses }) }];
    });
  }

  #may(groupId: ChatId, act: Act): boolean {
    const { book, me, now } = this.#options;
    const after = (book.stateOf(groupId)?.heads ?? []).slice(0, 1);
    return book.refusalOf(groupId, me(), { kind: 'act', after, act }, now()) === undefined;
  }
}

function isBanned({ former }: GroupState, accountId: string): boolean {
  return former.get(accountId as AccountId)?.banned === true;
}
