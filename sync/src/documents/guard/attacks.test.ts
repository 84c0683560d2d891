/**
 * What a malicious contact can send, one test a rule: each is refused with its own error, and what honest members say
 * afterwards still arrives, over a restart too.
 */
import { type ChatId, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_AHEAD_MS } from '../../records/hlc.ts';
import { packOriginal } from '../../records/carried.ts';
import { makeActor } from '../../records/home.ts';
import { makePlace } from '../segment/place.ts';
import {
  type Crafted,
  CHAT,
  CHAT_SECRET,
  Member,
  NOW,
  authorNamed,
  craft,
  openFor,
  startDocuments,
  textsOf,
} from '../testing.ts';
import type { WireChange } from '../types.ts';

beforeAll(startDocuments);

const mallory = authorNamed('mallory');
const YEAR = 365 * 24 * 60 * 60 * 1000;

function attack(options: Partial<Crafted> = {}): WireChange & { readonly hash: string } {
  return craft({ author: mallory, body: { kind: 'message', text: 'attack' }, ...options });
}

/** Alice and Bob talk before and after the attack reaches Bob; everything they say must be there. */
async function expectRefused(changes: readonly WireChange[], error: object): Promise<void> {
  const alice = await Member.open('alice');
  const bob = await Member.open('bob');
  const before = await alice.say('before');
  await bob.documents.ingest([before.change], NOW);
  const result = await bob.documents.ingest(changes, NOW);
  expect(result.refused.at(-1)?.error).toMatchObject(error);
  expect(result.fresh).toBe(changes.length - result.refused.length);
  const after = await alice.say('after');
  const answer = await bob.say('answer');
  expect(await bob.documents.ingest([after.change], NOW)).toMatchObject({ fresh: 1, refused: [] });
  expect(await alice.documents.ingest([answer.change], NOW)).toMatchObject({ refused: [] });
  const again = await openFor('bob', bob.storage, {}, 1);
  expect(await textsOf(again)).toEqual(expect.arrayContaining(['before', 'after', 'answer']));
  expect(await textsOf(again)).not.toContain('attack');
}

