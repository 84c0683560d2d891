/** Folders of chats: they exist as long as a chat is in them. Pure. */
import { FOLDER_LIMIT, type ChatSummary } from '@securechat/sync/api';
import { attentionOf } from './chat-order.ts';

export interface Folder {
  readonly name: string;
  /** Unread messages that ask for attention. */
  readonly unread: number;
}

/** Every folder that one of these chats is in, by name. */
export function listFolders(chats: readonly ChatSummary[]): readonly Folder[] {
  const unread = new Map<string, number>();
  for (const chat of chats) {
    if (chat.folder !== undefined) unread.set(chat.folder, (unread.get(chat.folder) ?? 0) + attentionOf(chat));
  }
  return [...unread]
    .map(([name, count]) => ({ name, unread: count }))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { sensitivity: 'base', numeric: true }));
}

/** The folder that a person means: an existing one that is written the same but for case and spaces, else a new one. */
export function readFolderName(typed: string, existing: readonly string[]): string | undefined {
  const name = typed.trim().replace(/\s+/gu, ' ').slice(0, FOLDER_LIMIT).trim();
  if (name === '') return undefined;
  const key = keyOf(name);
  return existing.find((folder) => keyOf(folder) === key) ?? name;
}

export function inFolder(chats: readonly ChatSummary[], folder: string | undefined): readonly ChatSummary[] {
  return folder === undefined ? chats : chats.filter((chat) => chat.folder === folder);
}

function keyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
