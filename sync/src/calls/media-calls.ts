/** Calls about media: sending, fetching, reading, forwarding, and what it takes on this device. */
import type { AccountId, ChatId } from '@securechat/crypto';
import { type ClientError, MEDIA_LIMITS, type MediaDraft, type RecordId, TEXT_LIMIT } from '../api.ts';
import type { Engine } from '../engine.ts';
import type { NewSending } from '../media/drafting.ts';
import { Unreadable } from '../media/sealing.ts';
import { storeErrorType } from '../ports/store-error.ts';
import { type MediaPointer, type MessageBody, isFileName, isMediaType } from '../records/index.ts';
import type { MessageRow } from '../projection/row.ts';
import { pointersOf } from '../views/media-view.ts';
import { type Handlers, done, refused } from './answers.ts';
import { writable } from './composing.ts';
import { writableMentions } from './mentions.ts';

type Names =
  | 'sendMedia'
  | 'pauseSending'
  | 'resumeSending'
  | 'cancelSending'
  | 'loadMedia'
  | 'cancelMedia'
  | 'askForMedia'
  | 'mediaBytes'
  | 'mediaUse'
  | 'freeMedia'
  | 'forwardMessage'
  | 'openOnce';

/** UTF-8 bytes of a caption, so that it and what is said of ten files fit a record. */
const CAPTION_BYTES = 8 * 1024;

export function mediaCalls(engine: Engine): Handlers<Names> {
  const { media } = engine;
  return {
    async sendMedia({ id, chatId, items, caption = '', mentions, replyTo, viewOnce = false }) {
      const chat = await writable(engine, chatId);
      if ('type' in chat) return refused(chat);
      const problem = checkCaption(caption) ?? checkItems(items, viewOnce);
      if (problem !== undefined) return refused(problem);
      // In this order: what ceases to be a sending is a known call by then.
      const isUnderWay = media.sendings.has(id);
      if (!isUnderWay && (await engine.composer.isKnownCall(id))) return done(null);
      if (!isUnderWay && media.sendings.count >= MEDIA_LIMITS.sendings)
        return refused({ type: 'TooManySendings', limit: MEDIA_LIMITS.sendings });
      const drafts = items.map(cleaned);
      const input = {
        id,
        chatId: chat.chatId,
        drafts,
        caption,
        viewOnce,
        ...writableMentions(caption, mentions),
        ...(replyTo !== undefined && { replyTo }),
      };
      const problemOfFiles = await addSending(engine, input);
      return problemOfFiles === undefined ? done(null) : refused(problemOfFiles);
    },
    async pauseSending({ id }) {
      return (await media.sendings.pause(id)) ? done(null) : refused({ type: 'UnknownSending' });
    },
    async resumeSending({ id }) {
      return (await media.sendings.resume(id)) ? done(null) : refused({ type: 'UnknownSending' });
    },
    async cancelSending({ id }) {
      await media.sendings.cancel(id);
      return done(null);
    },
    async loadMedia({ chatId, recordId, index }) {
      const pointers = await chosenOf(engine, chatId, recordId, index);
      if (pointers === undefined) return refused({ type: 'UnknownMedia' });
      for (const pointer of pointers) void media.downloads.load(pointer, chatId as ChatId);
      return done(null);
    },
    async cancelMedia({ chatId, recordId, index }) {
      const pointers = await chosenOf(engine, chatId, recordId, index);
      if (pointers === undefined) return refused({ type: 'UnknownMedia' });
      for (const { blob } of pointers) await media.cancel(blob);
      return done(null);
    },
    async askForMedia({ chatId, recordId, index }) {
      const row = await rowOf(engine, chatId, recordId);
      const pointer = row?.media?.[index];
      if (row === undefined || pointer === undefined || row.viewOnce === true) return refused({ type: 'UnknownMedia' });
      if (media.stateOf(pointer).state === 'here') return done(null);
      const isAsked = await media.asking.ask(pointer, chatId as ChatId, row.account as AccountId);
      return isAsked ? done(null) : refused({ type: 'NobodyToAsk' });
    },
    async mediaBytes({ chatId, recordId, index, from, to }) {
      const row = await rowOf(engine, chatId, recordId);
      const pointer = (await pointersOf(engine, chatId as ChatId, recordId))?.[index];
      if (pointer === undefined || row?.viewOnce === true) return refused({ type: 'UnknownMedia' });
      const range = { from: Math.max(0, Math.trunc(from)), to: Math.trunc(to) };
      if (range.to - range.from > MEDIA_LIMITS.readBytes)
        return refused({ type: 'TooLong', limit: MEDIA_LIMITS.readBytes });
      const read = await media.bytes(pointer, range.from, Math.min(range.to, pointer.size));
      return read.ok ? done({ bytes: read.value }) : refused({ type: 'MediaFailed', failure: read.error });
    },
    mediaUse() {
      const use = media.use();
      // What statuses take is in the total only: they go by themselves.
      const chats = use.chats.filter(({ chatId }) => engine.chats.get(chatId as ChatId) !== undefined);
      return Promise.resolve(done({ ...use, chats }));
    },
    async freeMedia({ chatId }) {
      return done({ freed: await media.free(chatId as ChatId | undefined) });
    },
    forwardMessage: (input) => forward(engine, input),
    async openOnce({ chatId, recordId }) {
      const row = await rowOf(engine, chatId, recordId);
      const pointer = row?.media?.[0];
      if (row?.viewOnce !== true || pointer === undefined) return refused({ type: 'UnknownMedia' });
      if (row.mine) return refused({ type: 'NotYours' });
      const read = await media.whole(pointer, chatId as ChatId);
      if (!read.ok) return refused({ type: 'MediaFailed', failure: read.error });
      await engine.viewOnce.open(chatId as ChatId, recordId);
      return done({ bytes: read.value, type: pointer.type });
    },
  };
}

