/** Asking a client in Node, and waiting for what it shows. */
import type { WatchArgs, WatchName, WatchValue } from '../../src/api.ts';
import type { Client } from '../../src/client.ts';

/** Throws when the engine refuses. */
export async function must<T>(
  answer: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: { type: string } }>,
): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Error(result.error.type);
  return result.value;
}

/** The first snapshot that is as wanted. The caller's own time limit ends a wait in vain. */
export function until<K extends WatchName>(
  client: Client,
  name: K,
  args: WatchArgs<K>,
  isWanted: (value: WatchValue<K>) => boolean,
): Promise<WatchValue<K>> {
  return new Promise((resolve) => {
    let done = false;
    const stop = client.watch(name, args, (value) => {
      if (done || !isWanted(value)) return;
      done = true;
      resolve(value);
      // The first snapshot may come before `watch` has returned.
      queueMicrotask(() => {
        stop();
      });
    });
  });
}

/** Makes two people who are on line each other's contacts; answers their chat. */
export async function befriend(ann: Client, bob: Client): Promise<string> {
  for (const client of [ann, bob]) await until(client, 'connection', null, ({ state }) => state === 'online');
  await add(ann, bob);
  const chatId = await add(bob, ann);
  for (const client of [ann, bob]) await until(client, 'chat', { chatId }, (chat) => chat?.state === 'accepted');
  return chatId;
}

async function add(from: Client, to: Client): Promise<string> {
  const { link } = await must(to.call('invite', { origin: 'https://app.test' }));
  return (await must(from.call('addByLink', { text: link }))).chatId;
}
