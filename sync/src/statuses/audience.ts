/** Who gets a status: what the user chose, as it is kept, and whom that means now. Only own devices ever see it. */
import type { AccountId } from '@securechat/crypto';
import { STATUS_LIMITS, type StatusAudience } from '../api-status.ts';

const ALL: StatusAudience = { type: 'all' };

/** Undefined for what is none: too many accounts, or nobody at all. */
export function checkedAudience(audience: StatusAudience): StatusAudience | undefined {
  if (audience.type === 'all') return ALL;
  const accountIds = [...new Set(audience.accountIds)].sort();
  if (accountIds.length > STATUS_LIMITS.audience) return undefined;
  if (audience.type === 'only' && accountIds.length === 0) return undefined;
  return { type: audience.type, accountIds };
}

/** Of these contacts those that are meant; no more than there may be. */
export function membersOf(audience: StatusAudience, contacts: readonly AccountId[]): readonly AccountId[] {
  const named = new Set<string>(audience.type === 'all' ? [] : audience.accountIds);
  const isMeant = (id: AccountId): boolean => named.has(id) === (audience.type === 'only');
  return contacts.filter(isMeant).slice(0, STATUS_LIMITS.audience);
}

export function audienceToText(audience: StatusAudience): string {
  return JSON.stringify(audience.type === 'all' ? [audience.type] : [audience.type, ...audience.accountIds]);
}

/** All contacts, for whatever {@link audienceToText} did not make. */
export function audienceFrom(text: unknown): StatusAudience {
  const [type, ...accountIds] = textsIn(text);
  if (type !== 'except' && type !== 'only') return ALL;
  return checkedAudience({ type, accountIds }) ?? ALL;
}

function textsIn(text: unknown): readonly string[] {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : [];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}
