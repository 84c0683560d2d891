/**
 * A device with a long chat, made by the engine itself in Node: notes to self, sent one by one through the client's API.
 * What the engine stored (sealed, under a passphrase) can be opened elsewhere, byte for byte.
 */
import { ready, seededRandom, systemRandom } from '@securechat/crypto';
import { createMemoryDeviceSecret } from '../sync/src/adapters/memory-device-secret.ts';
import { createMemoryStore, type MemoryStore } from '../sync/src/adapters/memory-store.ts';
import { createWebLink } from '../sync/src/adapters/web-link.ts';
import { createClient, type Client } from '../sync/src/client.ts';
import { createMemoryStorageAdapter, initAutomerge, type MemoryStorageAdapter } from '../sync/src/documents/index.ts';
import { nodeAutomergeWasm } from '../sync/src/documents/node-wasm.ts';
import { systemClock } from '../sync/src/ports/clock.ts';
import { RARE_WORD } from './chat-history.ts';

export const PASSPHRASE = 'a passphrase for the move';
/** Between two messages: 100,000 of them span about a year. */
const STEP = 5 * 60_000;
const WORDS =
  'and the of to meet train tomorrow coffee please never maybe photo house garden river 東京 answer question yellow paper winter summer 会議 hello good morning evening weather ticket number'.split(
    ' ',
  );

export interface SeededDevice {
  readonly store: MemoryStore;
  readonly documents: MemoryStorageAdapter;
  readonly chatId: string;
  /** The newest message's text. */
  readonly last: string;
}

/** The oldest message holds {@link RARE_WORD}; all have about 100 characters. The relay need not be there. */
export async function seedDevice(relayUrl: string, length: number): Promise<SeededDevice> {
  await ready();
  await initAutomerge(await nodeAutomergeWasm());
  const [store, documents] = [createMemoryStore(), createMemoryStorageAdapter()];
  let now = Date.now() - (length + 1) * STEP;
  const client = await createClient({
    store,
    storage: documents,
    eraseStorage: () => Promise.resolve(),
    deviceSecret: createMemoryDeviceSecret(systemRandom),
    link: createWebLink(),
    clock: { ...systemClock, now: () => now },
    random: systemRandom,
  });
  await client.call('createAccount', { name: 'Ann', passphrase: PASSPHRASE, relayUrl });
  const chatId = await ownChat(client);
  let last = '';
  for (let i = 0; i < length; i += 1) {
    now += STEP;
    last = textOf(i);
    const sent = await client.call('sendMessage', { id: String(i).padStart(22, '0'), chatId, text: last });
    if (!sent.ok) throw new Error(`message ${String(i)}: ${sent.error.type}`);
  }
  await client.close();
  return { store, documents, chatId, last };
}

function ownChat(client: Client): Promise<string> {
  return new Promise((resolve) => {
    client.watch('chats', null, ([first]) => {
      if (first !== undefined) resolve(first.chatId);
    });
  });
}

const random = seededRandom(new Uint8Array(32).fill(7));

function textOf(index: number): string {
  const words = [...random(17)].map((byte) => WORDS[byte % WORDS.length] ?? '').join(' ');
  return `${String(index + 1)}: ${words}${index === 0 ? ` ${RARE_WORD}` : ''}`;
}
