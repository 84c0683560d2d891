/**
 * Forks at random: Mallory keeps up to three stories under one actor and tells each member what she likes, while
 * everybody talks. Once the honest members have repaired with each other, all of them hold every message of everybody.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeOf } from '../change/entry.ts';
import { makeEntry } from '../change/own-change.ts';
import { Graph } from '../segment/graph.ts';
import { makePlace } from '../segment/place.ts';
import { CHAT, CHAT_SECRET, Member, NOW, authorNamed, openFor, startDocuments, textsOf } from '../testing.ts';
import type { WireChange } from '../types.ts';

beforeAll(startDocuments);

const NAMES = ['alice', 'bob', 'carol'];
const OPTIONS = { segmentSize: 10 };

/** One of Mallory's stories: a history of her own that knows nothing of the others. */
class Story {
  readonly #graph = new Graph();
  #length = 0;

  tell(text: string): WireChange {
    this.#length += 1;
    const writer = { chatId: CHAT, author: authorNamed('mallory'), session: new Uint8Array(6) };
    const time = { ms: NOW, counter: this.#length };
    const draft = { n: this.#length, time, body: { kind: 'message', text } } as const;
    const entry = makeEntry(this.#graph, makePlace(CHAT, CHAT_SECRET, 0), writer, draft);
    this.#graph.add(nodeOf(entry, false));
    return { segment: 0, generation: 0, bytes: entry.change.bytes };
  }
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('say' as const), who: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tell' as const), story: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      who: fc.nat(2),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who: fc.nat(2) }) },
);

/** Everybody asks everybody until nobody lacks anything. */
async function repairAll(members: readonly Member[]): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    let sent = 0;
    for (const asker of members) {
      for (const other of members) {
        if (asker === other) continue;
        const { changes } = await other.documents.answer(await asker.documents.summary(), 100_000);
        sent += changes.length;
        await asker.documents.ingest(changes, NOW);
      }
    }
    if (sent === 0) return;
  }
  throw new Error('repair does not end');
}

describe('forks at random', () => {
  it('S-FORK-2 keep nothing from anybody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const members = await Promise.all(NAMES.map((name) => Member.open(name, OPTIONS)));
        const stories = [new Story(), new Story(), new Story()];
        const wire: WireChange[] = [];
        const said = new Set<string>();
        let runs = 0;
        for (const [i, action] of steps.entries()) {
          const text = `text ${String(i).padStart(2, '0')}`;
          if (action.do === 'tell') {
            const change = stories[action.story]?.tell(text);
            if (change) wire.push(change);
            // Somebody has to hear it, or it was never said.
            await members[i % 3]?.documents.ingest(change ? [change] : [], NOW);
            continue;
          }
          const member = members[action.who];
          if (!member) continue;
          if (action.do === 'say') {
            wire.push((await member.say(text)).change);
            said.add(text);
          } else if (action.do === 'restart') {
            await member.documents.close();
            member.documents = await openFor(NAMES[action.who] ?? '', member.storage, OPTIONS, (runs += 1));
          } else if (wire.length > 0) {
            const picks = action.picks.flatMap((pick) => wire[pick % wire.length] ?? []);
            wire.push(...(await member.documents.ingest(picks, NOW)).carried);
          }
        }
        await repairAll(members);
        const [first, ...others] = await Promise.all(members.map((member) => textsOf(member.documents)));
        expect(first).toEqual(expect.arrayContaining([...said]));
        for (const texts of others) expect(texts).toEqual(first);
      }),
      { seed: 11, numRuns: 60 },
    );
  }, 240_000);
});
