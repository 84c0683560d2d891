/**
 * Media as the chats need it: which files of new messages are fetched, the message that a sending becomes, what view-once
 * messages that were opened lose, and where a failure beside the lane goes. How files travel and where they lie is {@link Media}'s.
 */
import type { ChatId } from '@securechat/crypto';
import type { ClientError, Settings } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Chat } from '../chats/chat-book.ts';
import type { Composer } from '../chats/composer.ts';
import type { ChatsDocument } from '../documents/index.ts';
import type { MediaPart, Sender } from '../inbox/intake.ts';
import { type Lane, LaneClosed } from '../lane.ts';
import { storeErrorType } from '../ports/store-error.ts';
import type { MessageRow } from '../projection/row.ts';
import type { MediaPointer, MessageBody } from '../records/index.ts';
import { Askable, type AskableOptions } from './askable.ts';
import { Media, type MediaOptions } from './media.ts';
import type { SendingRow } from './sending.ts';
import type { SendingsOptions } from './sendings.ts';
import { ViewOnce, type ViewOnceOptions } from './view-once.ts';

type Passed = 'store' | 'cache' | 'link' | 'clock' | 'random' | 'home' | 'directory' | 'relayUrl' | 'changed';

type Known = 'me' | 'chats' | 'groups' | 'outbox' | 'isContact' | 'hasSiblings' | 'kick';

export interface ChatMediaOptions
  extends
    Pick<MediaOptions, Passed>,
    Pick<AskableOptions, Known>,
    Pick<ViewOnceOptions & AskableOptions, 'projection'> {
  readonly lane: Pick<Lane, 'run'>;
  readonly job: (act: (batch: Batch) => void | Promise<void>) => Promise<void>;
  /** Made later than this. */
  readonly composer: () => Composer;
  readonly opened: ChatsDocument;
  readonly settings: () => Settings;
  /** All files of a status are up. Part of a lane job. */
  readonly postStatus: (
    row: SendingRow,
    media: readonly MediaPointer[],
    along: (batch: Batch) => void,
  ) => Promise<void>;
  /** The chat, or why this account may not write to it. */
  readonly writable: (chatId: ChatId) => Promise<Chat | ClientError>;
  /** The chat looks different. */
  readonly chatChanged: (chatId: ChatId) => void;
  /** A lane job that nobody waits for. */
  readonly background: (job: () => Promise<void>) => void;
  /** There is a bug; everything else goes on. */
  readonly onTrouble: (error: unknown) => void;
}

export class ChatMedia {
  readonly media: Media;
  readonly viewOnce: ViewOnce;
  readonly #options: ChatMediaOptions;

  constructor(options: ChatMediaOptions) {
    this.#options = options;
    const { opened, projection, job, chatChanged } = options;
    const askable = new Askable(options);
    this.media = new Media({ ...options, askable, compose: this.#compose, onError: this.#failed });
    this.viewOnce = new ViewOnce({
      ...{ chats: opened, projection, job, changed: chatChanged },
      release: (batch, pointers) => {
        this.media.release(batch, pointers);
      },
    });
  }

  /** Of people whom the user agreed to talk to, and of what is new: history that is being filled in is fetched when it is wanted. */
  came(chat: Chat, added: readonly MessageRow[]): void {
    const { peer } = chat.with;
    if (chat.filling !== undefined || (peer !== undefined && !this.#options.isContact(peer))) return;
    for (const { media, viewOnce } of added)
      if (media !== undefined && viewOnce === undefined) this.media.came(chat.chatId, media);
  }

  /** Somebody asks for a file, or says where one is. */
  heard(part: MediaPart, from: Sender): void {
    const { chatId, blob } = part;
    if (part.type === 'mediaAsk') this.media.answering.heard({ chatId, blob, from });
    else this.media.asking.answered(chatId, blob, from.accountId, { url: part.url, name: part.name });
  }

  /** View-once messages of these chats may have been opened, on whichever own device. */
  takeOpened(chatIds: Iterable<ChatId>): void {
    this.viewOnce.take([...chatIds]).catch(this.#failed);
  }

  /** What is here can still be read, and what is at the server still fetched; nothing goes out any more. */
  stopSending(): void {
    this.media.asking.stop();
    this.media.answering.stop();
    this.media.sendings.stop().catch(this.#failed);
  }

  /** All files of a message are up: it is a message now. */
  readonly #compose: SendingsOptions['compose'] = async (row, media, along) => {
    const { writable, lane, postStatus } = this.#options;
    const composer = this.#options.composer();
    if (row.status !== undefined && composer.isFull) return 'Full';
    if (row.status !== undefined) {
      await lane.run(() => postStatus(row, media, along));
      return 'Sent';
    }
    const chat = await writable(row.chatId);
    if ('type' in chat) return 'Refused';
    if (composer.isFull) return 'Full';
    await lane.run(() => composer.compose(chat, bodyOf(row, media), row.id, along));
    return 'Sent';
  };

  /** What media does runs beside the lane. A full disk shows where it matters; what else storage does is the engine's end. */
  readonly #failed = (error: unknown): void => {
    const { background, onTrouble } = this.#options;
    if (error instanceof LaneClosed) return;
    const fault = storeErrorType(error);
    if (fault === undefined) onTrouble(error);
    else if (fault !== 'QuotaExceeded')
      background(() => Promise.reject(error instanceof Error ? error : new Error(fault)));
  };
}

function bodyOf({ caption, mentions, replyTo, viewOnce }: SendingRow, media: readonly MediaPointer[]): MessageBody {
  return {
    ...{ kind: 'message', text: caption, media },
    ...(mentions !== undefined && { mentions }),
    ...(replyTo !== undefined && { replyTo }),
    ...(viewOnce && { viewOnce }),
  };
}
