/** What the media of a message ask the conversation to do. */
import { createContext } from 'svelte';
import type { MessageItem } from '@securechat/sync/api';
import type { After } from './player.svelte.ts';

export interface MediaActions {
  /** `from` gets the focus back. */
  openGallery(message: MessageItem, index: number, from: HTMLElement): void;
  openOnce(message: MessageItem, from: HTMLElement): void;
  readonly soundAfter: After;
}

export const [getMediaActions, setMediaActions] = createContext<MediaActions>();
