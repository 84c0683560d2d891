/** All that one open chat does with media: what is about to be sent, what is on its way, what is looked at, recorded, forwarded. */
import type { ChatId, MessageItem, RecordId, TimelineItem } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { liveWatch } from '$lib/state/live.ts';
import { DropZone } from './drop-files.svelte.ts';
import type { Media } from './media.svelte.ts';
import type { MediaActions } from './media-actions.ts';
import { refKey } from './media-ref.ts';
import { nextVoice, slidesOf } from './slides.ts';
import { Tray } from './tray.svelte.ts';
import { Recorder } from './recorder.svelte.ts';

/** What it needs of the chat. */
export interface ChatOfMedia {
  readonly chatId: ChatId;
  readonly items: readonly TimelineItem[];
  readonly mayWrite: boolean;
  /** Of the message that is being answered; that is over with it. */
  takeReply(): RecordId | undefined;
  sent(): void;
}

export class ChatMedia {
  readonly tray: Tray;
  readonly recorder: Recorder;
  readonly drop: DropZone;
  readonly sendings;
  readonly actions: MediaActions;
  /** The slide that is looked at. */
  galleryAt = $state<string>();
  once = $state.raw<MessageItem>();
  forwarding = $state.raw<MessageItem>();
  readonly slides;
  readonly #chat: ChatOfMedia;
  #from: HTMLElement | undefined;

  constructor(app: App, media: Media, chat: ChatOfMedia) {
    this.#chat = chat;
    this.tray = new Tray(app, media.preparer, chat.chatId);
    this.recorder = new Recorder(app, media.preparer, chat.chatId);
    this.drop = new DropZone((files) => this.add(files, false));
    this.sendings = liveWatch(app.api, 'sendings', { chatId: chat.chatId });
    this.slides = $derived(this.galleryAt === undefined ? [] : slidesOf(chat.chatId, chat.items));
    this.actions = {
      openGallery: ({ id }, index, from) => {
        this.#from = from;
        this.galleryAt = refKey({ chatId: chat.chatId, recordId: id, index });
      },
      openOnce: (message, from) => {
        this.#from = from;
        this.once = message;
      },
      soundAfter: (file) => nextVoice(chat.chatId, chat.items, file),
    };
  }

  /** What gets the focus back. */
  get from(): HTMLElement | undefined {
    return this.#from?.isConnected ? this.#from : undefined;
  }

  add(files: readonly File[], asFile: boolean): void {
    if (this.#chat.mayWrite) this.tray.add(files, asFile);
  }

  async send(): Promise<void> {
    await this.#handOver(this.tray);
  }

  async sendVoice(): Promise<void> {
    await this.#handOver(this.recorder);
  }

  close(): void {
    this.recorder.discard();
  }

  async #handOver(from: Pick<Tray | Recorder, 'send'>): Promise<void> {
    const sent = from.send(this.#chat.takeReply());
    this.#chat.sent();
    await sent;
  }
}
