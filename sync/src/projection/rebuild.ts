/**
 * Builds a chat's projection anew from the documents, which are the truth. Not one transaction: a marker stays from
 * the first commit to the last, so that an interrupted rebuild is found and done again.
 */
import type { ChatId } from '../api.ts';
import { prefixRange } from '../ports/store-key.ts';
import type { StoreOp } from '../ports/store.ts';
import { applyRecords, type Context } from './apply.ts';
import { deleteChatOps, rebuildKey } from './keys.ts';
import type { ProjectableRecord } from './record.ts';

/** The caller keeps others from applying to this chat meanwhile. Rejects with what reading or writing rejects with. */
export async function rebuildChat(
  context: Context,
  chatId: ChatId,
  batches: AsyncIterable<readonly ProjectableRecord[]>,
): Promise<void> {
  const { store, heads, expiries } = context;
  heads.forget(chatId);
  expiries.forgetChat(chatId);
  await store.commit([...deleteChatOps(chatId), markRebuild(chatId)]);
  for await (const batch of batches) {
    const { ops } = await applyRecords(context, chatId, batch);
    if (ops.length > 0) await store.commit(ops);
  }
  heads.settle(chatId);
  await store.commit([{ op: 'delete', table: 'rows', key: rebuildKey(chatId) }]);
}

/** The marker of a rebuild that is not finished. */
export function markRebuild(chatId: ChatId): StoreOp {
  return { op: 'put', table: 'rows', key: rebuildKey(chatId), value: new Uint8Array() };
}

/** Chats whose rebuild was interrupted: what they show is incomplete. */
export async function listUnfinished({ store }: Context): Promise<readonly ChatId[]> {
  return chatsBelow(await store.range('rows', prefixRange('rebuild')));
}

/** Chats that have a timeline. */
export async function listChats({ store }: Context): Promise<readonly ChatId[]> {
  return chatsBelow(await store.range('rows', prefixRange('chat')));
}

function chatsBelow(entries: readonly { readonly key: string }[]): ChatId[] {
  return entries.map(({ key }) => key.slice(key.indexOf(':') + 1));
}
