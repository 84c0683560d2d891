/** What a device's documents are at: equal heads are equal documents, byte for byte. */
import { decodePersonalSummary } from '../../../sync/src/documents/personal/personal-summary.ts';
import { NO_NETWORK, type Stored, PASSPHRASE, openStored } from '../../../sync/test/real/made-account.ts';

/** Opens what a device stored, off line, and reads the heads of its personal documents and of every segment of every chat. */
export async function headsOf(stored: Stored): Promise<Record<string, string>> {
  const client = await openStored(stored, NO_NETWORK);
  try {
    const unlocked = await client.call('unlock', { passphrase: PASSPHRASE });
    const { engine } = client;
    if (!unlocked.ok || engine === undefined) throw new Error('the copied device does not open');
    const heads: Record<string, string> = {};
    for (const { name, generation, heads: tips } of decodePersonalSummary(engine.personal.summary()) ?? [])
      heads[name] = `${String(generation)}: ${[...tips].sort().join()}`;
    for (const chat of engine.chats.all()) {
      const { segments } = await (await engine.chats.documents(chat)).summary();
      heads[chat.chatId] = segments
        .map(({ segment, heads: tips }) => `${String(segment)}: ${[...tips].sort().join()}`)
        .join('\n');
    }
    return heads;
  } finally {
    await client.close();
  }
}
