import { type ChatId, createAuthorKey, ready, seededRandom, toBase64Url } from '@securechat/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MessageBody, RecordBody } from './body.ts';
import { CALL_RECORD_LIMITS, type CallBody } from './call.ts';
import { type MediaPointer, pointersFrom, pointersToText } from './media.ts';
import { MAX_CARRY_DEPTH, openOriginal, packOriginal, recallOriginal } from './carried.ts';
import { type Home, isActorOf, makeActor, signHome, verifyHome } from './home.ts';
import { isRecordId, makeRecordId, recordIdBytes, recordIdFrom, recordTime } from './record-id.ts';
import { type RecordContent, decodeContent, encodeContent, recordIdOf } from './record.ts';
import type { StatusBody } from './status.ts';

beforeAll(ready);

const CHAT = toBase64Url(new Uint8Array(16).fill(7)) as ChatId;
/** Bytes before a record's body. */
const HEADER = 62;
const NOW = 1_700_000_000_000;

const id = fc.uint8Array({ minLength: 18, maxLength: 18 }).map(recordIdFrom);
const text = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
const account = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64Url);
const mentions = account.map((who) => [{ at: 0, length: 1, account: who }]);
const choice = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const poll = fc.record({
  options: fc.uniqueArray(choice, { minLength: 2, maxLength: 12 }),
  multiple: fc.boolean(),
});
const expires = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const media: fc.Arbitrary<readonly MediaPointer[]> = fc.array(
  fc.record(
    {
      url: fc.constantFrom('https://files.example', 'http://127.0.0.1:8788', 'https://chat.example/files'),
      blob: fc.uint8Array({ minLength: 24, maxLength: 24 }).map(toBase64Url),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      size: fc.integer({ min: 1, max: 2 ** 32 }),
      kind: fc.constantFrom('image', 'video', 'audio', 'voice', 'file'),
      type: fc.constantFrom('image/jpeg', 'audio/webm;codecs=opus', 'application/vnd.a+b'),
      name: fc.constantFrom('a.txt', 'Grüße 字.pdf', '...'),
      width: fc.integer({ min: 1, max: 65_535 }),
      height: fc.integer({ min: 1, max: 65_535 }),
      duration: fc.nat(2 ** 32 - 1),
      thumbnail: fc.uint8Array({ maxLength: 300 }),
      waveform: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    },
    { requiredKeys: ['url', 'blob', 'key', 'digest', 'size', 'kind', 'type'] },
  ),
  { minLength: 1, maxLength: 10 },
);
const u16 = fc.integer({ min: 0, max: 0xffff });
const body: fc.Arbitrary<RecordBody> = fc.oneof(
  fc.record(
    { kind: fc.constant('message' as const), text, replyTo: id, mentions, expires },
    { requiredKeys: ['kind', 'text'] },
  ),
  fc.record({ kind: fc.constant('message' as const), text: choice, replyTo: id, mentions, expires, poll }),
  fc.record(
    {
      kind: fc.constant('message' as const),
      text: fc.constantFrom('', 'caption'),
      media,
      forwarded: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'text', 'media'] },
  ),
  fc.record(
    { kind: fc.constant('edit' as const), target: id, text, mentions },
    { requiredKeys: ['kind', 'target', 'text'] },
  ),
  fc.record({
    kind: fc.constant('message' as const),
    text: choice,
    status: fc.record({ id: fc.constant('AAAAAAAAAAAAAAAAAAAAAA'), reaction: fc.boolean() }),
  }),
  fc.record({ kind: fc.constant('status' as const), text: fc.constantFrom('a', '☂️ rain'), colour: fc.nat(15) }),
  fc.record({ kind: fc.constant('vote' as const), target: id, choices: u16 }),
  fc.record({ kind: fc.constant('close' as const), target: id }),
  fc.record({ kind: fc.constant('timer' as const), seconds: fc.nat(2 ** 32 - 1) }),
  fc.record(
    {
      kind: fc.constant('call' as const),
      callId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toBase64Url),
      video: fc.boolean(),
      outcome: fc.constant('answered' as const),
      seconds: fc.nat(CALL_RECORD_LIMITS.seconds),
      startedAt: fc.nat(2 ** 48 - 1),
      expires,
    },
    { requiredKeys: ['kind', 'callId', 'video', 'outcome', 'seconds', 'startedAt'] },
  ),
  fc.record({ kind: fc.constant('delete' as const), target: id }),
  fc.record({ kind: fc.constant('reaction' as const), target: id }),
  fc.record({ kind: fc.constant('reaction' as const), target: id, emoji: fc.constantFrom('👍', '❤️', '👩‍👩‍👧‍👦') }),
  fc.record({ kind: fc.constant('carried' as const), original: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({
    kind: fc.constant('unknown' as const),
    tag: fc.integer({ min: 12, max: 255 }),
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
);
const content: fc.Arbitrary<RecordContent> = fc.record({
  chatId: fc.constant(CHAT),
  author: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  n: fc.integer({ min: 1, max: 0xffffffff }),
  time: fc.record({ ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }), counter: fc.integer({ min: 0, max: 0xffff }) }),
  body,
});

describe('record bytes', () => {
  it('S-REC-1 come back as they went, and one value has one encoding', () => {
    fc.assert(
      fc.property(content, (value) => {
        const bytes = encodeContent(value);
        const decoded = decodeContent(bytes);
        expect(decoded).toEqual({ ok: true, value });
        if (decoded.ok) expect(encodeContent(decoded.value)).toEqual(bytes);
      }),
      { seed: 5 },
    );
  });

  it('S-REC-1 of any bytes either do not decode or encode to the same bytes', () => {
    fc.assert(
      fc.property(content, fc.nat(), fc.integer({ min: 0, max: 255 }), (value, at, byte) => {
        const bytes = encodeContent(value);
        bytes[at % bytes.length] = byte;
        const decoded = decodeContent(bytes);
        if (decoded.ok) expect(encodeContent(decoded.value)).toEqual(bytes);
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it('S-REC-2 refuse what is out of bounds', () => {
    const good = { chatId: CHAT, author: new Uint8Array(32), n: 1, time: { ms: 1, counter: 0 } };
    const encode = (part: Partial<RecordContent>) => () =>
      encodeContent({ ...good, body: { kind: 'message', text: 'x' }, ...part });
    expect(encode({})).not.toThrow();
    expect(encode({ n: 0 })).toThrow(RangeError);
    expect(encode({ n: 2 ** 32 })).toThrow(RangeError);
    expect(encode({ time: { ms: -1, counter: 0 } })).toThrow(RangeError);
    expect(encode({ author: new Uint8Array(31) })).toThrow(RangeError);
    expect(encode({ body: { kind: 'message', text: '' } })).toThrow(RangeError);
    expect(encode({ body: { kind: 'message', text: 'x'.repeat(8001) } })).toThrow(RangeError);
    expect(encode({ body: { kind: 'delete', target: 'short' } })).toThrow(RangeError);
    expect(encode({ body: { kind: 'unknown', tag: 1, bytes: new Uint8Array() } })).toThrow(RangeError);
    const long = encodeContent({ ...good, body: { kind: 'unknown', tag: 99, bytes: new Uint8Array(9000).fill(97) } });
    long[1] = 1;
    expect(decodeContent(long).ok).toBe(false);
    long[0] = 2;
    expect(decodeContent(long)).toEqual({ ok: false, error: { type: 'UnknownVersion', version: 2 } });
    expect(decodeContent(new Uint8Array()).ok).toBe(false);
  });
});

describe('the fields of a message', () => {
  const who = toBase64Url(new Uint8Array(32).fill(9));
  const good = { chatId: CHAT, author: new Uint8Array(32), n: 1, time: { ms: 1, counter: 0 } };
  const encode = (said: Omit<MessageBody, 'kind'>) => encodeContent({ ...good, body: { kind: 'message', ...said } });
  const mention = (at: number, length: number) => ({ at, length, account: who });

  it('S-REC-2 refuse what is out of bounds', () => {
    const bad: Partial<MessageBody>[] = [
      { expires: 0 },
      { expires: 2 ** 32 },
      { mentions: [] },
      { mentions: [mention(0, 0)] },
      { mentions: [mention(3, 3)] },
      { mentions: [mention(0, 2), mention(1, 1)] },
      { mentions: [mention(0, 1), mention(0, 1)] },
      { mentions: [{ at: 0, length: 1, account: 'short' }] },
      { text: 'x'.repeat(99), mentions: Array.from({ length: 33 }, (_, at) => mention(at, 1)) },
      { poll: { options: ['one'], multiple: false } },
      { poll: { options: ['one', 'one'], multiple: false } },
      { poll: { options: ['one', ''], multiple: false } },
      { poll: { options: ['one', 'x'.repeat(101)], multiple: false } },
      { poll: { options: Array.from({ length: 13 }, (_, at) => String(at)), multiple: false } },
      { poll: { options: ['one', 'two'], multiple: false }, text: 'x'.repeat(301) },
    ];
    for (const said of bad) expect(() => encode({ text: 'hello', ...said }), JSON.stringify(said)).toThrow(RangeError);
    const most: Partial<MessageBody> = {
      text: 'x'.repeat(300),
      mentions: Array.from({ length: 32 }, (_, at) => mention(at, 1)),
      poll: { options: Array.from({ length: 12 }, (_, at) => String(at).padEnd(100, '字')), multiple: true },
    };
    expect(decodeContent(encode({ text: '', ...most })).ok).toBe(true);
  });

  it('S-REC-9 a flag that this version does not know makes the record unreadable', () => {
    const message = encode({ text: 'hello' });
    const target = recordIdFrom(new Uint8Array(18));
    const edit = encodeContent({ ...good, body: { kind: 'edit', target, text: 'hello' } });
    for (const [bytes, at, allowed] of [
      [message, HEADER, 0xff],
      [edit, HEADER + 18, 2],
    ] as const) {
      for (let flag = 1; flag < 256; flag *= 2) {
        const changed = bytes.slice();
        changed[at] = flag;
        if ((flag & allowed) === 0) expect(decodeContent(changed)).toMatchObject({ error: { reason: 'unknown flag' } });
      }
    }
  });

  it('S-REC-10 pointers are within their bounds, on writing and on reading', () => {
    const pointer: MediaPointer = {
      ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24)), key: new Uint8Array(32), size: 1 },
      ...{ digest: new Uint8Array(32), kind: 'image', type: 'image/png' },
    };
    const bad: Partial<MediaPointer>[] = [
      { url: 'https://files.example/' },
      { url: 'file:///etc' },
      { url: `https://files.example/${'a'.repeat(300)}` },
      { blob: 'short' },
      { key: new Uint8Array(31) },
      { digest: new Uint8Array(33) },
      { size: 0 },
      { size: 2 ** 32 + 1 },
      { type: '' },
      { type: 'text' },
      { type: 'text/html\nx' },
      { type: `text/${'a'.repeat(100)}` },
      { name: '' },
      { name: '..' },
      { name: 'a/b' },
      { name: 'a\\b' },
      { name: 'a\u0000b' },
      { name: 'a\u202eb' },
      { name: 'x'.repeat(256) },
      { width: 0 },
      { height: 65_536 },
      { duration: -1 },
      { thumbnail: new Uint8Array(6145) },
      { waveform: new Uint8Array(63) },
    ];
    for (const change of bad)
      expect(() => encode({ text: '', media: [{ ...pointer, ...change }] }), JSON.stringify(change)).toThrow(
        RangeError,
      );
    expect(() => encode({ text: '', media: [] })).toThrow(RangeError);
    expect(() => encode({ text: '', media: Array.from({ length: 11 }, () => pointer) })).toThrow(RangeError);
    expect(() => encode({ text: '' })).toThrow('text is empty');
    expect(decodeContent(encode({ text: '', media: [pointer] })).ok).toBe(true);
    const text = pointersToText([pointer]);
    expect(pointersFrom(text)).toEqual([pointer]);
    expect(pointersFrom(text)).toBe(pointersFrom(text));
    for (const wrong of ['', '!', text.slice(4), `${text}AAAA`]) expect(pointersFrom(wrong)).toBeUndefined();
  });

  it('S-REC-10 a poll has no files; view once is for one image or video that was not forwarded', () => {
    const pointer: MediaPointer = {
      ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24)), key: new Uint8Array(32), size: 1 },
      ...{ digest: new Uint8Array(32), kind: 'image', type: 'image/png' },
    };
    const media = [pointer];
    expect(() => encode({ text: 'a', media, poll: { options: ['b', 'c'], multiple: false } })).toThrow('a poll');
    for (const said of [
      { text: 'a', viewOnce: true as const },
      { text: 'a', viewOnce: true as const, media: [pointer, pointer] },
      { text: 'a', viewOnce: true as const, media: [{ ...pointer, kind: 'file' as const }] },
      { text: 'a', viewOnce: true as const, media, forwarded: true as const },
    ])
      expect(() => encode(said)).toThrow('view once');
    expect(decodeContent(encode({ text: '', viewOnce: true, media })).ok).toBe(true);
  });

  it('S-REC-11 a status is a text, or one image or short video; who answers one does it with a text', () => {
    const pointer: MediaPointer = {
      ...{ url: 'https://files.example', blob: toBase64Url(new Uint8Array(24)), key: new Uint8Array(32), size: 1 },
      ...{ digest: new Uint8Array(32), kind: 'video', type: 'video/mp4', duration: 60_000 },
    };
    const { duration: _, ...endless } = pointer;
    const status = (body: Omit<StatusBody, 'kind'>): Uint8Array =>
      encodeContent({ ...good, body: { kind: 'status', ...body } });
    for (const kept of [
      { text: 'a', colour: 15 },
      { text: '', colour: 0, media: pointer },
      { text: 'x'.repeat(700), colour: 0, media: { ...endless, kind: 'image' as const } },
    ])
      expect(decodeContent(status(kept))).toMatchObject({ ok: true, value: { body: { kind: 'status', ...kept } } });
    for (const bad of [
      { text: ' ', colour: 0 },
      { text: 'x'.repeat(701), colour: 0 },
      { text: 'a', colour: 16 },
      { text: '', colour: 1, media: pointer },
      { text: '', colour: 0, media: endless },
      { text: '', colour: 0, media: { ...pointer, duration: 60_001 } },
      { text: '', colour: 0, media: { ...pointer, kind: 'file' as const } },
      { text: '', colour: 0, media: { ...pointer, size: 64 * 1024 ** 2 + 1 } },
    ])
      expect(() => status(bad)).toThrow(RangeError);
    const bytes = status({ text: 'a', colour: 0 });
    bytes[HEADER] = 2;
    expect(decodeContent(bytes)).toMatchObject({ error: { reason: 'a status of an unknown kind' } });
    const about = { id: 'AAAAAAAAAAAAAAAAAAAAAA', reaction: false };
    expect(decodeContent(encode({ text: 'a', status: about })).ok).toBe(true);
    expect(() => encode({ text: 'a', media: [pointer], status: about })).toThrow('a status');
    expect(() => encode({ text: 'a', poll: { options: ['b', 'c'], multiple: false }, status: about })).toThrow(
      'a status',
    );
  });

  it('S-REC-12 a call has a length of at most 30 days, and none unless it was answered', () => {
    const call = (body: Partial<CallBody>): Uint8Array =>
      encodeContent({
        ...good,
        body: {
          ...{ kind: 'call', callId: 'AAAAAAAAAAAAAAAAAAAAAA', video: false, outcome: 'answered' },
          ...{ seconds: CALL_RECORD_LIMITS.seconds, startedAt: NOW, ...body },
        },
      });
    for (const outcome of ['missed', 'declined', 'busy', 'cancelled', 'failed'] as const)
      expect(decodeContent(call({ outcome, seconds: 0 }))).toMatchObject({ ok: true, value: { body: { outcome } } });
    const bad: Partial<CallBody>[] = [
      { seconds: CALL_RECORD_LIMITS.seconds + 1 },
      { seconds: -1 },
      { seconds: 0.5 },
      { outcome: 'missed' },
      { outcome: 'missed', seconds: 1 },
      { callId: 'AAAA' },
      { callId: 'A'.repeat(23) },
      { startedAt: -1 },
      { startedAt: 2 ** 48 },
      { expires: 0 },
      { expires: 2 ** 32 },
    ];
    for (const change of bad) expect(() => call(change), JSON.stringify(change)).toThrow(RangeError);
    const bytes = call({});
    expect(bytes.length).toBe(HEADER + 32);
    for (const [at, value, reason] of [
      [16, 2, 'flag is neither 0 nor 1'],
      [17, 6, 'unknown value'],
      [17, 1, 'a call that nobody answered has no length'],
      [18, 1, 'a call is too long'],
    ] as const) {
      const changed = bytes.slice();
      changed[HEADER + at] = value;
      expect(decodeContent(changed)).toMatchObject({ error: { reason } });
    }
    for (const length of [bytes.length - 1, bytes.length + 1]) {
      const changed = new Uint8Array(length);
      changed.set(bytes.slice(0, length));
      expect(decodeContent(changed).ok).toBe(false);
    }
  });

  it('S-REC-9 positions are those of the text, wherever they come from', () => {
    const bytes = encode({ text: 'hello', mentions: [mention(1, 4)] });
    const at = HEADER + 2;
    expect(decodeContent(bytes).ok).toBe(true);
    const outside = bytes.slice();
    outside[at + 1] = 2;
    expect(decodeContent(outside)).toMatchObject({ error: { reason: 'a mention is outside of the text' } });
    const empty = bytes.slice();
    empty[at + 3] = 0;
    expect(decodeContent(empty).ok).toBe(false);
  });
});