describe('a change by itself', () => {
  it('S-GUARD-1 oversized', async () => {
    const bytes = new Uint8Array(200_000);
    await expectRefused([{ segment: 0, generation: 0, bytes }], { type: 'OversizedChange' });
  });

  it('S-GUARD-1 an oversized record in a change of allowed size', async () => {
    const body = { kind: 'unknown', tag: 99, bytes: new Uint8Array(60_000) } as const;
    await expectRefused([attack({ body })], { type: 'Malformed' });
  });

  it('S-GUARD-2 inflating', async () => {
    const bytes = attack().bytes.slice();
    bytes[8] = 2;
    await expectRefused([{ segment: 0, generation: 0, bytes }], { type: 'InflatingChange' });
  });

  it('S-GUARD-4 a key that is not the record’s', async () => {
    await expectRefused([attack({ key: '0'.repeat(24) })], { type: 'ForeignKey', reason: 'WrongKey' });
  });

  it('S-GUARD-4 a key in another bucket', async () => {
    const honest = attack();
    const wrong = [0, 1].map((bucket) => attack({ bucket })).filter(({ hash }) => hash !== honest.hash);
    await expectRefused(wrong.slice(0, 1), { type: 'ForeignKey', reason: 'WrongBucket' });
  });

  it('S-GUARD-5 of another chat', async () => {
    const chatId = toBase64Url(new Uint8Array(16)) as ChatId;
    await expectRefused([attack({ chatId })], { type: 'WrongChat' });
  });

  it('S-GUARD-6 by an author nobody vouched for', async () => {
    const bob = await Member.open('bob', { authors: { isKnown: () => false } });
    expect((await bob.documents.ingest([attack()], NOW)).refused[0]?.error.type).toBe('UnknownAuthor');
  });

  it('S-GUARD-7 on the actor of somebody else', async () => {
    const { documentId } = makePlace(CHAT, CHAT_SECRET, 0);
    const actor = makeActor(authorNamed('alice').publicKey, documentId, new Uint8Array(6));
    await expectRefused([attack({ actor })], { type: 'StolenActor' });
  });

  it('S-GUARD-7 before the victim uses it: the victim’s change still arrives', async () => {
    const alice = await Member.open('alice');
    const bob = await Member.open('bob');
    const first = await alice.say('mine');
    const { documentId } = makePlace(CHAT, CHAT_SECRET, 0);
    const actor = makeActor(alice.author.publicKey, documentId, new Uint8Array(6));
    expect((await bob.documents.ingest([attack({ actor })], NOW)).refused[0]?.error.type).toBe('StolenActor');
    expect(await bob.documents.ingest([first.change], NOW)).toMatchObject({ fresh: 1 });
  });

  it('S-GUARD-8 in the name of somebody else', async () => {
    await expectRefused([attack({ author: authorNamed('alice'), signer: mallory })], { type: 'BadSignature' });
  });

  it('S-GUARD-8 a true record replayed in another document, sequence or place', async () => {
    const place = makePlace(CHAT, CHAT_SECRET, 1);
    await expectRefused([attack({ home: { documentId: place.documentId } })], { type: 'BadSignature' });
    await expectRefused([attack({ home: { seq: 2 } })], { type: 'BadSignature' });
    await expectRefused([attack({ home: { deps: ['11'.repeat(32)] } })], { type: 'BadSignature' });
  });

  it('S-GUARD-9 dated a year ahead', async () => {
    await expectRefused([attack({ time: { ms: NOW + YEAR, counter: 0 } })], { type: 'DatedAhead', by: YEAR });
    const bob = await Member.open('bob');
    const edge = attack({ time: { ms: NOW + MAX_AHEAD_MS, counter: 0 } });
    expect(await bob.documents.ingest([edge], NOW)).toMatchObject({ fresh: 1 });
  });

  it('S-GUARD-10 with an absurd startOp, also when what it depends on is missing', async () => {
    await expectRefused([attack({ startOp: 2 ** 31 - 2 })], { type: 'StartOpOutOfRange' });
    await expectRefused([attack({ startOp: 2 ** 31 - 2, deps: ['11'.repeat(32)] })], { type: 'StartOpOutOfRange' });
    await expectRefused([attack({ startOp: 500 })], { type: 'StartOpOutOfRange', expected: 18 });
    await expectRefused([attack({ startOp: 1 })], { type: 'StartOpOutOfRange' });
  });

  it('S-GUARD-17 in a segment that cannot exist', async () => {
    await expectRefused([{ ...attack(), segment: -1 }], { type: 'SegmentOutOfRange' });
    await expectRefused([{ ...attack(), generation: 1 }], { type: 'SegmentOutOfRange' });
    await expectRefused([{ ...attack(), segment: 2 ** 31 }], { type: 'SegmentOutOfRange' });
  });
});

describe('a change in its place', () => {
  const first = attack();
  const next = { seq: 2, n: 2, startOp: 19, deps: [first.hash], time: { ms: NOW, counter: 1 } };

  it('S-GUARD-11 dated before what its author had seen', async () => {
    const change = attack({ ...next, time: { ms: NOW - 1, counter: 0 } });
    await expectRefusedAfter(first, change, { type: 'BackDated' });
  });

  it('S-GUARD-12 that skips its author’s change before it', async () => {
    await expectRefusedAfter(first, attack({ ...next, seq: 3 }), { type: 'BrokenChain', seq: 3 });
  });

  it('S-GUARD-13 with a counter that does not go up', async () => {
    await expectRefusedAfter(first, attack({ ...next, n: 1 }), { type: 'CounterReused', n: 1 });
  });

  it('S-GUARD-10 with a startOp that does not follow from what it depends on', async () => {
    await expectRefusedAfter(first, attack({ ...next, startOp: 18 }), { type: 'StartOpOutOfRange', expected: 19 });
    await expectRefusedAfter(first, attack({ ...next, startOp: 20 }), { type: 'StartOpOutOfRange', expected: 19 });
  });

  async function expectRefusedAfter(setup: WireChange, change: WireChange, error: object): Promise<void> {
    const bob = await Member.open('bob');
    expect(await bob.documents.ingest([setup], NOW)).toMatchObject({ fresh: 1 });
    expect((await bob.documents.ingest([change], NOW)).refused[0]?.error).toMatchObject(error);
    expect(await bob.documents.ingest([attack(next)], NOW)).toMatchObject({ fresh: 1, refused: [] });
  }

  it('S-GUARD-14 that puts a record a second time', async () => {
    const bob = await Member.open('bob');
    await bob.documents.ingest([first], NOW);
    const second = attack({ session: Uint8Array.of(1, 2, 3, 4, 5, 6), startOp: 19, deps: [first.hash] });
    expect((await bob.documents.ingest([second], NOW)).refused[0]?.error.type).toBe('BackDated');
  });
});

