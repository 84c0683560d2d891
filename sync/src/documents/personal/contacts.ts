/** The user's contacts: what they decided about each account, and what they were told of it. */
import type { AccountId } from '@securechat/crypto';
import type { Avatar, ContactState } from '../../api.ts';
import type { Readable } from '../../readable.ts';
import { avatarFields, readAvatar } from './avatar.ts';
import { type Fields, FieldMap } from './fields.ts';
import { type FlatDocument, type Scalar, type Shape, fieldOf, highest } from './flat-document.ts';

export interface ContactEntry {
  /** Account key, base64url. */
  readonly publicKey: string;
  readonly state: ContactState;
  readonly addedAt: number;
  readonly name?: string;
  readonly nickname?: string;
  /** The key that the user verified, base64url: verified while it is the contact's key. */
  readonly verifiedKey?: string;
  readonly handle?: string;
  readonly relayUrl?: string;
  readonly avatar?: Avatar;
  /** `updated` of the contact's profile that is kept here. */
  readonly profileUpdated?: number;
  /** Entries of the contact's device log that the user has accepted: devices restored later need their word. */
  readonly confirmedTo?: number;
  /** Their statuses are shown apart. */
  readonly statusMuted?: boolean;
}

/** Fields to set; undefined clears one. */
export type ContactChange = { readonly [K in keyof Omit<ContactEntry, 'avatar'>]?: ContactEntry[K] | undefined } & {
  readonly avatar?: Avatar | null;
};

export interface ContactsDocument extends Readable<ReadonlyMap<AccountId, ContactEntry>> {
  set(accountId: AccountId, change: ContactChange): Promise<void>;
  remove(accountId: AccountId): Promise<void>;
}

/**
 * Who blocks somebody on one device does not have them back because another device said otherwise at the same time. What
 * was accepted of a device log on any device is accepted.
 */
export const CONTACTS: Shape = {
  name: 'contacts',
  tables: ['contacts'],
  choose: chooseOf,
};

function chooseOf(key: string, rivals: readonly Scalar[]): Scalar | undefined {
  if (fieldOf(key) === 'confirmedTo') return highest(rivals);
  return fieldOf(key) === 'state' && rivals.includes('blocked') ? 'blocked' : undefined;
}

const STATES: readonly string[] = ['accepted', 'invited', 'requesting', 'blocked'] satisfies ContactState[];
const TEXTS = ['name', 'nickname', 'verifiedKey', 'handle', 'relayUrl'] as const;

export function contactsDocument(document: FlatDocument): ContactsDocument {
  const fields = new FieldMap<AccountId, ContactEntry>(document, 'contacts', readContact);
  return {
    get: () => fields.source.get(),
    subscribe: (onChange) => fields.source.subscribe(onChange),
    set: (accountId, { avatar, ...rest }) => fields.write(accountId, { ...rest, ...avatarFields(avatar) }),
    remove: (accountId) => fields.remove(accountId),
  };
}

function readContact(fields: Fields, before: ContactEntry | undefined): ContactEntry | undefined {
  const [publicKey, state, addedAt] = [fields.get('publicKey'), fields.get('state'), fields.get('addedAt')];
  if (typeof publicKey !== 'string' || typeof state !== 'string' || !isState(state)) return undefined;
  const texts = TEXTS.flatMap((name) => {
    const value = fields.get(name);
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const avatar = readAvatar(fields, before?.avatar);
  const [profileUpdated, confirmedTo] = [fields.get('profileUpdated'), fields.get('confirmedTo')];
  return {
    publicKey,
    state,
    addedAt: typeof addedAt === 'number' ? addedAt : 0,
    ...Object.fromEntries(texts),
    ...(avatar && { avatar }),
    ...(typeof profileUpdated === 'number' && { profileUpdated }),
    ...(typeof confirmedTo === 'number' && { confirmedTo }),
    ...(fields.get('statusMuted') === true && { statusMuted: true }),
  };
}

function isState(state: string): state is ContactState {
  return STATES.includes(state);
}