/** Seals the files; undefined when they will go out by themselves. */
export async function addSending({ media }: Engine, input: NewSending): Promise<ClientError | undefined> {
  try {
    await media.sendings.add(input);
  } catch (error) {
    if (error instanceof Unreadable) return { type: 'Unreadable' };
    if (storeErrorType(error) === 'QuotaExceeded') return { type: 'StorageFull' };
    if (isCancelled(error)) return { type: 'UnknownSending' };
    throw error;
  }
  return undefined;
}

interface Forward {
  readonly id: string;
  readonly chatId: string;
  readonly recordId: RecordId;
  readonly to: readonly string[];
}

async function forward(
  engine: Engine,
  { id, chatId, recordId, to }: Forward,
): Promise<{ readonly ok: true; readonly value: null } | { readonly ok: false; readonly error: ClientError }> {
  const row = await rowOf(engine, chatId, recordId);
  if (row === undefined || row.deleted) return refused({ type: 'UnknownMessage' });
  if (row.viewOnce === true || row.poll !== undefined) return refused({ type: 'MediaInvalid' });
  const chats = await Promise.all(to.map((target) => writable(engine, target)));
  const problem = chats.find((chat) => 'type' in chat);
  if (problem !== undefined && 'type' in problem) return refused(problem);
  const { text, media } = row;
  const body: MessageBody = { kind: 'message', text, forwarded: true, ...(media !== undefined && { media }) };
  for (const [index, chat] of chats.entries()) {
    if ('type' in chat) continue;
    if (engine.composer.isFull) return refused({ type: 'StorageFull' });
    await engine.lane.run(() => engine.composer.compose(chat, body, `${id}.${String(index)}`));
  }
  return done(null);
}

function checkCaption(caption: string): ClientError | undefined {
  const isLong = caption.length > TEXT_LIMIT || new TextEncoder().encode(caption).length > CAPTION_BYTES;
  return isLong ? { type: 'TooLong', limit: CAPTION_BYTES } : undefined;
}

function checkItems(items: readonly MediaDraft[], viewOnce: boolean): ClientError | undefined {
  const { items: most, thumbnailsBytes } = MEDIA_LIMITS;
  if (items.length === 0 || items.length > most) return { type: 'TooManyItems', limit: most };
  const isOnceable = items.length === 1 && (items[0]?.kind === 'image' || items[0]?.kind === 'video');
  if (viewOnce && !isOnceable) return { type: 'MediaInvalid' };
  const thumbnails = items.reduce((sum, { thumbnail }) => sum + (thumbnail?.length ?? 0), 0);
  if (thumbnails > thumbnailsBytes) return { type: 'MediaInvalid' };
  for (const item of items) {
    const problem = checkItem(item, viewOnce ? MEDIA_LIMITS.viewOnceBytes : MEDIA_LIMITS.fileBytes);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Undefined: a file that may be sent. */
export function checkItem({ content, thumbnail, waveform, width, height, duration }: MediaDraft, limit: number) {
  if (content.size === 0) return { type: 'EmptyFile' } as const;
  if (content.size > limit) return { type: 'FileTooLarge', limit } as const;
  const isSide = (side = 1): boolean => Number.isInteger(side) && side >= 1 && side < 2 ** 16;
  const isDuration = Number.isInteger(duration ?? 0) && (duration ?? 0) >= 0 && (duration ?? 0) < 2 ** 32;
  const isSmall = (thumbnail?.length ?? 0) <= MEDIA_LIMITS.thumbnailBytes;
  const isWave = waveform === undefined || waveform.length === MEDIA_LIMITS.waveformBytes;
  return isSide(width) && isSide(height) && isDuration && isSmall && isWave
    ? undefined
    : ({ type: 'MediaInvalid' } as const);
}

/** A draft whose name and type may travel: paths and control characters are taken out, a strange type becomes bytes. */
export function cleaned({ name, type, ...draft }: MediaDraft): MediaDraft {
  const lower = type.toLowerCase();
  const isKnown = lower.length <= MEDIA_LIMITS.type && isMediaType(lower);
  const clean = name
    ?.replace(/[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '_')
    .slice(-MEDIA_LIMITS.name)
    .trim();
  return {
    ...{ ...draft, type: isKnown ? lower : 'application/octet-stream' },
    ...(clean !== undefined && clean !== '' && isFileName(clean) && { name: clean }),
  };
}

async function rowOf(engine: Engine, chatId: string, recordId: RecordId): Promise<MessageRow | undefined> {
  const chat = engine.chats.get(chatId as ChatId);
  return chat === undefined ? undefined : engine.projection.get(chat.chatId, recordId);
}

/** All pointers of a message or status, or one; undefined when there is none. */
async function chosenOf(
  engine: Engine,
  chatId: string,
  recordId: RecordId,
  index: number | undefined,
): Promise<readonly MediaPointer[] | undefined> {
  const all = await pointersOf(engine, chatId as ChatId, recordId);
  if (index === undefined) return all;
  const pointer = all?.[index];
  return pointer === undefined ? undefined : [pointer];
}

function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
