/** Whatever own devices write while apart, and however their changes travel: having compared summaries they agree. */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startDocuments } from '../testing.ts';
import { decodePersonalSummary } from './personal-summary.ts';
import type { PersonalDocuments } from './personal.ts';
import { OwnDevice, level } from './testing.ts';

beforeAll(startDocuments);

const word = fc.constantFrom('', 'a', 'b', 'c');
const id = fc.constantFrom('one', 'two', 'three');
const number = fc.nat(5);
const flag = fc.boolean();
const avatar = fc.constantFrom(null, undefined, ...(['image/png', 'image/webp'] as const));

type Edit = (documents: PersonalDocuments) => Promise<void>;

/** Every kind of write, on few ids so that devices meet. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(word, number, avatar).map(
    ([name, updated, type]): Edit =>
      ({ profile }) =>
        profile.set({
          name,
          updated,
          ...(type !== undefined && { avatar: type && { bytes: Uint8Array.of(updated), type } }),
        }),
  ),
  word.map(
    (handle): Edit =>
      ({ profile }) =>
        profile.set({ handle: handle === '' ? null : handle }),
  ),
  fc.tuple(id, fc.constantFrom('accepted' as const, 'blocked' as const, 'requesting' as const), word, number).map(
    ([account, state, nickname, addedAt]): Edit =>
      ({ contacts }) =>
        contacts.set(account as AccountId, { publicKey: 'key', state, addedAt, nickname: nickname || undefined }),
  ),
  id.map(
    (account): Edit =>
      ({ contacts }) =>
        contacts.remove(account as AccountId),
  ),
  fc.tuple(id, fc.oneof(word, number, flag, fc.constant(undefined))).map(
    ([key, value]): Edit =>
      ({ settings }) =>
        settings.set({ [key]: value }),
  ),
  fc.tuple(id, word).map(
    ([chat, text]): Edit =>
      ({ chats }) =>
        chats.setDraft(chat as ChatId, text),
  ),
  fc.tuple(id, flag, word).map(
    ([chat, pinned, folder]): Edit =>
      ({ chats }) =>
        chats.setFlags(chat as ChatId, { pinned, folder: folder || null }),
  ),
  fc.tuple(id, id, number).map(
    ([chat, author, n]): Edit =>
      ({ chats }) =>
        chats.markRead(chat as ChatId, new Map([[author, n]])),
  ),
  fc.tuple(id, id, flag, flag).map(
    ([chat, record, isMember, isStar]): Edit =>
      ({ chats }) =>
        isStar ? chats.setStarred(chat as ChatId, record, isMember) : chats.setHidden(chat as ChatId, record, isMember),
  ),
  id.map(
    (chat): Edit =>
      ({ chats }) =>
        chats.remove(chat as ChatId),
  ),
  fc.tuple(id, word, number).map(([device, name, hours]): Edit => async ({ devices }) => {
    await devices.set(device as DeviceId, { name, addedAt: 1 });
    await devices.seen(device as DeviceId, hours * 3600_000);
  }),
);

const who = fc.nat(2);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('edit' as const), who, edit }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      who,
      from: who,
      picks: fc.array(fc.nat(), { maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask' as const), who, from: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who }) },
);

function headsOf({ documents }: OwnDevice): unknown {
  return decodePersonalSummary(documents.summary())?.map(({ name, generation, heads }) => ({
    name,
    generation,
    heads,
  }));
}

describe('own devices', () => {
  it('S-PERSONAL-7 S-PERSONAL-9 agree on every value whatever they wrote apart, in any order, repeated, lost, restarted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 3),
        fc.array(step, { minLength: 10, maxLength: 50 }),
        async (count, steps) => {
          const devices = [];
          for (let i = 0; i < count; i += 1) devices.push(await OwnDevice.open());
          for (const action of steps) {
            const device = devices[action.who % count];
            if (device === undefined) continue;
            if (action.do === 'edit') await action.edit(device.documents);
            else if (action.do === 'restart') await device.restart();
            else {
              const from = devices[action.from % count];
              if (from === undefined || from === device) continue;
              const { pushed } = from;
              const changes =
                action.do === 'push'
                  ? action.picks.flatMap((pick) => pushed[pick % pushed.length] ?? [])
                  : from.documents.answer(device.documents.summary(), 500).changes;
              expect((await device.documents.ingest(changes)).refused).toBe(0);
            }
          }
          await level(devices);
          const [first] = devices;
          for (const device of devices) {
            expect(device.values()).toEqual(first?.values());
            expect(headsOf(device)).toEqual(first && headsOf(first));
            expect(await device.documents.ingest([])).toEqual({ missing: false, refused: 0, outdated: false });
            const before = device.values();
            await device.restart();
            expect(device.values()).toEqual(before);
          }
        },
      ),
      { seed: Number(process.env["SEED"]), numRuns: 80 },
    );
  }, 240_000);
});
