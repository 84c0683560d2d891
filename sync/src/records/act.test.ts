import { type ChatId, ready, toAccountId, toBase64Url } from '@securechat/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ACT_LIMITS, type Act, type ActBody, type KnownAct } from './act.ts';
import { type ActId, actIdBytes, actIdFrom } from './act-id.ts';
import { everyAct } from './fuzz.ts';
import { type RecordContent, actIdOf, decodeContent, encodeContent } from './record.ts';

beforeAll(ready);

const CHAT = toBase64Url(new Uint8Array(16).fill(7)) as ChatId;
const HEADER = 62;
const key = (fill: number) => new Uint8Array(32).fill(fill);
const first = actIdFrom(key(1));
const account = toAccountId(toBase64Url(key(9)));
if (account === undefined) throw new Error('not an account id');

function contentOf(act: Act, after: readonly ActId[] = act.type === 'found' ? [] : [first]): RecordContent {
  const body: ActBody = { kind: 'act', after, act };
  return { chatId: CHAT, author: key(3), n: 1, time: { ms: 1, counter: 0 }, body };
}

const encode = (act: Act, after?: readonly ActId[]) => encodeContent(contentOf(act, after));
const isReadable = (bytes: Uint8Array) => decodeContent(bytes).ok;

describe('acts', () => {
  it.each(everyAct.map((act) => [act.type, act] as const))('G-ACT-1 %s comes back as it went', (_, act) => {
    const content = contentOf(act);
    expect(decodeContent(encodeContent(content))).toEqual({ ok: true, value: content });
  });

  it('G-ACT-1 any bytes either are no act or the one encoding of one', () => {
    const samples = everyAct.map((act) => encode(act));
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 3 }), (sample, edits) => {
        const bytes = sample.slice();
        for (const [at, byte] of edits) bytes[HEADER + (at % (bytes.length - HEADER))] = byte;
        const decoded = decodeContent(bytes);
        if (decoded.ok) expect(encodeContent(decoded.value)).toEqual(bytes);
      }),
      { seed: 11, numRuns: 3000 },
    );
  });

  it('G-ACT-1 cut short or with a byte too many they are refused', () => {
    for (const act of everyAct.filter(({ type }) => type !== 'unknown')) {
      const bytes = encode(act);
      expect(isReadable(bytes), act.type).toBe(true);
      for (let end = HEADER; end < bytes.length; end += 1)
        expect(isReadable(bytes.slice(0, end)), act.type).toBe(false);
      expect(isReadable(new Uint8Array([...bytes, 0])), act.type).toBe(false);
    }
  });

  it('G-ACT-2 nothing over its bound is written or read', () => {
    const info = (text: string): KnownAct => ({ type: 'info', description: text });
    const longest = encode(info('x'.repeat(ACT_LIMITS.description)));
    expect(isReadable(longest)).toBe(true);
    const tooMuch: Act[] = [
      { type: 'info', name: '' },
      { type: 'info', name: 'x'.repeat(ACT_LIMITS.name + 1) },
      info('x'.repeat(ACT_LIMITS.description + 1)),
      { type: 'info', avatar: { type: 'image/png', bytes: new Uint8Array(ACT_LIMITS.avatar + 1) } },
      { type: 'info', avatar: { type: 'image/png', bytes: new Uint8Array() } },
      { type: 'info', avatar: { type: '', bytes: new Uint8Array(1) } },
      { type: 'timer', seconds: 2 ** 32 },
      { type: 'timer', seconds: 0.5 },
      { type: 'add', members: [] },
      { type: 'revoke', invite: new Uint8Array(31) },
      { type: 'remove', account, ban: false, seen: Array.from({ length: 257 }, (_, n) => ({ author: counted(n), n })) },
      { type: 'unknown', tag: 1, bytes: new Uint8Array() },
      { type: 'unknown', tag: 99, bytes: new Uint8Array(ACT_LIMITS.body) },
    ];
    for (const act of tooMuch) expect(() => encode(act), JSON.stringify(act).slice(0, 60)).toThrow(RangeError);
    const padded = longest.slice();
    const lengthAt = padded.length - ACT_LIMITS.description - 3;
    padded.set([0xff, 0xff], lengthAt);
    expect(isReadable(padded)).toBe(false);
  });

  it('G-ACT-2 an act is no longer than a record has room for', () => {
    const avatar = { type: 'image/png', bytes: new Uint8Array(ACT_LIMITS.avatar) };
    expect(isReadable(encode({ type: 'info', avatar }))).toBe(true);
    const members = Array.from({ length: 256 }, (_, at) => ({
      accountKey: counted(at),
      relayUrl: `https://${'x'.repeat(500)}`,
      role: 'member' as const,
      history: { from: 'nothing' as const },
    }));
    expect(() => encode({ type: 'add', members })).toThrow(RangeError);
    const short = members.map((member) => ({ ...member, relayUrl: 'https://relay.example' }));
    expect(isReadable(encode({ type: 'add', members: short }))).toBe(true);
  });

  it('G-ACT-3 of a kind that is not known it is kept as it is', () => {
    const act: Act = { type: 'unknown', tag: 200, bytes: Uint8Array.of(1, 2, 3) };
    expect(decodeContent(encode(act))).toEqual({ ok: true, value: contentOf(act) });
  });

  it('G-ACT-4 an id is the hash of the whole content', () => {
    const content = contentOf({ type: 'timer', seconds: 1 });
    const ids = [content, { ...content, n: 2 }, contentOf({ type: 'timer', seconds: 2 })].map(actIdOf);
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => actIdBytes(id).length === 32)).toBe(true);
    expect(() => actIdFrom(new Uint8Array(18))).toThrow(RangeError);
  });

  it('G-ACT-5 lists are sets: in ascending order however they were given, nothing twice', () => {
    const ids = [3, 1, 2].map((fill) => actIdFrom(key(fill)));
    const bytes = encode({ type: 'timer', seconds: 1 }, ids);
    expect(bytes).toEqual(encode({ type: 'timer', seconds: 1 }, [...ids].reverse()));
    expect(() => encode({ type: 'timer', seconds: 1 }, [first, first])).toThrow(RangeError);
    const swapped = bytes.slice();
    swapped.set(bytes.slice(HEADER + 33, HEADER + 65), HEADER + 1);
    expect(isReadable(swapped)).toBe(false);
    swapped.set(bytes.slice(HEADER + 1, HEADER + 33), HEADER + 33);
    expect(isReadable(swapped)).toBe(false);
    const many = Array.from({ length: ACT_LIMITS.after + 1 }, (_, at) => actIdFrom(counted(at)));
    expect(isReadable(encode({ type: 'timer', seconds: 1 }, many.slice(1)))).toBe(true);
    expect(() => encode({ type: 'timer', seconds: 1 }, many)).toThrow(RangeError);
  });

  it('G-ACT-5 a founding follows nothing and everything else something', () => {
    const [founding] = everyAct;
    if (founding?.type !== 'found') throw new Error('the first is the founding');
    expect(() => encode(founding, [first])).toThrow(RangeError);
    expect(() => encode({ type: 'timer', seconds: 1 }, [])).toThrow(RangeError);
    const bytes = encode({ type: 'timer', seconds: 1 });
    const rootless = new Uint8Array([...bytes.slice(0, HEADER), 0, ...bytes.slice(HEADER + 33)]);
    expect(isReadable(rootless)).toBe(false);
  });
});

function counted(at: number): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set([at >> 8, at & 255]);
  return bytes;
}
