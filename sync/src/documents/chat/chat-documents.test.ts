import { beforeAll, describe, expect, it } from 'vitest';
import { recordIdOf } from '../../records/record.ts';
import { createMemoryStorageAdapter } from '../storage/memory-adapter.ts';
import { CHAT, CHAT_SECRET, Member, NOW, authorNamed, craft, openFor, startDocuments, textsOf } from '../testing.ts';
import type { Appended, ChatDocuments, WireChange } from '../types.ts';
import * as A from '@automerge/automerge/slim';
import { makePlace } from '../segment/place.ts';

beforeAll(startDocuments);

const changesOf = (appended: readonly Appended[]): WireChange[] => appended.map(({ change }) => change);

async function sayMany(member: Member, count: number, from = 0): Promise<Appended[]> {
  const appended: Appended[] = [];
  for (let i = from; i < from + count; i += 1) appended.push(await member.say(`message ${String(i).padStart(4, '0')}`));
  return appended;
}

/** Asks until nothing is lacking, as two engines do. */
async function repair(from: ChatDocuments, to: ChatDocuments, budget = 4000): Promise<number> {
  let bytes = 0;
  for (let round = 0; round < 200; round += 1) {
    const answer = await from.answer(await to.summary(), budget);
    if (answer.changes.length === 0) return bytes;
    bytes += answer.changes.reduce((sum, change) => sum + change.bytes.length, 0);
    await to.ingest(answer.changes, NOW);
  }
  throw new Error('repair does not end');
}

describe('append', () => {
  it('S-DOC-5 is durable before it resolves, and comes back after a restart', async () => {
    const alice = await Member.open('alice');
    const { record, change, again } = await alice.say('hello');
    expect(again).toBe(false);
    const opened = await openFor('alice', createMemoryStorageAdapter({ snapshot: alice.storage.snapshot() }));
    expect(await textsOf(opened)).toEqual(['hello']);
    expect(await opened.changeOf(record.id)).toEqual(change);
    expect(opened.maxN(alice.author.publicKey)).toBe(1);
    expect(opened.latestTime()).toEqual(record.time);
  });

  it('S-DOC-6 done again answers the same change, also after a restart and in an older segment', async () => {
    const alice = await Member.open('alice', { segmentSize: 4 });
    const draft = { n: 1, time: alice.nextTime(), body: { kind: 'message', text: 'once' } } as const;
    const first = await alice.documents.append(alice.author, draft);
    expect(first.record.id).toBe(recordIdOf(CHAT, alice.author.publicKey, draft));
    expect(await alice.documents.append(alice.author, draft)).toEqual({ ...first, again: true });
    await sayMany(alice, 9);
    const opened = await openFor('alice', alice.storage, { segmentSize: 4 }, 1);
    expect(await opened.append(alice.author, draft)).toEqual({ ...first, again: true });
    expect(await textsOf(opened)).toHaveLength(10);
  });

  it('refuses a counter that was used for something else', async () => {
    const alice = await Member.open('alice');
    await alice.say('one');
    const draft = { n: 1, time: alice.nextTime(), body: { kind: 'message', text: 'other' } } as const;
    await expect(alice.documents.append(alice.author, draft)).rejects.toThrow(RangeError);
    expect((await alice.say('two')).record.n).toBe(2);
  });

  it('S-DOC-7 of an older draft, redone after newer messages came in, is accepted by the others', async () => {
    const [alice, bob] = [await Member.open('alice'), await Member.open('bob')];
    const time = alice.nextTime();
    const fromBob = changesOf(await sayMany(bob, 3));
    await alice.documents.ingest(fromBob, NOW + 1000);
    const late = await alice.documents.append(alice.author, { n: 1, time, body: { kind: 'message', text: 'late' } });
    expect(await bob.documents.ingest([late.change], NOW)).toMatchObject({ fresh: 1, refused: [] });
    const next = await alice.say('next');
    expect(await bob.documents.ingest([next.change], NOW)).toMatchObject({ fresh: 1, refused: [] });
  });

  it('S-DOC-4 opens the next segment when one is full', async () => {
    const alice = await Member.open('alice', { segmentSize: 10 });
    const appended = await sayMany(alice, 25);
    expect(appended.map(({ change }) => change.segment)).toEqual(appended.map((_, i) => Math.floor(i / 10)));
  });
});

