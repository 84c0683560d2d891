/** Calls about statuses. */
import type { AccountId, ChatId } from '@securechat/crypto';
import {
  type CallInput,
  type ClientError,
  MEDIA_LIMITS,
  type Result,
  type StatusAudience,
  type StatusCalls,
  type StatusDraft,
  STATUS_LIMITS,
  TEXT_LIMIT,
} from '../api.ts';
import type { Engine } from '../engine.ts';
import { isShowable, problemWithStatus } from '../records/index.ts';
import { checkedAudience } from '../statuses/audience.ts';
import { type LiveStatus, statusIdOf } from '../statuses/status-row.ts';
import { type Handlers, done, refused } from './answers.ts';
import { compose } from './composing.ts';
import { addSending, checkItem, cleaned } from './media-calls.ts';

const EMOJI_BYTES = 64;
const SECRET_BYTES = 32;

export function statusCalls(engine: Engine): Handlers<keyof StatusCalls> {
  const { statuses, people, self } = engine;
  return {
    postStatus: (input) => post(engine, input),
    async deleteStatus({ statusId }) {
      return engine.lane.run(async () => {
        const row = statuses.book.alive(statusId as ChatId);
        if (row === undefined) return refused({ type: 'UnknownStatus' });
        if (row.account !== self.identity.account.id) return refused({ type: 'NotYours' });
        await statuses.delete(row);
        return done(null);
      });
    },
    async viewStatus(about) {
      return engine.lane.run(async () => {
        const row = shown(engine, about);
        if (row === undefined) return refused({ type: 'UnknownStatus' });
        await statuses.view(row);
        return done(null);
      });
    },
    async muteStatuses({ accountId, muted }) {
      if (!people.isContact(accountId as AccountId)) return refused({ type: 'NotContact' });
      await engine.personal.contacts.set(accountId as AccountId, { statusMuted: muted ? true : undefined });
      return done(null);
    },
    async replyToStatus({ text, ...about }) {
      if (text.length > TEXT_LIMIT || text.trim() === '') return refused({ type: 'TooLong', limit: TEXT_LIMIT });
      return answer(engine, about, text, false);
    },
    async reactToStatus({ emoji, ...about }) {
      const isLong = emoji === '' || new TextEncoder().encode(emoji).length > EMOJI_BYTES;
      return isLong ? refused({ type: 'TooLong', limit: EMOJI_BYTES }) : answer(engine, about, emoji, true);
    },
    async setStatusAudience({ audience }) {
      const checked = checkedAudience(audience);
      if (checked === undefined) return refused({ type: 'StatusInvalid' });
      await statuses.setAudience(checked);
      return done(null);
    },
  };
}

interface About {
  readonly authorId: string;
  readonly statusId: string;
}

/** A status of a contact that is alive. */
function shown({ statuses, people }: Engine, { authorId, statusId }: About): LiveStatus | undefined {
  const row = statuses.book.alive(statusId as ChatId);
  return row?.account === authorId && people.isContact(row.account) ? row : undefined;
}

async function answer(
  engine: Engine,
  { id, ...about }: About & { readonly id: string },
  text: string,
  reaction: boolean,
): Promise<Result<{ readonly chatId: ChatId; readonly recordId: string }, ClientError>> {
  const row = shown(engine, about);
  if (row === undefined) return refused({ type: 'UnknownStatus' });
  const chatId = engine.people.chatWith(row.account);
  const sent = await compose(engine, { id, chatId }, { kind: 'message', text, status: { id: row.id, reaction } });
  return sent.ok ? done({ chatId, recordId: sent.value.recordId }) : sent;
}

type Posted = Result<{ readonly statusIds: readonly string[] }, ClientError>;

/** Everything is checked before anything is posted. */
async function post(engine: Engine, { id, items, audience }: CallInput<'postStatus'>): Promise<Posted> {
  const { statuses, media } = engine;
  const chosen = checkedAudience(audience ?? statuses.audience);
  if (chosen === undefined) return refused({ type: 'StatusInvalid' });
  if (items.length === 0 || items.length > STATUS_LIMITS.items)
    return refused({ type: 'TooManyItems', limit: STATUS_LIMITS.items });
  const problem = items.map(checkDraft).find((each) => each !== undefined);
  if (problem !== undefined) return refused(problem);
  const calls = items.map((_, index) => `${id}.${String(index)}`);
  const fresh = calls.filter((call) => knownId(engine, call) === undefined);
  if (fresh.length > statuses.room - media.sendings.statuses.length)
    return refused({ type: 'TooManyStatuses', limit: STATUS_LIMITS.alive });
  const statusIds: string[] = [];
  for (const [index, item] of items.entries()) {
    const posted = await postOne(engine, calls[index] ?? '', item, chosen);
    if (!posted.ok) return posted;
    statusIds.push(posted.value);
  }
  return done({ statusIds });
}

async function postOne(
  engine: Engine,
  call: string,
  item: StatusDraft,
  audience: StatusAudience,
): Promise<Result<string, ClientError>> {
  const { statuses, composer, media, lane, random, self } = engine;
  const known = knownId(engine, call);
  if (known !== undefined) return done(known);
  const secret = random(SECRET_BYTES);
  if (item.type === 'text') {
    if (composer.isFull) return refused({ type: 'StorageFull' });
    const { text, colour } = item;
    return done(await lane.run(() => statuses.post({ secret, call, audience, text, colour })));
  }
  if (media.sendings.count >= MEDIA_LIMITS.sendings)
    return refused({ type: 'TooManySendings', limit: MEDIA_LIMITS.sendings });
  const chatId = statusIdOf(self.identity.account.id, secret);
  const { caption = '' } = item;
  const drafts = [cleaned(item.media)];
  const problem = await addSending(engine, {
    ...{ id: call, chatId, drafts, caption, viewOnce: false },
    status: { secret, audience },
  });
  return problem === undefined ? done(chatId) : refused(problem);
}

/** What an earlier call with this id posted, or is about to. */
function knownId({ statuses, media }: Engine, call: string): string | undefined {
  return media.sendings.chatOf(call) ?? statuses.postedBy(call)?.id;
}

function checkDraft(item: StatusDraft): ClientError | undefined {
  const { text: limit, fileBytes } = STATUS_LIMITS;
  const text = item.type === 'text' ? item.text : (item.caption ?? '');
  if (text.length > limit) return { type: 'TooLong', limit };
  if (item.type === 'text')
    return problemWithStatus(item) === undefined
      ? undefined
      : { type: item.text.trim() === '' ? 'TooLong' : 'StatusInvalid', limit };
  const { content, kind, duration } = item.media;
  const problem = checkItem(item.media, fileBytes);
  if (problem !== undefined) return problem;
  const about = { kind, size: content.size, ...(duration !== undefined && { duration }) };
  return isShowable(about) ? undefined : { type: 'StatusInvalid' };
}
