/** Contacts as groups see them: who can be put into one, and how they look. Pure. */
import type { AccountId, Avatar, Contact } from '@securechat/sync/api';

export const nameOf = ({ nickname, name }: Contact): string => nickname ?? name;

/** Contacts who have answered and are not in yet: somebody who has not would never hear of the group. */
export function candidates(contacts: readonly Contact[], isIn: (accountId: AccountId) => boolean): readonly Contact[] {
  return contacts.filter(({ state, accountId }) => state === 'accepted' && !isIn(accountId));
}

/** The pictures of those who have one. */
export function facesOf(contacts: readonly Contact[]): ReadonlyMap<AccountId, Avatar> {
  return new Map(contacts.flatMap(({ accountId, avatar }) => (avatar ? [[accountId, avatar]] : [])));
}
