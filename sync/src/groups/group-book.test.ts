import { createAccount, createAuthorKey, createGroupSecret, groupChatId, ready, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomOf } from '../../test/support/party.ts';
import { createMemoryStore } from '../adapters/memory-store.ts';
import { inBatch } from '../batch.ts';
import type { Act, VerifiedRecord } from '../records/index.ts';
import { GroupBook } from './group-book.ts';

beforeAll(ready);

describe('group book', () => {
  it('S-BATCH-2 a job that failed leaves the acts as they were, and they count when they come again', async () => {
    const random = randomOf('group book');
    const [ann, author, nonce] = [createAccount(random), createAuthorKey(random).publicKey, random(16)];
    const groupId = groupChatId(ann.publicKey, nonce);
    const act: Act = { type: 'found', founderKey: ann.publicKey, nonce, name: 'Climbing' };
    const founding: VerifiedRecord = {
      ...{ id: 'founding', chatId: groupId, author, n: 1, time: { ms: 1, counter: 0 } },
      body: { kind: 'act', after: [], act },
    };
    const ownerOf = (key: string) => (key === toBase64Url(author) ? ann.id : undefined);
    const store = createMemoryStore();
    const book = new GroupBook(store);
    await inBatch(store, (batch) => {
      book.add(batch, groupId, createGroupSecret(random), ann.id);
    });
    const failing = inBatch(store, (batch) => {
      expect(book.takeActs(batch, groupId, [founding], ownerOf)).toBe(true);
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(book.isMember(groupId, ann.id)).toBe(false);
    const take = (): Promise<boolean> => inBatch(store, (batch) => book.takeActs(batch, groupId, [founding], ownerOf));
    expect([await take(), await take()]).toEqual([true, false]);
    const again = new GroupBook(store);
    await again.load();
    expect([book.isMember(groupId, ann.id), again.isMember(groupId, ann.id)]).toEqual([true, true]);
  });
});
