/**
 * A crash at every single write of storage: the device is opened again from what was stored, and the interrupted step is
 * done again, as the engine does with what it did not ack. Nothing is lost, and nothing that was pushed is taken back.
 */
import type { ChatId } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type MemoryStorageSnapshot, createMemoryStorageAdapter } from '../storage/memory-adapter.ts';
import { startDocuments } from '../testing.ts';
import type { PersonalChange } from './exchange.ts';
import type { PersonalDocuments } from './personal.ts';
import { OwnDevice, fetch, openOn, valuesOf } from './testing.ts';

beforeAll(startDocuments);

const CHAT = 'chat' as ChatId;

class Crash extends Error {}

type Step = (documents: PersonalDocuments) => Promise<unknown>;

/** A storage that crashes once, at a write. */
class Machine {
  writes = 0;
  storage = this.#open(undefined);
  readonly #crashAt: number;
  #isDown = false;

  constructor(crashAt: number) {
    this.#crashAt = crashAt;
  }

  restart(): void {
    this.#isDown = false;
    this.storage = this.#open(this.storage.snapshot());
  }

  #open(snapshot: MemoryStorageSnapshot | undefined) {
    return createMemoryStorageAdapter({
      ...(snapshot && { snapshot }),
      beforeWrite: () => {
        this.writes += 1;
        if (this.writes === this.#crashAt) this.#isDown = true;
        if (this.#isDown) throw new Crash();
      },
    });
  }
}

interface Outcome {
  readonly values: unknown;
  readonly writes: number;
  /** Everything that the device told others of. */
  readonly pushed: readonly PersonalChange[];
  readonly keys: number;
  readonly documents: PersonalDocuments;
}

async function live(steps: readonly Step[], crashAt: number): Promise<Outcome> {
  const machine = new Machine(crashAt);
  const pushed: PersonalChange[] = [];
  const open = async (): Promise<PersonalDocuments> => {
    const opened = await openOn(machine.storage, { alone: false }).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      machine.restart();
      return openOn(machine.storage, { alone: false });
    });
    opened.onLocalChange((changes) => pushed.push(...changes));
    return opened;
  };
  let documents = await open();
  for (const step of steps) {
    try {
      await step(documents);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      machine.restart();
      documents = await open();
      await step(documents);
    }
  }
  machine.restart();
  documents = await open();
  const keys = machine.storage.snapshot().size;
  return { values: valuesOf(documents), writes: machine.writes, pushed, keys, documents };
}

/** Own writes and arrivals, in and out of order. */
async function everyday(): Promise<Step[]> {
  const other = await OwnDevice.open();
  for (let i = 0; i < 12; i += 1) await other.documents.chats.setDraft(CHAT, `other ${String(i)} ${'.'.repeat(90)}`);
  await other.documents.settings.set({ theme: 'dark' });
  const { pushed } = other;
  return [
    ({ chats }) => chats.setDraft(CHAT, 'own'),
    ({ ingest }) => ingest(pushed.slice(0, 3)),
    ({ settings }) => settings.set({ accent: 'green' }),
    ({ ingest }) => ingest(pushed.slice(5).reverse()),
    ({ chats }) => chats.markRead(CHAT, new Map([['author', 3]])),
    ({ ingest }) => ingest(pushed),
    ...Array.from(
      { length: 8 },
      (_, i): Step =>
        ({ chats }) =>
          chats.setStarred(CHAT, `record ${String(i)}`, true),
    ),
  ];
}

/** Own values in generation 0 while generation 2 of another device comes in, in two pieces. */
async function takingUp(): Promise<Step[]> {
  const other = await OwnDevice.open({ alone: true });
  for (let i = 0; i < 30; i += 1) await other.documents.chats.setStarred(CHAT, `record ${String(i)}`, true);
  await other.restart({ alone: true, maxChanges: 20 });
  for (let i = 30; i < 60; i += 1) await other.documents.chats.setStarred(CHAT, `record ${String(i)}`, true);
  await other.restart({ alone: true, maxChanges: 20 });
  expect(other.documents.generations()['chats']).toBe(2);
  const asker = await OwnDevice.open();
  const { changes } = other.documents.answer(asker.documents.summary(), 100_000);
  return [
    ({ chats }) => chats.setDraft(CHAT, 'own'),
    ({ ingest }) => ingest(changes.slice(0, 1)),
    ({ chats }) => chats.markRead(CHAT, new Map([['author', 3]])),
    ({ ingest }) => ingest(changes),
    ({ chats }) => chats.setDraft('other' as ChatId, 'later'),
  ];
}

describe('a crash', () => {
  it.each([
    ['S-PERSONAL-13 at any write of everyday life', everyday, { writes: 20, leftovers: 20 }],
    ['S-PERSONAL-13 at any write of taking up a generation', takingUp, { writes: 8, leftovers: 1 }],
  ])(
    '%s loses nothing, and what was told to others is here',
    async (_, makeSteps, { writes, leftovers }) => {
      const steps = await makeSteps();
      const calm = await live(steps, -1);
      expect(calm.writes).toBeGreaterThan(writes);
      for (let crashAt = 1; crashAt <= calm.writes; crashAt += 1) {
        const { values, pushed, documents, keys } = await live(steps, crashAt);
        const at = `a crash at write ${String(crashAt)}`;
        expect(values, at).toEqual(calm.values);
        expect(keys, at).toBeLessThanOrEqual(calm.keys + leftovers);
        expect(await documents.ingest(pushed), at).toMatchObject({ missing: false, refused: 0 });
        expect(valuesOf(documents), at).toEqual(calm.values);
      }
    },
    240_000,
  );

  it('S-PERSONAL-13 between a write and its push leaves it to asking', async () => {
    const [phone, laptop] = [await OwnDevice.open(), await OwnDevice.open()];
    await phone.documents.settings.set({ theme: 'dark' });
    phone.pushed.length = 0;
    await phone.restart();
    await fetch(laptop, phone);
    expect(laptop.documents.settings.get()).toEqual({ theme: 'dark' });
  });

  it('S-PERSONAL-1 S-PERSONAL-13 that is only a refused write tells nobody of it until it is durable', async () => {
    let isFull = false;
    const storage = createMemoryStorageAdapter({
      beforeWrite: () => {
        if (isFull) throw new Crash();
      },
    });
    const phone = await OwnDevice.open({}, storage);
    const laptop = await OwnDevice.open();
    await laptop.documents.settings.set({ theme: 'dark' });
    isFull = true;
    await expect(phone.documents.settings.set({ accent: 'green' })).rejects.toThrow(Crash);
    await expect(phone.documents.ingest(laptop.pushed)).rejects.toThrow(Crash);
    expect(phone.pushed).toEqual([]);
    isFull = false;
    expect(await phone.documents.ingest(laptop.pushed)).toMatchObject({ missing: false, refused: 0 });
    expect(phone.pushed).toHaveLength(1);
    await laptop.documents.ingest(phone.pushed);
    await phone.restart();
    for (const { documents } of [phone, laptop]) {
      expect(documents.settings.get()).toEqual({ theme: 'dark', accent: 'green' });
    }
  });
});
