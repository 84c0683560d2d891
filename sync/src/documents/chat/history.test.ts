/** A device without history gets it, newest first, from one that has it; and what that costs the one that has it. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type MemoryStorageAdapter,
  type MemoryStorageSnapshot,
  createMemoryStorageAdapter,
} from '../storage/memory-adapter.ts';
import { Member, NOW, authorNamed, craft, openFor, startDocuments, textsOf } from '../testing.ts';
import type { ChatDocuments, WireChange } from '../types.ts';

beforeAll(startDocuments);

const OPTIONS = { segmentSize: 5 };
const SEGMENTS = 24;

async function veteran(segments = SEGMENTS): Promise<Member> {
  const member = await Member.open('alice', OPTIONS);
  for (let i = 0; i < segments * OPTIONS.segmentSize - 2; i += 1)
    await member.say(`message ${String(i).padStart(4, '0')}`);
  return member;
}

/** Segments whose documents are read from storage while `job` runs. */
async function loadsDuring(storage: MemoryStorageAdapter, job: () => Promise<unknown>): Promise<number> {
  const loaded = new Set<string>();
  const { loadRange } = storage;
  storage.loadRange = (prefix) => {
    if (prefix[2] === 'document') loaded.add(prefix.join('/'));
    return loadRange.call(storage, prefix);
  };
  await job();
  storage.loadRange = loadRange;
  return loaded.size;
}

describe('history', () => {
  it('S-ASK-3 comes newest segment first, and can be used and written on at once', async () => {
    const alice = await veteran();
    const laptop = await Member.open('laptop', OPTIONS);
    const seen: number[] = [];
    for (let more = true, round = 0; more; round += 1) {
      const answer = await alice.documents.answer(await laptop.documents.summary(), 2000);
      seen.push(...answer.changes.map(({ segment }) => segment));
      const result = await laptop.documents.ingest(answer.changes, NOW);
      expect(result).toMatchObject({ fresh: answer.changes.length, already: 0, held: 0, missing: 0, refused: [] });
      if (round === 0) {
        expect((await textsOf(laptop.documents)).at(-1)).toBe((await textsOf(alice.documents)).at(-1));
        expect((await laptop.say('from the laptop')).change.segment).toBe(SEGMENTS - 1);
      }
      ({ more } = answer);
    }
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect(seen[0]).toBe(SEGMENTS - 1);
    const back = await laptop.documents.answer(await alice.documents.summary(), 2000);
    await alice.documents.ingest(back.changes, NOW);
    expect(await textsOf(laptop.documents)).toEqual(await textsOf(alice.documents));
    expect(await laptop.documents.summary()).toEqual(await alice.documents.summary());
    expect(laptop.documents.count()).toBe(alice.documents.count());
    expect(laptop.documents.gaps()).toEqual([]);
  });

  it('S-HISTORY-5 whoever is behind tells nothing of a segment in which the asker is further, and all of the others', async () => {
    const alice = await veteran(3);
    const laptop = await Member.open('laptop', OPTIONS);
    const half = (await alice.documents.answer(await laptop.documents.summary(), Infinity)).changes.slice(0, 5);
    await laptop.documents.ingest(half, NOW);
    const [all, nothing] = [
      await alice.documents.summary(),
      await (await Member.open('tablet', OPTIONS)).documents.summary(),
    ];
    const answer = await laptop.documents.answer(all, Infinity, { isBehind: true });
    expect(answer).toEqual({ changes: [], authors: [], more: false, theyHaveMore: true });
    const toNewcomer = await laptop.documents.answer(nothing, Infinity, { isBehind: true });
    expect(toNewcomer.changes).toHaveLength(half.length);
  });

  it('S-ASK-3 goes on after a kill at any write', async () => {
    const alice = await veteran(6);
    const texts = await textsOf(alice.documents);
    const calm = await fetchWithCrash(alice.documents, -1);
    expect(calm.writes).toBeGreaterThan(10);
    for (let crashAt = 1; crashAt <= calm.writes; crashAt += 1) {
      const { documents, counts } = await fetchWithCrash(alice.documents, crashAt);
      const at = `a crash at write ${String(crashAt)}`;
      expect(await textsOf(documents), at).toEqual(texts);
      expect(await documents.summary(), at).toEqual(await alice.documents.summary());
      expect(counts, at).toEqual([texts.length, texts.length]);
    }
  }, 120_000);

  it('S-ASK-4 costs few segments read, however many there are', async () => {
    const alice = await veteran(100);
    await alice.documents.close();
    const documents = await openFor('alice', alice.storage, OPTIONS, 1);
    const newcomer = await Member.open('laptop', OPTIONS);
    const [nothing, all] = [await newcomer.documents.summary(), await documents.summary()];
    const reads = async (job: () => Promise<unknown>): Promise<number> => loadsDuring(alice.storage, job);
    expect(await reads(() => documents.summary())).toBeLessThanOrEqual(2);
    expect(await reads(() => documents.answer(nothing, 3000))).toBeLessThanOrEqual(3);
    expect(await reads(() => documents.answer(all, 3000))).toBeLessThanOrEqual(1);
    const part = { ...all, segments: all.segments.filter(({ segment }) => segment >= 50) };
    expect(await reads(() => documents.answer(part, 3000))).toBeLessThanOrEqual(4);
    expect((await documents.answer(part, 3000)).changes[0]?.segment).toBe(49);
    expect(await reads(() => Promise.resolve(documents.count()))).toBe(0);
  }, 120_000);
});

