/** The guard's last resort: a change that passed it and that Automerge does not take all the same. */
import { beforeAll, expect, it, vi } from 'vitest';
import type * as Automerge from '../automerge.ts';
import { Member, NOW, openFor, startDocuments, textsOf } from '../testing.ts';

const poison = vi.hoisted((): { bytes: Uint8Array } => ({ bytes: new Uint8Array() }));

vi.mock('../automerge.ts', async (importOriginal) => {
  const original = await importOriginal<typeof Automerge>();
  return {
    ...original,
    applyToDoc: (...[doc, changes]: Parameters<typeof original.applyToDoc>) => {
      if (changes.some((change) => change.join() === poison.bytes.join())) throw new Error('unreachable executed');
      return original.applyToDoc(doc, changes);
    },
  };
});

beforeAll(startDocuments);

it('S-GUARD-20 refuses that change alone, stores nothing of it, and takes the rest of the batch', async () => {
  const members = await Promise.all(['alice', 'carol', 'mallory'].map((name) => Member.open(name)));
  const changes = await Promise.all(members.map(async (member, i) => (await member.say(`text ${String(i)}`)).change));
  const bob = await Member.open('bob');
  poison.bytes = changes[2]?.bytes ?? poison.bytes;
  const result = await bob.documents.ingest(changes, NOW);
  expect(result.refused.map(({ error }) => error.type)).toEqual(['Malformed']);
  expect(result.fresh).toBe(2);
  const again = await openFor('bob', bob.storage, {}, 1);
  expect(await textsOf(again)).toEqual(expect.arrayContaining(['text 0', 'text 1']));
  expect(await textsOf(again)).toHaveLength(2);
});
