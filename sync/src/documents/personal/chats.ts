/**
 * What the user did with each chat: flags, draft, how far they read, what they hid or starred. Only their own devices
 * ever see it. A read mark is a max-register: of what two devices wrote at the same time, the higher one counts.
 */
import type { ChatId } from '@securechat/crypto';
import type { Readable } from '../../readable.ts';
import { type Fields, FieldMap } from './fields.ts';
import { type FlatDocument, type Shape, fieldOf, highest } from './flat-document.ts';

export interface ChatEntry {
  readonly pinned: boolean;
  readonly muted: boolean;
  readonly archived: boolean;
  readonly folder?: string;
  readonly draft: string;
  readonly createdAt?: number;
  /** Author key (base64url) -> highest counter that was read. */
  readonly readMarks: ReadonlyMap<string, number>;
  /** Record ids. */
  readonly hidden: ReadonlySet<string>;
  readonly starred: ReadonlySet<string>;
  /** View-once messages that were opened; for good. */
  readonly opened: ReadonlySet<string>;
}

/** Flags to set. `folder: null` takes the chat out of its folder. */
export interface ChatFlags {
  readonly pinned?: boolean;
  readonly muted?: boolean;
  readonly archived?: boolean;
  readonly folder?: string | null;
  readonly createdAt?: number;
}

export interface ChatsDocument extends Readable<ReadonlyMap<ChatId, ChatEntry>> {
  setFlags(chatId: ChatId, flags: ChatFlags): Promise<void>;
  setDraft(chatId: ChatId, text: string): Promise<void>;
  /** Raises read marks; lower ones than are kept change nothing. */
  markRead(chatId: ChatId, marks: ReadonlyMap<string, number>): Promise<void>;
  setHidden(chatId: ChatId, recordId: string, hidden: boolean): Promise<void>;
  setStarred(chatId: ChatId, recordId: string, starred: boolean): Promise<void>;
  setOpened(chatId: ChatId, recordId: string): Promise<void>;
  remove(chatId: ChatId): Promise<void>;
}

const READ = 'read/';

/** Of rival read marks of one author, the higher one counts. */
export const CHATS: Shape = {
  name: 'chats',
  tables: ['chats'],
  choose: (key, rivals) => (fieldOf(key).startsWith(READ) ? highest(rivals) : undefined),
};

export function chatsDocument(document: FlatDocument): ChatsDocument {
  const fields = new FieldMap<ChatId, ChatEntry>(document, 'chats', readChat);
  const setMember = (chatId: ChatId, set: string, recordId: string, isMember: boolean): Promise<void> =>
    fields.write(chatId, { [`${set}/${recordId}`]: isMember ? true : undefined });
  return {
    get: () => fields.source.get(),
    subscribe: (onChange) => fields.source.subscribe(onChange),
    setFlags: (chatId, { folder, ...flags }) =>
      fields.write(chatId, { ...flags, ...(folder !== undefined && { folder: folder ?? undefined }) }),
    setDraft: (chatId, text) => fields.write(chatId, { draft: text === '' ? undefined : text }),
    markRead: (chatId, marks) => fields.write(chatId, raised(fields.source.get().get(chatId), marks)),
    setHidden: (chatId, recordId, hidden) => setMember(chatId, 'hidden', recordId, hidden),
    setStarred: (chatId, recordId, starred) => setMember(chatId, 'starred', recordId, starred),
    setOpened: (chatId, recordId) => setMember(chatId, 'opened', recordId, true),
    remove: (chatId) => fields.remove(chatId),
  };
}

function raised(entry: ChatEntry | undefined, marks: ReadonlyMap<string, number>): Record<string, number> {
  const higher = [...marks].filter(([author, n]) => n > (entry?.readMarks.get(author) ?? 0));
  return Object.fromEntries(higher.map(([author, n]) => [`${READ}${author}`, n]));
}

function readChat(fields: Fields): ChatEntry {
  const [draft, folder, createdAt] = [fields.get('draft'), fields.get('folder'), fields.get('createdAt')];
  const marks = new Map<string, number>();
  const hidden = new Set<string>();
  const starred = new Set<string>();
  const opened = new Set<string>();
  for (const [field, value] of fields) {
    const at = field.indexOf('/');
    const [set, member] = [field.slice(0, at), field.slice(at + 1)];
    if (set === 'read' && typeof value === 'number') marks.set(member, value);
    else if (set === 'hidden') hidden.add(member);
    else if (set === 'starred') starred.add(member);
    else if (set === 'opened') opened.add(member);
  }
  return {
    pinned: fields.get('pinned') === true,
    muted: fields.get('muted') === true,
    archived: fields.get('archived') === true,
    ...(typeof folder === 'string' && { folder }),
    draft: typeof draft === 'string' ? draft : '',
    ...(typeof createdAt === 'number' && { createdAt }),
    readMarks: marks,
    hidden,
    starred,
    opened,
  };
}
