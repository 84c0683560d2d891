/**
 * Equivocation: Mallory tells Alice one thing and Bob another under the same (actor, seq). Automerge alone would keep
 * the two apart for ever; here both see everything that was said, and later messages of everybody arrive.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { Member, NOW, authorNamed, craft, openFor, startDocuments, textsOf } from '../testing.ts';
import type { ChatDocuments, Ingested, WireChange } from '../types.ts';

beforeAll(startDocuments);

const mallory = authorNamed('mallory');
const say = (text: string) => ({ kind: 'message', text }) as const;
const toAlice = craft({ author: mallory, body: say('I love Alice') });
const toBob = craft({ author: mallory, body: say('I love Bob') });
const second = { author: mallory, seq: 2, n: 2, startOp: 19, time: { ms: NOW, counter: 1 } };

function errorsOf({ refused }: Ingested): string[] {
  return refused.map(({ error }) => error.type);
}

/** Both ask each other until neither lacks anything; what re-homing made is pushed too. */
async function converge(a: ChatDocuments, b: ChatDocuments): Promise<void> {
  for (let round = 0; round < 30; round += 1) {
    const forB = (await a.answer(await b.summary(), 100_000)).changes;
    const forA = (await b.answer(await a.summary(), 100_000)).changes;
    if (forA.length + forB.length === 0) return;
    await b.ingest(forB, NOW);
    await a.ingest(forA, NOW);
  }
  throw new Error('they do not converge');
}

async function forkedPair(): Promise<readonly [Member, Member]> {
  const [alice, bob] = [await Member.open('alice'), await Member.open('bob')];
  await alice.documents.ingest([toAlice], NOW);
  await bob.documents.ingest([toBob], NOW);
  return [alice, bob];
}

describe('a fork', () => {
  it('S-FORK-1 is an alarm, and the other branch is shown too', async () => {
    const [alice] = await forkedPair();
    const result = await alice.documents.ingest([toBob], NOW);
    expect(result.refused).toEqual([
      expect.objectContaining({
        error: expect.objectContaining({
          type: 'Equivocation',
          known: toAlice.hash,
          second: toBob.hash,
          seq: 1,
        }) as unknown,
      }),
    ]);
    expect(result.applied.map(({ body }) => body.kind)).toEqual(['message', 'carried']);
    expect(await textsOf(alice.documents)).toEqual(expect.arrayContaining(['I love Alice', 'I love Bob']));
  });

  it('S-FORK-2 does not keep later honest messages away, in either direction', async () => {
    const [alice, bob] = await forkedPair();
    const [a1, b1] = [await alice.say('a1'), await bob.say('b1')];
    await bob.documents.ingest([a1.change], NOW);
    await alice.documents.ingest([b1.change], NOW);
    await converge(alice.documents, bob.documents);
    const [a2, b2] = [await alice.say('a2'), await bob.say('b2')];
    expect(await bob.documents.ingest([a2.change], NOW)).toMatchObject({ fresh: 1, refused: [], held: 0 });
    expect(await alice.documents.ingest([b2.change], NOW)).toMatchObject({ fresh: 1, refused: [], held: 0 });
    const everything = ['I love Alice', 'I love Bob', 'a1', 'a2', 'b1', 'b2'].sort();
    for (const name of ['alice', 'bob'] as const) {
      const { storage, documents } = name === 'alice' ? alice : bob;
      expect((await textsOf(documents)).sort()).toEqual(everything);
      expect((await textsOf(await openFor(name, storage, {}, 1))).sort()).toEqual(everything);
    }
  });

  it('S-FORK-3 shows by a descendant alone, before the other branch itself arrives', async () => {
    const [, bob] = await forkedPair();
    const child = craft({ ...second, deps: [toAlice.hash], body: say('as I told Alice') });
    const result = await bob.documents.ingest([child], NOW);
    expect(errorsOf(result)).toEqual(['Equivocation']);
    expect(result).toMatchObject({ held: 1, missing: 1 });
    expect(errorsOf(await bob.documents.ingest([child], NOW))).toEqual([]);
    expect(errorsOf(await bob.documents.ingest([toAlice], NOW))).toEqual(['Equivocation']);
    expect(await textsOf(bob.documents)).toHaveLength(3);
  });

  it('S-FORK-4 leaves the author’s own branch usable: what follows it still arrives', async () => {
    const [alice] = await forkedPair();
    await alice.documents.ingest([toBob], NOW);
    const onOurs = craft({ ...second, deps: [toAlice.hash], body: say('ours goes on') });
    const onTheirs = craft({ ...second, deps: [toBob.hash], body: say('theirs goes on') });
    expect(await alice.documents.ingest([onOurs], NOW)).toMatchObject({ fresh: 1, refused: [] });
    expect(errorsOf(await alice.documents.ingest([onTheirs], NOW))).toEqual(['Equivocation']);
    expect(await textsOf(alice.documents)).toHaveLength(4);
  });

  it('S-FORK-5 is re-homed once, whatever is repeated and restarted, and the carried records reach others', async () => {
    const [alice, bob] = await forkedPair();
    const first = await alice.documents.ingest([toBob], NOW);
    expect(first.carried).toHaveLength(1);
    expect(await alice.documents.ingest([toBob], NOW)).toMatchObject({ already: 1, carried: [] });
    const again = await openFor('alice', alice.storage, {}, 1);
    expect(await again.ingest([toBob], NOW)).toMatchObject({ already: 1, carried: [] });
    const [carried] = first.carried;
    const carol = await Member.open('carol');
    const result = await carol.documents.ingest([carried as WireChange], NOW);
    expect(result).toMatchObject({ fresh: 1, refused: [] });
    expect(await textsOf(carol.documents)).toEqual(['I love Bob']);
    await converge(again, bob.documents);
    expect(await textsOf(bob.documents)).toHaveLength(2);
  });

  it('S-FORK-6 without an author key of our own waits to be re-homed, and is shown meanwhile', async () => {
    const alice = await Member.open('alice', { carrier: () => undefined });
    await alice.documents.ingest([toAlice, toBob], NOW);
    expect(await textsOf(alice.documents)).toHaveLength(2);
    const again = await openFor('alice', alice.storage, {}, 1);
    expect((await again.ingest([toBob], NOW)).carried).toHaveLength(1);
  });

  it('S-FORK-7 a record is carried at most twice over, then what is inside', async () => {
    const names = ['alice', 'bob', 'carol', 'dave'];
    const members = await Promise.all(names.map((name) => Member.open(name)));
    const variants = names.map((_, i) => craft({ author: mallory, body: say(`variant ${String(i)}`) }));
    for (const [i, member] of members.entries()) await member.documents.ingest(variants.slice(i, i + 1), NOW);
    for (const member of members) await member.say('hi');
    for (let round = 0; round < 3; round += 1) {
      for (const a of members) for (const b of members) if (a !== b) await converge(a.documents, b.documents);
    }
    const all = await Promise.all(members.map(async (member) => (await textsOf(member.documents)).sort()));
    for (const texts of all) expect(texts).toEqual(all[0]);
    expect(all[0]).toHaveLength(8);
  });
});