describe('record ids', () => {
  it('S-REC-3 sort by time as plain strings and hold it', () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 2, maxLength: 20 }), (records) => {
        const ids = records.map((record) => ({ record, id: recordIdOf(CHAT, record.author, record) }));
        const byId = [...ids].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ record }) => record.time);
        const byTime = [...byId].sort((a, b) => a.ms - b.ms || a.counter - b.counter);
        expect(byId).toEqual(byTime);
        for (const { record, id: name } of ids) {
          expect(isRecordId(name)).toBe(true);
          expect(recordTime(name)).toBe(record.time.ms);
        }
      }),
      { seed: 7 },
    );
  });

  it('S-REC-3 commit to the content', () => {
    const draft = { n: 1, time: { ms: NOW, counter: 0 }, body: { kind: 'message', text: 'a' } } as const;
    const ids = [
      recordIdOf(CHAT, new Uint8Array(32), draft),
      recordIdOf(CHAT, new Uint8Array(32).fill(1), draft),
      recordIdOf(CHAT, new Uint8Array(32), { ...draft, n: 2 }),
      recordIdOf(CHAT, new Uint8Array(32), { ...draft, body: { kind: 'message', text: 'b' } }),
      recordIdOf(toBase64Url(new Uint8Array(16)) as ChatId, new Uint8Array(32), draft),
    ];
    expect(new Set(ids).size).toBe(5);
  });

  it('are texts of 18 bytes and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 18, maxLength: 18 }), (bytes) => {
        expect(recordIdBytes(recordIdFrom(bytes))).toEqual(bytes);
      }),
      { seed: 8 },
    );
    for (const odd of ['', 'x'.repeat(23), 'x'.repeat(25), `${'x'.repeat(23)}+`]) {
      expect(isRecordId(odd)).toBe(false);
      expect(() => recordIdBytes(odd)).toThrow(RangeError);
    }
  });
});

