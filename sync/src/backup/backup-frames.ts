/** What goes into a backup: everything that another own device would have to be told (SPEC, "Own devices"). */
import { type ChatBook, actsFirst } from '../chats/chat-book.ts';
import { authorParts } from '../chats/composer.ts';
import type { Exchange } from '../devices/exchange.ts';
import type { Groups } from '../groups/groups.ts';
import type { Lane } from '../lane.ts';
import type { Part } from '../payload/payload.ts';
import { piecesOf, ticksOf } from '../repair/repair.ts';

/** Author keys in one frame: below the parts of a payload. */
const AUTHORS = 24;

/** One frame, and how many records are in it. */
export type BackupFrame = readonly [parts: readonly Part[], records: number];

/** Peers and personal documents first, then the groups there are, then chat by chat, the newest records of each first. */
export async function* backupFrames({
  exchange,
  chats,
  groups,
  lane,
}: {
  readonly exchange: Pick<Exchange, 'everything'>;
  readonly chats: Pick<ChatBook, 'all' | 'documents'>;
  readonly groups: Pick<Groups, 'book' | 'introduction'>;
  readonly lane: Lane;
}): AsyncGenerator<BackupFrame> {
  for (const parts of exchange.everything()) yield [parts, 0];
  for (const { groupId } of [...groups.book.all()]) yield [groups.introduction(groupId), 0];
  for (const chat of actsFirst([...chats.all()])) {
    const authors = authorParts(chat, chat.authors.keys());
    for (let from = 0; from < authors.length; from += AUTHORS) yield [authors.slice(from, from + AUTHORS), 0];
    yield [[ticksOf(chat)], 0];
    const documents = await lane.run(() => chats.documents(chat));
    for await (const changes of documents.exportChunks())
      for (const piece of piecesOf(changes))
        yield [[{ type: 'changes', chatId: chat.chatId, of: 'push', changes: piece }], piece.length];
  }
}
