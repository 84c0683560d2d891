/**
 * A crash at every single write: the device is reopened from what was stored, the interrupted step is done again as the
 * engine does (it acknowledges nothing before a step returned), and in the end nothing is lost and nothing doubled.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type RecordDraft, type VerifiedRecord } from '../../records/record.ts';
import { createMemoryStorageAdapter, type MemoryStorageSnapshot } from '../storage/memory-adapter.ts';
import { Member, NOW, authorNamed, craft, openFor, startDocuments } from '../testing.ts';
import type { ChatDocuments, WireChange } from '../types.ts';

beforeAll(startDocuments);

const OPTIONS = { segmentSize: 8 };
const bob = authorNamed('bob');
const mallory = authorNamed('mallory');

class Crash extends Error {}

type Step = { readonly append: RecordDraft } | { readonly ingest: readonly WireChange[] };

/** Own messages, messages in and out of order, over several segments, a fork among them. Nothing comes twice by itself. */
async function makeSteps(): Promise<Step[]> {
  const alice = await Member.open('alice', OPTIONS);
  const wire: WireChange[] = [];
  for (let i = 0; i < 26; i += 1) wire.push((await alice.say(`alice ${String(i)}`)).change);
  const forks = [1, 2].map((n) =>
    craft({ author: mallory, n, body: { kind: 'message', text: `mallory ${String(n)}` } }),
  );
  const own = (n: number): Step => ({
    append: { n, time: { ms: NOW + 1000 * n, counter: 0 }, body: { kind: 'message', text: `bob ${String(n)}` } },
  });
  return [
    ...[1, 2, 3].map(own),
    { ingest: wire.slice(3, 6) },
    { ingest: forks },
    { ingest: wire.slice(20) },
    ...wire.slice(0, 3).map((change) => ({ ingest: [change] })),
    own(10),
    { ingest: wire.slice(6, 20) },
    ...Array.from({ length: 10 }, (_, i) => own(20 + i)),
  ];
}

/** Takes one step and answers the records that the engine would put into its rows. */
async function take(documents: ChatDocuments, step: Step): Promise<readonly VerifiedRecord[]> {
  if ('append' in step) return [(await documents.append(bob, step.append)).record];
  return (await documents.ingest(step.ingest, NOW + 100_000)).applied;
}

interface Outcome {
  /** Texts that reached the rows, and texts in the documents with how often each was put. */
  readonly rows: string[];
  readonly stored: Map<string, number>;
  readonly writes: number;
  readonly snapshots: number;
}

/** Runs all steps, crashing once at write number `crashAt` or after step number `loseStep`. */
async function live(steps: readonly Step[], crashAt: number, loseStep = -1): Promise<Outcome> {
  let writes = 0;
  let isDown = false;
  const open = (snapshot: MemoryStorageSnapshot | undefined) =>
    createMemoryStorageAdapter({
      ...(snapshot && { snapshot }),
      beforeWrite: () => {
        writes += 1;
        if (writes === crashAt) isDown = true;
        if (isDown) throw new Crash();
      },
    });
  let storage = open(undefined);
  let run = 0;
  let documents = await openFor('bob', storage, OPTIONS, run);
  const rows = new Set<string>();
  const show = (records: readonly VerifiedRecord[]): void => {
    for (const { body } of records) if (body.kind === 'message') rows.add(body.text);
  };
  const restart = async (): Promise<void> => {
    isDown = false;
    storage = open(storage.snapshot());
    documents = await openFor('bob', storage, OPTIONS, (run += 1));
  };
  const takeAndShow = async (step: Step): Promise<void> => {
    const records = await take(documents, step);
    show([...documents.recovered, ...records]);
  };
  for (const [i, step] of steps.entries()) {
    for (let lost = i === loseStep ? 2 : 0; lost > 0; lost -= 1) {
      await take(documents, step);
      await restart();
    }
    try {
      await takeAndShow(step);
      await documents.summary();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      await restart();
      await takeAndShow(step);
    }
  }
  await restart();
  const snapshots = [...storage.snapshot().keys()].filter((key) => key.includes('snapshot')).length;
  return { rows: [...rows].sort(), stored: await countTexts(documents), writes, snapshots };
}

async function countTexts(documents: ChatDocuments): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const records of documents.readAll()) {
    for (const { body } of records) {
      if (body.kind === 'message') counts.set(body.text, (counts.get(body.text) ?? 0) + 1);
    }
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('a crash', () => {
  it('S-DOC-12 at any write loses nothing and doubles nothing', async () => {
    const steps = await makeSteps();
    const calm = await live(steps, -1);
    expect(calm.rows).toHaveLength(26 + 14 + 2);
    expect([...calm.stored.keys()]).toEqual(calm.rows);
    expect(calm.writes).toBeGreaterThan(50);
    expect(calm.snapshots).toBeGreaterThan(0);
    for (let crashAt = 1; crashAt <= calm.writes; crashAt += 1) {
      const { rows, stored } = await live(steps, crashAt);
      expect(rows, `rows after a crash at write ${String(crashAt)}`).toEqual(calm.rows);
      expect(stored, `documents after a crash at write ${String(crashAt)}`).toEqual(calm.stored);
    }
  }, 240_000);

  it('S-DOC-12 after any step, twice, before its outcome was used, loses nothing and doubles nothing', async () => {
    const steps = await makeSteps();
    const calm = await live(steps, -1);
    for (let i = 0; i < steps.length; i += 1) {
      const { rows, stored } = await live(steps, -1, i);
      expect(rows, `rows after step ${String(i)}`).toEqual(calm.rows);
      expect(stored, `documents after step ${String(i)}`).toEqual(calm.stored);
    }
  }, 240_000);

  it('S-DOC-13 that is only a refused write (a full disk) leaves the open documents usable', async () => {
    const steps = await makeSteps();
    const calm = await live(steps, -1);
    for (let failing = 1; failing <= calm.writes; failing += 7) {
      let writes = 0;
      const storage = createMemoryStorageAdapter({
        beforeWrite: () => {
          writes += 1;
          if (writes === failing) throw new Crash();
        },
      });
      const documents = await openFor('bob', storage, OPTIONS);
      for (const step of steps) {
        await take(documents, step).catch(async (error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          await take(documents, step);
        });
      }
      expect(await countTexts(documents), `a write refused at ${String(failing)}`).toEqual(calm.stored);
    }
  }, 240_000);
});
