import { beforeEach, expect, it } from 'vitest';
import { MEDIA_LIMITS, type CallInput } from '@securechat/sync/api';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { eachPart } from './whole-files.ts';

const PART = MEDIA_LIMITS.readBytes;
const SIZE = 4 * PART + 5;
const file = {
  ...{ chatId: 'chat', recordId: 'record', index: 0 },
  about: { kind: 'file', type: 'application/pdf', size: SIZE },
} as const;

let client: FakeClient;
let taken: { from: number; length: number; asked: number }[];

/** The whole of it, each part taken note of: where it begins, by its first bytes. */
const readAll = (): ReturnType<typeof eachPart> =>
  eachPart(new App(client), file, async (part) => {
    await Promise.resolve();
    const from = new DataView(part.buffer).getUint32(0);
    taken.push({ from, length: part.length, asked: client.calls.length });
  });

const partOf = ({ from, to }: CallInput<'mediaBytes'>): { bytes: Uint8Array } => {
  const bytes = new Uint8Array(to - from);
  new DataView(bytes.buffer).setUint32(0, from);
  return { bytes };
};

beforeEach(() => {
  client = new FakeClient();
  taken = [];
});

it('hands over all parts in order, and has asked for the next while one is taken', async () => {
  client.on('mediaBytes', (input) => done(partOf(input)));
  expect(await readAll()).toBeUndefined();
  expect(taken).toEqual([
    { from: 0, length: PART, asked: 2 },
    { from: PART, length: PART, asked: 3 },
    { from: 2 * PART, length: PART, asked: 4 },
    { from: 3 * PART, length: PART, asked: 5 },
    { from: 4 * PART, length: 5, asked: 5 },
  ]);
});

it('ends at the first part that cannot be had, with its reason, although the next was asked for', async () => {
  client.on('mediaBytes', (input) =>
    input.from === PART ? refused({ type: 'MediaFailed', failure: 'Expired' }) : done(partOf(input)),
  );
  expect(await readAll()).toEqual({ ok: false, error: { type: 'MediaFailed', failure: 'Expired' } });
  expect(taken.map(({ from }) => from)).toEqual([0]);
});
