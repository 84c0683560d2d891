/**
 * What a message says beside its text, and what an edit does: fields that may be absent, each behind a flag. One line of
 * the table below is all that another one takes.
 *
 *       1 replyTo    record id 18
 *       2 mentions   u8 (1 to 32), ascending, not overlapping: at u16, length u16, account 32
 *       4 expires    seconds u32
 *       8 poll       u8 (2 to 12), none twice: text of 1 to 100 units | multiple u8
 *      16 media      see media.ts; its text is the caption, and may be empty
 *      32 forwarded  nothing
 *      64 view once  nothing; with one image or video
 *     128 status     status id 16 | reaction u8: the status of the other side that it answers; with text alone
 *
 * Positions count UTF-16 units of the text; the text of a poll is its question.
 */
import { fromBase64Url, toBase64Url } from '@securechat/crypto';
import type { AccountId, RecordId } from '../api.ts';
import { ByteSink } from './cursor.ts';
import { type Field, flag, flagged, mapped, present, struct, text, unsigned } from './fields.ts';
import { distinctList, sortedList } from './list-fields.ts';
import { type MediaPointer, POINTERS } from './media.ts';
import { ACCOUNT, RECORD } from './name-fields.ts';

/** A stretch of a text that means an account. */
export interface Mention {
  readonly at: number;
  readonly length: number;
  readonly account: AccountId;
}

export interface Poll {
  readonly options: readonly string[];
  /** Whether one may choose several. */
  readonly multiple: boolean;
}

export interface EditFields {
  readonly mentions?: readonly Mention[];
}

export interface MessageFields extends EditFields {
  readonly replyTo?: RecordId;
  /** Seconds after its time at which it is to be gone. */
  readonly expires?: number;
  readonly poll?: Poll;
  readonly media?: readonly MediaPointer[];
  /** It was said elsewhere before. */
  readonly forwarded?: true;
  /** Whoever gets it opens its media once. */
  readonly viewOnce?: true;
  readonly status?: StatusRef;
}

/** The status that a message answers. */
export interface StatusRef {
  /** 16 bytes in base64url. */
  readonly id: string;
  /** The text is an emoji that is said of it. */
  readonly reaction: boolean;
}

/** Most mentions of a text; choices of a poll, and the UTF-16 units of each and of the question. */
export const MESSAGE_LIMITS = { mentions: 32, options: 12, option: 100, question: 300 } as const;

const PLACE = unsigned(2);
const MENTIONS: Field<readonly Mention[]> = sortedList(
  struct<Mention>({ at: PLACE, length: unsigned(2, 1), account: ACCOUNT }),
  { width: 1, least: 1, most: MESSAGE_LIMITS.mentions },
  ({ at }) => new ByteSink().uint(at, 2).finish(),
);
const POLL: Field<Poll> = struct<Poll>({
  options: distinctList(text(1, MESSAGE_LIMITS.option), { width: 1, least: 2, most: MESSAGE_LIMITS.options }),
  multiple: flag,
});

const STATUS: Field<StatusRef> = struct<StatusRef>({ id: mapped(16, toBase64Url, fromBase64Url), reaction: flag });

export const MESSAGE_FIELDS: Field<MessageFields> = flagged<MessageFields>({
  replyTo: [1, RECORD],
  mentions: [2, MENTIONS],
  expires: [4, unsigned(4, 1)],
  poll: [8, POLL],
  media: [16, POINTERS],
  forwarded: [32, present],
  viewOnce: [64, present],
  status: [128, STATUS],
});

export const EDIT_FIELDS: Field<EditFields> = flagged<EditFields>({ mentions: [2, MENTIONS] });

/** What is wrong with these fields beside this text; undefined: nothing. */
export function problemWith(words: string, fields: MessageFields): string | undefined {
  const { mentions = [], poll } = fields;
  let end = 0;
  for (const { at, length } of mentions) {
    if (at < end) return 'mentions overlap';
    end = at + length;
  }
  if (end > words.length) return 'a mention is outside of the text';
  if (poll !== undefined && words.length > MESSAGE_LIMITS.question) return 'a question is too long';
  return problemWithMedia(words, fields);
}

function problemWithMedia(
  words: string,
  { poll, media, forwarded, viewOnce, status }: MessageFields,
): string | undefined {
  if (status !== undefined && (media ?? poll) !== undefined) return 'a status is answered with a text';
  if (words === '' && media === undefined) return 'text is empty';
  if (poll !== undefined && media !== undefined) return 'a poll has no media';
  if (viewOnce === undefined) return undefined;
  const [first, ...more] = media ?? [];
  const isOne = more.length === 0 && (first?.kind === 'image' || first?.kind === 'video');
  return isOne && forwarded === undefined ? undefined : 'view once is for one image or video, as it was first sent';
}
