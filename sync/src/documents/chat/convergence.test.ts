/** Whatever the order, repetition, batching and restarts, members that have exchanged everything hold the same. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Member, NOW, openFor, startDocuments, textsOf } from '../testing.ts';
import type { WireChange } from '../types.ts';

beforeAll(startDocuments);

const NAMES = ['alice', 'bob', 'carol'];
const OPTIONS = { segmentSize: 6 };

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), who: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      who: fc.nat(2),
      picks: fc.array(fc.nat(), { maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who: fc.nat(2) }) },
);

describe('convergence', () => {
  it('S-DOC-11 holds for any order, repetition, batching and restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const members = await Promise.all(NAMES.map((name) => Member.open(name, OPTIONS)));
        const wire: WireChange[] = [];
        let runs = 0;
        for (const action of steps) {
          const member = members[action.who];
          if (!member) continue;
          if (action.do === 'say') wire.push((await member.say(`text ${String(wire.length)}`)).change);
          else if (action.do === 'restart') {
            await member.documents.close();
            member.documents = await openFor(NAMES[action.who] ?? '', member.storage, OPTIONS, (runs += 1));
          } else if (wire.length > 0) {
            const batch = action.picks.flatMap((pick) => wire[pick % wire.length] ?? []);
            expect((await member.documents.ingest(batch, NOW)).refused).toEqual([]);
          }
        }
        for (const member of members) {
          const result = await member.documents.ingest([...wire].reverse(), NOW);
          expect(result.refused).toEqual([]);
          expect(result.missing).toBe(0);
          expect(member.documents.gaps()).toEqual([]);
        }
        const summaries = await Promise.all(members.map((member) => member.documents.summary()));
        const heads = summaries.map(({ segments }) => segments.map((part) => part.heads));
        for (const member of members) expect(await textsOf(member.documents)).toHaveLength(wire.length);
        for (const other of heads) expect(other).toEqual(heads[0]);
      }),
      { seed: 2, numRuns: 40 },
    );
  }, 120_000);
});
