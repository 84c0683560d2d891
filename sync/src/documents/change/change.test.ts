import * as A from '@automerge/automerge/slim';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { GENESIS_HASH, RECORDS_KEY, genesisChange } from './genesis.ts';
import { makeChange, parseChange, splitChunks } from './change.ts';
import { startDocuments } from '../testing.ts';

interface Shape {
  records: Record<string, Record<string, Uint8Array>>;
}

const ACTOR = 'ab'.repeat(16);

beforeAll(startDocuments);

function fresh(actor = ACTOR): A.Doc<Shape> {
  return A.load<Shape>(genesisChange(), { actor });
}

function put(doc: A.Doc<Shape>, bucket: string, key: string, value: Uint8Array): A.Doc<Shape> {
  return A.change(doc, { time: 0 }, (draft) => {
    const bucketMap = draft.records[bucket];
    if (bucketMap) bucketMap[key] = value;
  });
}

function lastOf(doc: A.Doc<Shape>): Uint8Array {
  const change = A.getLastLocalChange(doc);
  if (!change) throw new Error('no change');
  return change;
}

describe('the genesis', () => {
  it('S-DOC-2 is byte for byte what Automerge makes of sixteen empty buckets', () => {
    const doc = A.change(A.init<Shape>({ actor: '00' }), { time: 0 }, (draft) => {
      draft[RECORDS_KEY] = {};
      for (let i = 0; i < 16; i += 1) draft.records[i.toString(16)] = {};
    });
    expect(lastOf(doc)).toEqual(genesisChange());
    expect(A.getHeads(doc)).toEqual([GENESIS_HASH]);
  });
});

describe('a change', () => {
  it('S-DOC-3 is byte for byte what Automerge makes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            actor: fc.integer({ min: 0, max: 2 }),
            bucket: fc.integer({ min: 0, max: 15 }),
            value: fc.uint8Array({ minLength: 1, maxLength: 3000 }),
            merge: fc.boolean(),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        (steps) => {
          const docs = [0, 1, 2].map((i) => fresh(String(i + 1).repeat(32)));
          steps.forEach(({ actor, bucket, value, merge }, i) => {
            let doc = docs[actor] ?? fresh();
            if (merge) for (const other of docs) doc = A.merge(doc, A.clone(other));
            doc = put(doc, bucket.toString(16), `key ${String(i).padStart(20, '0')}`, value);
            docs[actor] = doc;
            const bytes = lastOf(doc);
            const parsed = parseChange(bytes);
            const decoded = A.decodeChange(bytes);
            expect(parsed).toMatchObject({
              ok: true,
              value: { hash: decoded.hash, bucket, value, deps: decoded.deps },
            });
            if (parsed.ok) expect(makeChange(parsed.value).bytes).toEqual(bytes);
          });
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it('is split from stored bytes as it was joined', () => {
    let doc = fresh();
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < 5; i += 1) {
      doc = put(doc, 'a', `key ${String(i)}`, new Uint8Array(50 * i + 1));
      chunks.push(lastOf(doc));
    }
    const joined = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
    expect(splitChunks(joined)).toEqual(chunks);
    expect(splitChunks(joined.subarray(0, joined.length - 1))).toBeUndefined();
  });
});

describe('anything else', () => {
  const cases: [string, (doc: A.Doc<Shape>) => A.Doc<Shape>, object][] = [
    [
      'an overwrite',
      (doc) => put(put(doc, '3', 'k', Uint8Array.of(1)), '3', 'k', Uint8Array.of(2)),
      foreign('Overwrite'),
    ],
    [
      'a deletion',
      (doc) => A.change(put(doc, '3', 'k', Uint8Array.of(1)), { time: 0 }, (d) => void delete d.records['3']?.['k']),
      foreign('NotAPut'),
    ],
    ['the map emptied', (doc) => A.change(doc, { time: 0 }, (d) => void (d.records = {})), foreign('NotAPut')],
    ['a new bucket', (doc) => A.change(doc, { time: 0 }, (d) => void (d.records['new'] = {})), foreign('NotAPut')],
    [
      'a value outside the buckets',
      (doc) => A.change(doc, { time: 0 }, (d) => void Object.assign(d, { x: 1 })),
      foreign('NotABucket'),
    ],
    [
      'two operations',
      (doc) =>
        A.change(doc, { time: 0 }, (d) => {
          Object.assign(d.records['3'] ?? {}, { a: Uint8Array.of(1) });
          Object.assign(d.records['3'] ?? {}, { b: Uint8Array.of(1) });
        }),
      foreign('ManyOps'),
    ],
    [
      'a time',
      (doc) => A.change(doc, { time: 5 }, (d) => void Object.assign(d.records['3'] ?? {}, { a: Uint8Array.of(1) })),
      { type: 'Malformed' },
    ],
    [
      'a message',
      (doc) =>
        A.change(
          doc,
          { time: 0, message: 'x' },
          (d) => void Object.assign(d.records['3'] ?? {}, { a: Uint8Array.of(1) }),
        ),
      { type: 'Malformed' },
    ],
    [
      'a number for a value',
      (doc) => A.change(doc, { time: 0 }, (d) => void Object.assign(d.records['3'] ?? {}, { a: 5 })),
      { type: 'Malformed' },
    ],
  ];
  it.each(cases)('S-GUARD-3 refuses %s', (_, attack, error) => {
    expect(parseChange(lastOf(attack(fresh())))).toMatchObject({ ok: false, error });
  });

  it('S-GUARD-2 refuses a compressed change without inflating it', () => {
    const bytes = lastOf(put(fresh(), '3', 'k', new Uint8Array(60_000)));
    const deflated = bytes.slice();
    deflated[8] = 2;
    expect(parseChange(deflated)).toMatchObject({ ok: false, error: { type: 'InflatingChange' } });
  });

  it('S-GUARD-1 refuses an oversized change', () => {
    const bytes = lastOf(put(fresh(), '3', 'k', new Uint8Array(100_000)));
    expect(parseChange(bytes)).toMatchObject({ ok: false, error: { type: 'OversizedChange', size: bytes.length } });
  });

  it('refuses every change with one byte flipped, added or missing', () => {
    const bytes = lastOf(put(fresh(), '3', 'k', new Uint8Array(40)));
    for (let i = 0; i < bytes.length; i += 1) {
      const flipped = bytes.slice();
      flipped[i] = (flipped[i] ?? 0) ^ 0x41;
      expect(parseChange(flipped).ok, `byte ${String(i)}`).toBe(false);
      expect(parseChange(bytes.slice(0, i)).ok).toBe(false);
    }
    expect(parseChange(new Uint8Array([...bytes, 0])).ok).toBe(false);
  });
});

function foreign(reason: string): object {
  return { type: 'ForeignKey', reason };
}