describe('ingest', () => {
  it('brings what was appended, in any order and repeated', async () => {
    const [alice, bob] = [await Member.open('alice'), await Member.open('bob')];
    const changes = changesOf(await sayMany(alice, 20));
    const shuffled = [...changes.slice(7).reverse(), ...changes, ...changes.slice(0, 3)];
    const { applied, refused, fresh, held } = await bob.documents.ingest(shuffled, NOW);
    expect({ refused, fresh, held }).toEqual({ refused: [], fresh: 20, held: 0 });
    expect(applied.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(await textsOf(bob.documents)).toEqual(await textsOf(alice.documents));
    expect(bob.storage.size()).toBeLessThan(12_000);
  });

  it('S-DOC-8 holds what depends on something missing, over a restart, and tells what is missing', async () => {
    const [alice, bob] = [await Member.open('alice'), await Member.open('bob')];
    const [first, ...rest] = changesOf(await sayMany(alice, 5));
    const result = await bob.documents.ingest(rest, NOW);
    expect(result).toMatchObject({ fresh: 0, held: 4, missing: 1, applied: [] });
    const again = await openFor('bob', bob.storage, {}, 1);
    expect(again.missing()).toEqual(bob.documents.missing());
    expect(again.missing()).toHaveLength(1);
    if (!first) throw new Error('no change');
    const arrived = await again.ingest([first], NOW);
    expect(arrived.applied.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
    expect(again.missing()).toEqual([]);
  });

  it('S-DOC-4 takes a segment before those below it, and writes on in the newest', async () => {
    const [alice, bob] = [await Member.open('alice', { segmentSize: 4 }), await Member.open('bob', { segmentSize: 4 })];
    const changes = changesOf(await sayMany(alice, 15));
    expect(await bob.documents.ingest(changes.slice(12), NOW)).toMatchObject({ fresh: 3, held: 0, refused: [] });
    const { change } = await bob.say('with the newest');
    expect(change.segment).toBe(3);
    expect(await alice.documents.ingest([change], NOW)).toMatchObject({ fresh: 1, refused: [] });
    expect(await bob.documents.ingest(changes.slice(0, 12), NOW)).toMatchObject({ fresh: 12, refused: [] });
    expect(await textsOf(bob.documents)).toEqual(await textsOf(alice.documents));
  });

  it('S-DOC-4 holds changes of a segment that is too far away, over a restart, until it is nearer', async () => {
    const bob = await Member.open('bob');
    const at = (segment: number): WireChange =>
      craft({ author: authorNamed('alice'), segment, n: segment, body: { kind: 'message', text: String(segment) } });
    expect(await bob.documents.ingest([at(9000), at(5000)], NOW)).toMatchObject({ fresh: 0, held: 2, missing: 0 });
    const again = await openFor('bob', bob.storage, {}, 1);
    expect(await again.ingest([at(4000)], NOW)).toMatchObject({ fresh: 3, already: 0, held: 0, refused: [] });
    expect((await textsOf(again)).sort()).toEqual(['4000', '5000', '9000']);
    expect((await again.summary()).segments.map(({ segment }) => segment)).toEqual([4000, 5000, 9000]);
  });

  it('takes late changes into an older segment', async () => {
    const [alice, bob] = [await Member.open('alice', { segmentSize: 4 }), await Member.open('bob', { segmentSize: 4 })];
    const lone = await bob.say('lone');
    await sayMany(alice, 12);
    expect(await alice.documents.ingest([lone.change], NOW)).toMatchObject({ fresh: 1, refused: [] });
    const reopened = await openFor('alice', alice.storage, { segmentSize: 4 }, 1);
    expect(reopened.maxN(bob.author.publicKey)).toBe(1);
    await repair(alice.documents, bob.documents);
    expect(await textsOf(bob.documents)).toEqual(await textsOf(alice.documents));
  });

  it('counts gaps in an author’s records', async () => {
    const [alice, bob] = [await Member.open('alice', { segmentSize: 4 }), await Member.open('bob', { segmentSize: 4 })];
    const changes = changesOf(await sayMany(alice, 8));
    await bob.documents.ingest(changes.slice(0, 2), NOW);
    await bob.documents.ingest(changes.slice(4), NOW);
    expect(bob.documents.gaps()).toEqual([{ author: new Uint8Array(alice.author.publicKey), missing: 2 }]);
    await bob.documents.ingest(changes.slice(2, 4), NOW);
    expect(bob.documents.gaps()).toEqual([]);
  });
});

describe('storage', () => {
  it('S-DOC-9 compacts into snapshots and loses nothing', async () => {
    const alice = await Member.open('alice', { segmentSize: 300 });
    await sayMany(alice, 650);
    const keys = [...alice.storage.snapshot().keys()];
    expect(keys.length).toBeLessThan(120);
    expect(keys.filter((key) => key.includes('snapshot')).length).toBe(2);
    const again = await openFor('alice', alice.storage, { segmentSize: 300 }, 1);
    expect(await textsOf(again)).toHaveLength(650);
  });

  it('S-DOC-10 is plain Automerge: a snapshot opens with Automerge alone', async () => {
    const alice = await Member.open('alice', { segmentSize: 20 });
    await sayMany(alice, 45);
    const place = makePlace(CHAT, CHAT_SECRET, 0);
    const stored = await alice.storage.loadRange(place.key);
    const doc = A.loadIncremental(
      A.init<{ records: Record<string, object> }>(),
      new Uint8Array(stored.flatMap(({ data }) => [...(data ?? [])])),
    );
    expect(Object.values(doc.records).reduce((sum, bucket) => sum + Object.keys(bucket).length, 0)).toBe(20);
  });

  it('gives up a damaged chunk but nothing else, and repair fills the hole', async () => {
    const [alice, bob] = [await Member.open('alice'), await Member.open('bob')];
    const changes = changesOf(await sayMany(alice, 6));
    for (const change of changes) await bob.documents.ingest([change], NOW);
    const snapshot = new Map(bob.storage.snapshot());
    const [key] = [...snapshot.keys()].filter((name) => name.includes('changes'));
    snapshot.set(key ?? '', new Uint8Array(5));
    const again = await openFor('bob', createMemoryStorageAdapter({ snapshot }), {}, 1);
    expect((await textsOf(again)).length).toBeLessThan(6);
    await repair(alice.documents, again);
    expect(await textsOf(again)).toHaveLength(6);
  });
});

describe('turn', () => {
  it('S-DOC-16 begins the next segment once, also after a restart, and what is written then depends on nothing before', async () => {
    const alice = await Member.open('alice');
    expect(await alice.documents.turn()).toBe(0);
    await sayMany(alice, 3);
    expect([await alice.documents.turn(), await alice.documents.turn()]).toEqual([1, 1]);
    const opened = await openFor('alice', createMemoryStorageAdapter({ snapshot: alice.storage.snapshot() }));
    expect([await opened.turn(), opened.count()]).toEqual([1, 3]);
    const { change } = await alice.say('new');
    expect(change.segment).toBe(1);
    const bob = await Member.open('bob');
    expect((await bob.documents.ingest([change], NOW)).applied).toHaveLength(1);
    expect(await alice.documents.turn()).toBe(2);
  });

  it('S-DOC-17 leaves the newest segment for the age of what it holds, also after a restart', async () => {
    const alice = await Member.open('alice');
    await alice.documents.turnIfOlder(Infinity);
    await sayMany(alice, 3);
    const times: number[] = [];
    for await (const records of alice.documents.readAll()) times.push(...records.map(({ time }) => time.ms));
    await alice.documents.turnIfOlder(Math.min(...times));
    expect((await alice.say('still there')).change.segment).toBe(0);
    const opened = await openFor('alice', createMemoryStorageAdapter({ snapshot: alice.storage.snapshot() }));
    await opened.turnIfOlder(Math.min(...times) + 1);
    expect(await opened.turn()).toBe(1);
    await alice.documents.turnIfOlder(Math.min(...times) + 1);
    expect((await alice.say('later')).change.segment).toBe(1);
  });
});

describe('repair', () => {
  it('S-ASK-1 brings everything to a device that has nothing, within each budget', async () => {
    const [alice, carol] = [
      await Member.open('alice', { segmentSize: 25 }),
      await Member.open('carol', { segmentSize: 25 }),
    ];
    await sayMany(alice, 130);
    await repair(alice.documents, carol.documents, 5000);
    expect(await textsOf(carol.documents)).toEqual(await textsOf(alice.documents));
    const answer = await alice.documents.answer(await carol.documents.summary(), 5000);
    expect(answer).toEqual({ changes: [], authors: [], more: false, theyHaveMore: false });
  });

  it('S-ASK-2 sends little when little is missing, also when the other side is ahead', async () => {
    const [alice, bob] = [await Member.open('alice'), await Member.open('bob')];
    await bob.documents.ingest(changesOf(await sayMany(alice, 200)), NOW);
    await bob.say('ahead');
    const ahead = await alice.documents.answer(await bob.documents.summary(), 100_000);
    expect(ahead.theyHaveMore).toBe(true);
    expect(ahead.changes.length).toBeLessThan(4);
    await sayMany(alice, 3, 200);
    const both = await alice.documents.answer(await bob.documents.summary(), 100_000);
    expect(both.theyHaveMore).toBe(true);
    expect(both.changes.length).toBeGreaterThanOrEqual(3);
    expect(both.changes.length).toBeLessThan(10);
  });

  it('S-ASK-5 tells nothing of the segments below a given one, whatever is said of them, and notices what is not here', async () => {
    const [alice, bob] = [await Member.open('alice', { segmentSize: 4 }), await Member.open('bob', { segmentSize: 4 })];
    await sayMany(alice, 10);
    const from = await alice.documents.turn();
    await sayMany(alice, 2, 10);
    await bob.say('on its own');
    const questions = [{ from: 0, segments: [] }, await bob.documents.summary(), await alice.documents.summary()];
    const answers = [];
    for (const question of questions) answers.push(await alice.documents.answer(question, 100_000, { from }));
    expect(answers.map(({ changes }) => changes.map(({ segment }) => segment))).toEqual([
      [from, from],
      [from, from],
      [],
    ]);
    expect(answers.map(({ more, theyHaveMore }) => [more, theyHaveMore])).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ]);
    await bob.documents.ingest(answers[1]?.changes ?? [], NOW);
    expect(await textsOf(bob.documents)).toEqual(['on its own', 'message 0010', 'message 0011']);
  });

  it('survives any question', async () => {
    const alice = await Member.open('alice');
    await alice.say('x');
    const odd = [
      { from: 4_000_000_000, segments: [] },
      { from: 0, segments: [{ segment: 77, generation: 5, heads: ['00'.repeat(32)], landmarks: [] }] },
    ];
    for (const question of odd)
      expect((await alice.documents.answer(question, 0)).changes.length).toBeLessThanOrEqual(1);
  });
});

it('S-DOC-1 documents of the same chat have the same ids everywhere and differ between segments and chats', () => {
  const ids = [
    makePlace(CHAT, CHAT_SECRET, 0),
    makePlace(CHAT, CHAT_SECRET, 1),
    makePlace(CHAT, CHAT_SECRET, 0, 1),
    makePlace(CHAT, new Uint8Array(32), 0),
  ].map((place) => place.documentId.join());
  expect(new Set(ids).size).toBe(4);
  expect(makePlace(CHAT, CHAT_SECRET, 0).documentId.join()).toBe(ids[0]);
  expect(authorNamed('alice').publicKey).toEqual(authorNamed('alice').publicKey);
});