describe('a record’s home', () => {
  const alice = createAuthorLater('alice');
  const documentId = new Uint8Array(16).fill(1);
  const homeFor = (author: Uint8Array): Home => ({
    documentId,
    actor: makeActor(author, documentId, new Uint8Array(6)),
    seq: 1,
    deps: ['00'.repeat(32)],
  });

  it('S-REC-4 is signed along: no field of it can be changed', () => {
    const author = alice();
    const home = homeFor(author.publicKey);
    const bytes = Uint8Array.of(1, 2, 3);
    const signature = signHome(author, bytes, home);
    expect(verifyHome(author.publicKey, bytes, home, signature)).toBe(true);
    const changed: Partial<Home>[] = [
      { documentId: new Uint8Array(16) },
      { actor: new Uint8Array(16) },
      { seq: 2 },
      { deps: ['11'.repeat(32)] },
      { deps: [...home.deps, '11'.repeat(32)] },
    ];
    for (const part of changed) {
      expect(verifyHome(author.publicKey, bytes, { ...home, ...part }, signature)).toBe(false);
    }
    expect(verifyHome(author.publicKey, Uint8Array.of(1, 2, 4), home, signature)).toBe(false);
  });

  it('S-REC-7 names an actor that belongs to one author in one document', () => {
    const author = alice();
    const home = homeFor(author.publicKey);
    expect(isActorOf(home, author.publicKey)).toBe(true);
    expect(isActorOf(home, new Uint8Array(32))).toBe(false);
    expect(isActorOf({ ...home, documentId: new Uint8Array(16) }, author.publicKey)).toBe(false);
  });

  it('S-REC-8 travels with a carried record, which is verified to any allowed depth', () => {
    const author = alice();
    const home = homeFor(author.publicKey);
    const context = { chatId: CHAT, isKnown: () => true, now: NOW };
    const wrap = (inner: RecordBody, n: number): { original: Uint8Array; id: string } => {
      const time = { ms: NOW, counter: n };
      const bytes = encodeContent({ chatId: CHAT, author: author.publicKey, n, time, body: inner });
      const signed = new Uint8Array([...bytes, ...signHome(author, bytes, home)]);
      return { original: packOriginal(home, signed), id: makeRecordId(time, bytes) };
    };
    let layer = wrap({ kind: 'message', text: 'deep' }, 1);
    const ids = [layer.id];
    for (let depth = 1; depth <= MAX_CARRY_DEPTH; depth += 1) {
      const opened = openOriginal(layer.original, context);
      expect(opened.ok && opened.value.map((record) => record.id)).toEqual(ids);
      expect(recallOriginal(layer.original).map((record) => record.id)).toEqual(ids);
      layer = wrap({ kind: 'carried', original: layer.original }, depth + 1);
      ids.push(layer.id);
    }
    expect(openOriginal(layer.original, context)).toEqual({ ok: false, error: { type: 'TooDeep' } });
  });

  it('S-REC-8 is refused when anything about the carried record is wrong', () => {
    const author = alice();
    const home = homeFor(author.publicKey);
    const good = { chatId: CHAT, isKnown: () => true, now: NOW };
    const time = { ms: NOW, counter: 0 };
    const bytes = encodeContent({
      chatId: CHAT,
      author: author.publicKey,
      n: 1,
      time,
      body: { kind: 'message', text: 'x' },
    });
    const original = packOriginal(home, new Uint8Array([...bytes, ...signHome(author, bytes, home)]));
    const typeOf = (packed: Uint8Array, context = good): string => {
      const opened = openOriginal(packed, context);
      return opened.ok ? 'ok' : opened.error.type;
    };
    expect(typeOf(original)).toBe('ok');
    expect(typeOf(original, { ...good, chatId: toBase64Url(new Uint8Array(16)) as ChatId })).toBe('WrongChat');
    expect(typeOf(original, { ...good, isKnown: () => false })).toBe('UnknownAuthor');
    expect(typeOf(original, { ...good, now: 0 })).toBe('DatedAhead');
    expect(typeOf(packOriginal({ ...home, seq: 2 }, original.slice(70)))).not.toBe('ok');
    const forged = original.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(typeOf(forged)).toBe('BadSignature');
    const stolen = packOriginal({ ...home, actor: new Uint8Array(16) }, original.slice(70));
    expect(typeOf(stolen)).toBe('StolenActor');
  });
});

/** Keys can be made only once libsodium is ready. */
function createAuthorLater(name: string): () => ReturnType<typeof createAuthorKey> {
  return () => createAuthorKey(seededRandom(new Uint8Array(32).fill(name.length)));
}
