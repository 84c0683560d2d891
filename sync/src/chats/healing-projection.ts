/**
 * A projection that heals itself: rows are a cache of the documents, so a stored row that is not what was stored there
 * makes its chat be folded anew, once. Whoever read it meanwhile fails and is told of the change afterwards.
 */
import type { ChatId } from '@securechat/crypto';
import { DamagedValueError } from '../ports/store-error.ts';
import type { Projection } from '../projection/projection.ts';

export interface Healing {
  /** Lane job's part: folds a chat anew. */
  readonly rebuild: (chatId: ChatId) => Promise<void>;
  /** Every chat, for damage that does not say where it is. */
  readonly all: () => readonly ChatId[];
  readonly background: (job: () => Promise<void>) => void;
}

export function healProjection(inner: Projection, { rebuild, all, background }: Healing): Projection {
  const healed = new Set<string>();
  const heal = async (chatId: string): Promise<boolean> => {
    if (healed.has(chatId)) return false;
    healed.add(chatId);
    await rebuild(chatId as ChatId);
    return true;
  };
  const later = (chatIds: readonly string[]): void => {
    for (const chatId of chatIds) if (!healed.has(chatId)) background(async () => void (await heal(chatId)));
  };
  const reading = async <T>(chatId: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isDamagedRow(error)) later([chatId]);
      throw error;
    }
  };
  return {
    ...inner,
    apply: async (chatId, records) => {
      try {
        return await inner.apply(chatId, records);
      } catch (error) {
        if (!isDamagedRow(error) || !(await heal(chatId))) throw error;
        return inner.apply(chatId, records);
      }
    },
    sweep: async (chatId, limit, commit) => {
      try {
        await inner.sweep(chatId, limit, commit);
      } catch (error) {
        if (!isDamagedRow(error) || !(await heal(chatId))) throw error;
        await inner.sweep(chatId, limit, commit);
      }
    },
    page: (query) => reading(query.chatId, inner.page(query)),
    collection: (query) => reading(query.chatId, inner.collection(query)),
    get: (chatId, id) => reading(chatId, inner.get(chatId, id)),
    lastMessage: (chatId) => reading(chatId, inner.lastMessage(chatId)),
    unread: (chatId, marks) => reading(chatId, inner.unread(chatId, marks)),
    marksUpTo: (chatId, upTo, marks) => reading(chatId, inner.marksUpTo(chatId, upTo, marks)),
    messageCount: (chatId) => reading(chatId, inner.messageCount(chatId)),
    search: async (query, onResults, signal) => {
      try {
        await inner.search(query, onResults, signal);
      } catch (error) {
        if (isDamagedRow(error)) later(query.chatId === undefined ? all() : [query.chatId]);
        throw error;
      }
    },
  };
}

function isDamagedRow(error: unknown): boolean {
  return error instanceof DamagedValueError && (error.table === 'rows' || error.table === 'search');
}
