/** What is let into a personal document: changes are forged with Automerge itself, which takes most of them. */
import * as A from '@automerge/automerge/slim';
import { hash } from '@securechat/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ByteCursor } from '../../records/cursor.ts';
import { startDocuments } from '../testing.ts';
import { readDeltas, readNumbers } from './columns.ts';
import { parseFieldChange } from './field-change.ts';
import { type Tables, personalGenesis } from './flat-document.ts';
import { OwnDevice } from './testing.ts';

beforeAll(startDocuments);

const TABLES = ['settings'];
const ACTOR = 'cc'.repeat(16);

interface Forged {
  readonly actor?: string;
  readonly seq?: number;
  readonly startOp?: number;
  readonly time?: number;
  readonly message?: string;
  readonly deps?: readonly string[];
  readonly ops?: readonly object[];
}

const put = (over: object = {}): object => ({
  action: 'set',
  obj: '1@00',
  key: 'forged',
  value: 1,
  datatype: 'int',
  pred: [],
  ...over,
});

/** A device that wrote two settings, and what an honest third change would say. */
async function begin(): Promise<{ device: OwnDevice; forge: (forged?: Forged) => Uint8Array; own: readonly string[] }> {
  const device = await OwnDevice.open();
  await device.documents.settings.set({ theme: 'dark' });
  await device.documents.settings.set({ theme: 'light', accent: 'green' });
  const changes = device.pushed.map(({ bytes }) => A.decodeChange(bytes));
  const last = changes.at(-1);
  const forge = (forged: Forged = {}): Uint8Array =>
    A.encodeChange({
      actor: ACTOR,
      seq: 1,
      startOp: 5,
      time: 0,
      message: null,
      deps: [last?.hash ?? ''],
      ops: [put()],
      ...forged,
    } as unknown as A.DecodedChange);
  const own = changes.map(({ actor, startOp }) => `${String(startOp)}@${actor}`);
  return { device, forge, own };
}

async function ingest(device: OwnDevice, ...changes: readonly Uint8Array[]): Promise<number> {
  const named = changes.map((bytes) => ({ name: 'settings', generation: 0, bytes }));
  return (await device.documents.ingest(named)).refused;
}