describe('count', () => {
  it('S-DOC-14 is of all changes here, after a restart too, a fork and what waits included and excluded', async () => {
    const alice = await veteran(4);
    expect(alice.documents.count()).toBe(18);
    expect((await openFor('alice', alice.storage, OPTIONS, 1)).count()).toBe(18);
    const bob = await Member.open('bob', OPTIONS);
    const mallory = authorNamed('mallory');
    const forks = [1, 2].map((n) =>
      craft({ author: mallory, n, body: { kind: 'message', text: `fork ${String(n)}` } }),
    );
    const { carried, fresh } = await bob.documents.ingest(forks, NOW);
    expect(bob.documents.count()).toBe(fresh + carried.length);
    const late = await (await Member.open('carol', OPTIONS)).say('late');
    await alice.documents.ingest([late.change, late.change], NOW);
    expect(alice.documents.count()).toBe(19);
    const orphan = craft({ author: mallory, deps: ['ab'.repeat(32)], startOp: 19 });
    expect(await alice.documents.ingest([orphan], NOW)).toMatchObject({ held: 1 });
    expect(alice.documents.count()).toBe(19);
    expect((await openFor('alice', alice.storage, OPTIONS, 2)).count()).toBe(19);
  });
});

describe('export', () => {
  it('S-DOC-15 gives all changes, newest segment first, the quarantine included, in pieces that another device ingests', async () => {
    const alice = await veteran(6);
    const mallory = authorNamed('mallory');
    const forks = [1, 2].map((n) =>
      craft({ author: mallory, n, body: { kind: 'message', text: `fork ${String(n)}` } }),
    );
    await alice.documents.ingest(forks, NOW);
    const laptop = await Member.open('laptop', OPTIONS);
    const segments: number[] = [];
    for await (const piece of alice.documents.exportChunks()) {
      segments.push(...piece.map(({ segment }) => segment));
      expect(await laptop.documents.ingest(piece, NOW)).toMatchObject({ missing: 0, held: 0 });
    }
    expect(segments).toHaveLength(alice.documents.count());
    expect(segments).toEqual([...segments].sort((a, b) => b - a));
    expect(await textsOf(laptop.documents)).toEqual(await textsOf(alice.documents));
  });

  it('S-DOC-15 gives about a megabyte at a time', async () => {
    const alice = await Member.open('alice');
    for (let i = 0; i < 100; i += 1) await alice.say('x'.repeat(7990) + String(i));
    for (let i = 0; i < 40; i += 1) await alice.say('\u{1f511}'.repeat(4000));
    const sizes: number[] = [];
    let changes = 0;
    for await (const piece of alice.documents.exportChunks()) {
      sizes.push(piece.reduce((sum, { bytes }) => sum + bytes.length, 0));
      changes += piece.length;
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(1.1 * 1024 * 1024);
    expect(changes).toBe(140);
  });
});

class Crash extends Error {}

/** Fetches page by page; a crash at a write, then from what was stored. */
async function fetchWithCrash(
  from: ChatDocuments,
  crashAt: number,
): Promise<{ documents: ChatDocuments; writes: number; counts: number[] }> {
  let writes = 0;
  let isDown = false;
  const open = (snapshot: MemoryStorageSnapshot | undefined): MemoryStorageAdapter =>
    createMemoryStorageAdapter({
      ...(snapshot && { snapshot }),
      beforeWrite: () => {
        writes += 1;
        if (writes === crashAt) isDown = true;
        if (isDown) throw new Crash();
      },
    });
  let storage = open(undefined);
  let documents = await openFor('laptop', storage, OPTIONS);
  const restart = async (run: number): Promise<void> => {
    isDown = false;
    storage = open(storage.snapshot());
    documents = await openFor('laptop', storage, OPTIONS, run);
  };
  for (let more = true, run = 1; more; run += 1) {
    try {
      const answer: { changes: readonly WireChange[]; more: boolean } = await from.answer(
        await documents.summary(),
        1000,
      );
      await documents.ingest(answer.changes, NOW);
      ({ more } = answer);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      await restart(run);
    }
  }
  const counts = [documents.count()];
  await restart(1000);
  return { documents, writes, counts: [...counts, documents.count()] };
}