describe('floods', () => {
  it('S-GUARD-15 20,000 orphans use up their author’s share only', async () => {
    const bob = await Member.open('bob');
    const alice = await Member.open('alice');
    let refused = 0;
    let held = 0;
    for (let batch = 0; batch < 20; batch += 1) {
      const orphans = Array.from({ length: 1000 }, (_, i) => {
        const n = batch * 1000 + i + 1;
        // Once the share is used up, a signature is not even looked at.
        return attack({ deps: [n.toString(16).padStart(64, '0')], n, unsigned: batch > 1 });
      });
      const result = await bob.documents.ingest(orphans, NOW);
      held += result.held;
      refused += result.refused.filter(({ error }) => error.type === 'TooManyOrphans').length;
    }
    expect({ held, refused }).toEqual({ held: 1024, refused: 20_000 - 1024 });
    const [one, two] = [await alice.say('one'), await alice.say('two')];
    expect(await bob.documents.ingest([two.change], NOW)).toMatchObject({ held: 1, refused: [] });
    expect(await bob.documents.ingest([one.change], NOW)).toMatchObject({ fresh: 2, refused: [] });
    expect(await bob.documents.ingest([attack({ session: Uint8Array.of(9, 9, 9, 9, 9, 9) })], NOW)).toMatchObject({
      fresh: 1,
    });
  }, 120_000);

  it('S-GUARD-18 one author cannot fill a segment for everybody', async () => {
    const bob = await Member.open('bob', { segmentSize: 5 });
    const alice = await Member.open('alice', { segmentSize: 5 });
    const flood = Array.from({ length: 15 }, (_, i) => attack({ session: Uint8Array.of(i, 0, 0, 0, 0, 0), n: i + 1 }));
    const result = await bob.documents.ingest(flood, NOW);
    expect(result.fresh).toBe(10);
    expect(new Set(result.refused.map(({ error }) => error.type))).toEqual(new Set(['SegmentFull']));
    expect(await bob.documents.ingest([(await alice.say('still here')).change], NOW)).toMatchObject({ fresh: 1 });
  });

  it('S-GUARD-16 forks without end: the quarantine has a bound for each author', async () => {
    const bob = await Member.open('bob', { segmentSize: 5 });
    const forks = Array.from({ length: 30 }, (_, i) => attack({ n: i + 1 }));
    const result = await bob.documents.ingest(forks, NOW);
    const types = result.refused.map(({ error }) => error.type);
    expect(types.filter((type) => type === 'Equivocation')).toHaveLength(10);
    expect(types.filter((type) => type === 'TooManyForks')).toHaveLength(19);
    const alice = await Member.open('alice', { segmentSize: 5 });
    expect(await bob.documents.ingest([(await alice.say('still here')).change], NOW)).toMatchObject({ fresh: 1 });
  });
});

describe('a carried record', () => {
  const alice = authorNamed('alice');
  const { documentId } = makePlace(CHAT, CHAT_SECRET, 0);
  const home = {
    documentId,
    actor: makeActor(alice.publicKey, documentId, new Uint8Array(6)),
    seq: 1,
    deps: ['22'.repeat(32)],
  };

  it('S-GUARD-19 is verified like any other', async () => {
    const bob = await Member.open('bob');
    const original = packOriginal(home, new Uint8Array(200));
    expect(
      (await bob.documents.ingest([attack({ body: { kind: 'carried', original } })], NOW)).refused[0]?.error.type,
    ).toBe('Malformed');
  });
});
