/** "Works with the network off": the relay is killed, pages are reloaded, browsers are started anew. */
import { expect, it } from 'vitest';
import { useWorld } from './world/world.ts';

const world = useWorld();

it('with the relay gone, both read, search and write after a reload and a new browser; all of it arrives once, in order, by itself', async () => {
  const [ann, bob] = await world().friends('Ann', 'Bob');
  await ann.send('The code of the bicycle lock is 東京 4711');
  await bob.sees('The code of the bicycle lock is 東京 4711');
  await bob.send('Written down');
  await ann.seesTick('The code of the bicycle lock', 'Read');
  await ann.sees('Written down');
  await Promise.all([ann.canGoOffline(), bob.canGoOffline()]);

  await world().relay.kill();

  // A reload: the page comes from the service worker, the history from the device.
  await ann.page.reload();
  await ann.sees('Written down');
  await ann.page.getByText('You’re offline.').waitFor();
  for (const word of ['BICYCLE', '京 47']) {
    await ann.page.getByRole('searchbox', { name: 'Search messages and people' }).fill(word);
    await ann.chatList
      .getByRole('list', { name: 'Messages' })
      .getByRole('button', { name: /bicycle lock/ })
      .waitFor();
  }
  await ann.page.getByRole('button', { name: 'Clear search' }).click();
  for (const text of ['ann-1', 'ann-2', 'ann-3']) await ann.send(text);
  await ann.seesTick('ann-3', 'Waiting on this device');

  // A new browser process, straight to the address of the chat.
  const { pathname } = new URL(bob.page.url());
  await bob.restartBrowser(pathname);
  await bob.sees('Written down');
  for (const text of ['bob-1', 'bob-2', 'bob-3']) await bob.send(text);
  await bob.seesTick('bob-3', 'Waiting on this device');

  // What was written in the first offline life is still there, and still waits, in the second.
  await ann.restartBrowser(new URL(ann.page.url()).pathname);
  await ann.sees('ann-3');
  await ann.seesTick('ann-1', 'Waiting on this device');
  await ann.send('ann-4');
  await ann.seesTick('ann-4', 'Waiting on this device');
  expect(await ann.messages.getByText('bob-1').count()).toBe(0);

  await world().relay.start();

  for (const person of [ann, bob]) {
    await person.sees('ann-4');
    await person.sees('bob-3');
    expect((await person.order(/ann-\d/)).join(' ')).toBe('ann-1 ann-2 ann-3 ann-4');
    expect((await person.order(/bob-\d/)).join(' ')).toBe('bob-1 bob-2 bob-3');
  }
  for (const text of ['ann-1', 'ann-2', 'ann-3', 'ann-4']) await ann.seesTick(text, 'Read');
  for (const text of ['bob-1', 'bob-2', 'bob-3']) await bob.seesTick(text, 'Read');
  // One timeline: both see all of it in the same order.
  expect(await ann.order(/(ann|bob)-\d/)).toEqual(await bob.order(/(ann|bob)-\d/));
  expect(await ann.page.getByText('You’re offline.').count()).toBe(0);
});
