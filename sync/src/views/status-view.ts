/** Statuses as the app sees them. What is over by the clock is left out, whether it was swept or not. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type {
  MediaAbout,
  StatusContent,
  StatusItem,
  StatusQuote,
  StatusRing,
  Statuses,
  StatusViewer,
  StatusViewers,
} from '../api.ts';
import type { Engine } from '../engine.ts';
import type { MediaPointer, StatusRef } from '../records/index.ts';
import type { LiveStatus } from '../statuses/status-row.ts';

const QUOTE = 300;

/** All that is shown now: mine, and each contact's. */
export function statusesOf(engine: Engine): Statuses {
  const { statuses, people, self, media } = engine;
  const me = self.identity.account.id;
  const byAuthor = new Map<AccountId, LiveStatus[]>();
  for (const row of statuses.book.allAlive()) byAuthor.set(row.account, [...(byAuthor.get(row.account) ?? []), row]);
  const mine = byAuthor.get(me) ?? [];
  byAuthor.delete(me);
  const shown = [...byAuthor].filter(([account]) => people.isContact(account));
  const rings = shown.map(([account, rows]) => ringOf(engine, account, rows)).sort((a, b) => b.time - a.time);
  const isMuted = ({ accountId }: StatusRing): boolean => people.isStatusMuted(accountId as AccountId);
  const time = mine.at(-1)?.time;
  return {
    mine: {
      segments: segmentsOf(engine, mine),
      sendings: media.sendings.statuses,
      ...(time !== undefined && { time }),
    },
    others: rings.filter((ring) => !isMuted(ring)),
    muted: rings.filter(isMuted),
  };
}

/** One author's, oldest first. */
export function statusItems(engine: Engine, accountId: AccountId): readonly StatusItem[] {
  const { statuses, people, self } = engine;
  const isShown = accountId === self.identity.account.id || people.isContact(accountId);
  return isShown ? statuses.book.allAlive(accountId).map((row) => itemOf(engine, row)) : [];
}

/** Who saw one of ours. */
export function statusViewers(engine: Engine, statusId: ChatId): StatusViewers | null {
  const row = engine.statuses.book.alive(statusId);
  if (row?.account !== engine.self.identity.account.id) return null;
  const { audience, delivered, seen } = countsOf(row);
  const viewers = Object.entries(row.views).flatMap(([account, time]): StatusViewer[] =>
    time === 0 ? [] : [{ ...shownAs(engine, account as AccountId), time }],
  );
  return {
    viewers: viewers.sort((a, b) => b.time - a.time),
    unknown: delivered - seen,
    waiting: Math.max(0, audience - delivered),
  };
}

/** The status that a message between this account and `peer` answers: the other side's of who wrote it. */
export function statusQuote(
  engine: Pick<Engine, 'statuses' | 'people' | 'self'>,
  { id: statusId, reaction }: StatusRef,
  about: { readonly peer: AccountId | undefined; readonly isMine: boolean },
): StatusQuote {
  const { statuses, people, self } = engine;
  const row = statuses.book.alive(statusId as ChatId);
  const author = about.isMine ? about.peer : self.identity.account.id;
  if (row === undefined || about.peer === undefined || row.account !== author)
    return { statusId, reaction, missing: true };
  const { text, colour, media, account } = row;
  return {
    ...{ statusId, reaction, missing: false, mine: !about.isMine, name: people.nameOf(account) },
    text: text.slice(0, QUOTE),
    ...(media === undefined ? { colour } : { media: media.kind }),
    ...(media?.thumbnail !== undefined && { thumbnail: media.thumbnail }),
  };
}

function ringOf(engine: Engine, account: AccountId, rows: readonly LiveStatus[]): StatusRing {
  return { ...shownAs(engine, account), time: rows.at(-1)?.time ?? 0, segments: segmentsOf(engine, rows) };
}

function segmentsOf({ statuses }: Engine, rows: readonly LiveStatus[]): Statuses['mine']['segments'] {
  return rows.map((row) => ({ statusId: row.id, seen: statuses.isSeen(row) }));
}

function shownAs({ people }: Engine, accountId: AccountId): Pick<StatusViewer, 'accountId' | 'name' | 'avatar'> {
  const avatar = people.avatarOf(accountId);
  return { accountId, name: people.nameOf(accountId), ...(avatar !== undefined && { avatar }) };
}

function itemOf(engine: Engine, row: LiveStatus): StatusItem {
  const { id: statusId, time, expiresAt, recordId } = row;
  const isQueued = engine.outbox.stateOf({ chatId: statusId, recordId }) !== undefined;
  const isMine = row.account === engine.self.identity.account.id;
  return {
    ...{ statusId, time, expiresAt, seen: engine.statuses.isSeen(row), content: contentOf(row) },
    ...(isMine && { own: { state: isQueued ? 'queued' : 'sent', ...countsOf(row) } }),
  };
}

function countsOf({ audience = [], views }: LiveStatus): { readonly [K in 'audience' | 'delivered' | 'seen']: number } {
  const times = Object.values(views);
  return { audience: audience.length, delivered: times.length, seen: times.filter((time) => time > 0).length };
}

function contentOf({ text, colour, media }: LiveStatus): StatusContent {
  return media === undefined ? { type: 'text', text, colour } : { type: 'media', media: aboutOf(media), caption: text };
}

function aboutOf({ url: _, blob: _blob, key: _key, digest: _digest, ...about }: MediaPointer): MediaAbout {
  return about;
}