describe('a change of another own device', () => {
  it('is taken when it is what a device writes', async () => {
    const { device, forge, own } = await begin();
    expect(await ingest(device, forge())).toBe(0);
    const [theme = ''] = own;
    const second = forge({ actor: 'dd'.repeat(16), ops: [put({ key: 'theme', pred: [theme.replace(/^2/, '3')] })] });
    expect(await ingest(device, second)).toBe(0);
    expect(device.documents.settings.get()).toMatchObject({ forged: 1, theme: 1 });
  });

  it.each<[string, (own: readonly string[]) => Forged]>([
    ['a first operation far ahead', () => ({ startOp: 2 ** 31 - 2 })],
    ['a first operation a little ahead', () => ({ startOp: 6 })],
    ['a first operation among those before it', () => ({ startOp: 3 })],
    ['a sequence number with a gap', () => ({ seq: 2 })],
    ['a dependency on nothing', () => ({ deps: [] })],
    ['a time', () => ({ time: 1 })],
    ['a message', () => ({ message: 'hello' })],
    ['an object that is not there', () => ({ ops: [put({ obj: '77@00' })] })],
    ['the root', () => ({ ops: [put({ obj: '_root' })] })],
    ['a new object', () => ({ ops: [{ action: 'makeMap', obj: '1@00', key: 'map', pred: [] }] })],
    ['a counter', () => ({ ops: [put({ datatype: 'counter' })] })],
    ['nothing for a value', () => ({ ops: [put({ value: null, datatype: undefined })] })],
    ['one key twice', () => ({ ops: [put(), put({ value: 2 })] })],
    ['a key that is too long', () => ({ ops: [put({ key: 'k'.repeat(600) })] })],
    ['the clearing of what is not there', () => ({ ops: [{ action: 'del', obj: '1@00', key: 'nothing', pred: [] }] })],
    ['the overwriting of what is not there', () => ({ ops: [put({ pred: ['4@00'] })] })],
    ['the overwriting of something later', () => ({ ops: [put({ pred: [`900@${ACTOR}`] })] })],
    ['the overwriting of another key', ([theme = '']) => ({ ops: [put({ pred: [theme] })] })],
  ])('S-PERSONAL-12 is refused with %s, and spoils nothing', async (_, forged) => {
    const { device, forge, own } = await begin();
    const before = device.values();
    expect(await ingest(device, forge(forged(own)))).toBe(1);
    expect(device.values()).toEqual(before);
    expect(await ingest(device, forge())).toBe(0);
    await device.documents.settings.set({ later: true });
    await device.restart();
    expect(device.documents.settings.get()).toEqual({ theme: 'light', accent: 'green', forged: 1, later: true });
  });

  it('S-PERSONAL-12 is refused alone: what came with it and does not depend on it is taken', async () => {
    const { device, forge, own } = await begin();
    const [theme = ''] = own;
    const bad = forge({ actor: 'dd'.repeat(16), ops: [put({ key: 'bad', pred: [theme] })] });
    const badHash = A.decodeChange(bad).hash;
    const after = forge({
      actor: 'ee'.repeat(16),
      startOp: 6,
      deps: badHash ? [badHash] : [],
      ops: [put({ key: 'after' })],
    });
    expect(await ingest(device, after, bad, forge())).toBe(2);
    expect(device.documents.settings.get()).toEqual({ theme: 'light', accent: 'green', forged: 1 });
    expect((await device.documents.ingest([])).missing).toBe(false);
  });

  it('S-PERSONAL-12 is refused when an actor took a number that it used before', async () => {
    const { device, forge } = await begin();
    expect(await ingest(device, forge())).toBe(0);
    expect(await ingest(device, forge({ ops: [put({ value: 2 })] }))).toBe(1);
    expect(device.documents.settings.get()['forged']).toBe(1);
  });

  it('S-PERSONAL-12 is refused when it is compressed', async () => {
    const { device, forge } = await begin();
    const deflated = forge();
    deflated[8] = 2;
    expect(await ingest(device, reseal(deflated))).toBe(1);
  });

  it.each([
    ['equal numbers', [0x80, 0x80, 0x80, 0x80, 0x01, 0x01]],
    ['nulls', [0x00, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ['literals', [0x80, 0x80, 0x80, 0x80, 0x7f, 0x01]],
  ])('S-PERSONAL-12 expands no run of %s beyond the rows that it may have', (_, run) => {
    const column = (): ByteCursor => new ByteCursor(Uint8Array.from(run));
    expect(() => readNumbers(column(), 4096)).toThrow('too many rows');
    expect(() => readDeltas(column(), 4096)).toThrow('too many rows');
  });

  it('S-PERSONAL-12 never makes the parser throw', () => {
    const base = A.change(A.load<Tables>(personalGenesis(TABLES)), { time: 0 }, (draft) => {
      const { settings } = draft;
      if (settings) Object.assign(settings, { a: 1, b: true, c: new Uint8Array(3), d: -1.5 });
    });
    const honest = A.getLastLocalChange(base) ?? new Uint8Array();
    expect(parseFieldChange(honest, TABLES)?.touched).toHaveLength(4);
    const mutated = fc.tuple(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }), fc.boolean());
    fc.assert(
      fc.property(mutated, ([edits, isSealed]) => {
        const copy = honest.slice();
        for (const [at, byte] of edits) copy[9 + (at % (copy.length - 9))] = byte;
        if (isSealed) reseal(copy);
        expect(() => parseFieldChange(copy, TABLES)).not.toThrow();
      }),
      { seed: 6, numRuns: 2000 },
    );
  });
});

/** Makes the checksum right. */
function reseal(chunk: Uint8Array): Uint8Array {
  chunk.set(hash('', chunk.subarray(8)).subarray(0, 4), 4);
  return chunk;
}
