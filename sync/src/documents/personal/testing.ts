/** Own devices of one account for the tests of this folder. Not part of the package. */
import { hash, seededRandom, utf8 } from '@securechat/crypto';
import { type MemoryStorageAdapter, createMemoryStorageAdapter } from '../storage/memory-adapter.ts';
import type { PersonalChange } from './exchange.ts';
import { type PersonalDocuments, type PersonalDocumentsOptions, openPersonalDocuments } from './personal.ts';

export const SECRET = new Uint8Array(64).fill(3);

/** Opens the documents that are on some storage. */
export function openOn(
  storage: MemoryStorageAdapter,
  options: Partial<PersonalDocumentsOptions> = {},
): Promise<PersonalDocuments> {
  const random = seededRandom(hash('test device', utf8('own')));
  return openPersonalDocuments({ storage, accountSecret: SECRET, random, alone: true, ...options });
}

/** One own device: its storage, and what it pushed to the others. */
export class OwnDevice {
  readonly pushed: PersonalChange[] = [];
  readonly storage: MemoryStorageAdapter;
  documents: PersonalDocuments;

  private constructor(storage: MemoryStorageAdapter, documents: PersonalDocuments) {
    this.storage = storage;
    this.documents = documents;
    this.#listen();
  }

  static async open(
    options: Partial<PersonalDocumentsOptions> = {},
    storage: MemoryStorageAdapter = createMemoryStorageAdapter(),
  ): Promise<OwnDevice> {
    return new OwnDevice(storage, await openOn(storage, { alone: false, ...options }));
  }

  async restart(options: Partial<PersonalDocumentsOptions> = {}): Promise<void> {
    await this.documents.close();
    this.documents = await openOn(this.storage, { alone: false, ...options });
    this.#listen();
  }

  /** Everything that its typed documents say. */
  values(): unknown {
    return valuesOf(this.documents);
  }

  #listen(): void {
    this.documents.onLocalChange((changes) => this.pushed.push(...changes));
  }
}

export function valuesOf({ profile, contacts, settings, chats, devices }: PersonalDocuments): unknown {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    profile: profile.get(),
    contacts: sorted(contacts.get()),
    settings: sorted(new Map(Object.entries(settings.get()))),
    chats: sorted(chats.get()).map(([chatId, { readMarks, hidden, starred, ...rest }]) => ({
      chatId,
      ...rest,
      readMarks: sorted(readMarks),
      hidden: [...hidden].sort(),
      starred: [...starred].sort(),
    })),
    devices: sorted(devices.get()),
  };
}

/** One asks the other until there is no more; answers the bytes that came. */
export async function fetch(to: OwnDevice, from: OwnDevice, budget = 1_000_000): Promise<number> {
  let bytes = 0;
  for (let round = 0; round < 2000; round += 1) {
    const { changes, more } = from.documents.answer(to.documents.summary(), budget);
    bytes += changes.reduce((sum, change) => sum + change.bytes.length, 0);
    const { refused, missing } = await to.documents.ingest(changes);
    if (refused > 0 || missing) throw new Error(`${String(refused)} refused, missing: ${String(missing)}`);
    if (!more) return bytes;
  }
  throw new Error('asking does not end');
}

/** All ask each other until all have everything. */
export async function level(devices: readonly OwnDevice[]): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const to of devices) for (const from of devices) if (to !== from) await fetch(to, from);
  }
}
