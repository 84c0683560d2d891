/** Pin, mute, archive and folder of one chat, from a menu or by key. */
import ArchiveIcon from '@lucide/svelte/icons/archive';
import ArchiveRestore from '@lucide/svelte/icons/archive-restore';
import Bell from '@lucide/svelte/icons/bell';
import BellOff from '@lucide/svelte/icons/bell-off';
import Folder from '@lucide/svelte/icons/folder';
import Pin from '@lucide/svelte/icons/pin';
import PinOff from '@lucide/svelte/icons/pin-off';
import type { ChatSummary } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { text } from '$lib/text/index.ts';
import { chatTitle } from './chat-title.ts';
import type { MenuItem } from '$lib/ui/menu.svelte';

export function togglePin(app: App, { chatId, pinned }: ChatSummary): void {
  void app.run('setChatFlags', { chatId, pinned: !pinned });
}

export function toggleMute(app: App, { chatId, muted }: ChatSummary): void {
  void app.run('setChatFlags', { chatId, muted: !muted });
}

export async function toggleArchive(app: App, chat: ChatSummary): Promise<void> {
  const { chatId, archived } = chat;
  const done = await app.run('setChatFlags', { chatId, archived: !archived });
  if (!done || archived) return;
  app.toasts.info(text.chats.archivedToast(chatTitle(chat)), {
    label: text.common.undo,
    run: () => void app.run('setChatFlags', { chatId, archived: false }),
  });
}

/** The same as menu lines. `onfolder` asks which folder. */
export function flagItems(app: App, chat: ChatSummary, onfolder: () => void): MenuItem[] {
  return [
    {
      label: chat.pinned ? text.chats.unpin : text.chats.pin,
      icon: chat.pinned ? PinOff : Pin,
      keys: 'P',
      run: () => togglePin(app, chat),
    },
    {
      label: chat.muted ? text.chats.unmute : text.chats.mute,
      icon: chat.muted ? Bell : BellOff,
      keys: 'M',
      run: () => toggleMute(app, chat),
    },
    { label: text.chats.folder, icon: Folder, keys: 'F', run: onfolder },
    {
      label: chat.archived ? text.chats.unarchive : text.chats.archive,
      icon: chat.archived ? ArchiveRestore : ArchiveIcon,
      keys: 'A',
      run: () => void toggleArchive(app, chat),
    },
  ];
}
