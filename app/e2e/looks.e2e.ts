/** "It looks right and reads right", at phone and desktop width, light and dark, on each of these pages. */
import { beforeAll, expect, it } from 'vitest';
import { SIZES, declineInstall, look, overflow, violations } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann');
  bob = await world().arrive('Bob');
  await declineInstall(ann.context);
  await Promise.all([ann.onboard(), bob.onboard()]);
  await befriend(ann, bob);
  await ann.openChat('Note to self');
  await ann.send('Library books are due on the 14th');
  const mira = await world().arrive('Mira Castellanos');
  await mira.onboard();
  await befriend(ann, mira);
  await ann.openChat('Bob');
  await talk();
  await mira.send('The recording is up, tell me what you think of the second half');
  await ann.chat('Mira').getByRole('img', { name: '1 unread' }).waitFor();
});

/** A conversation worth looking at. */
async function talk(): Promise<void> {
  await bob.send('Did you get home before the rain?');
  await ann.sees('Did you get home before the rain?');
  await ann.send('Just. The bakery on the corner was still open, so there is bread.');
  await ann.send('Are we still on for Saturday?');
  await bob.sees('Are we still on for Saturday?');
  await bob.choose('Are we still on for Saturday?', 'Reply');
  await bob.send('Yes! Ten at the north gate. I will bring the map and 天気 permitting the telescope.');
  await ann.sees('Ten at the north gate');
  await ann.choose('Ten at the north gate', 'React with ❤️');
  await bob.message('Ten at the north gate').getByRole('button', { name: 'React with ❤️' }).waitFor();
  await bob.send('And the good thermos.');
  await ann.sees('And the good thermos.');
  await bob.seesTick('And the good thermos.', 'Read');
  await ann.send('The good thermos it is');
  await ann.seesTick('The good thermos it is', 'Read');
}

it('what these tests look for would be found', async () => {
  const probe = await ann.newTab('/settings');
  await probe.getByRole('heading', { name: 'Settings' }).waitFor();
  await probe.evaluate(() => {
    const [nameless, faint, wide] = [
      document.createElement('button'),
      document.createElement('p'),
      document.createElement('p'),
    ];
    faint.style.cssText = 'color: #999; background: #aaa';
    wide.style.cssText = 'position: fixed; inset: 0 auto auto 0; inline-size: 3000px';
    faint.textContent = 'hard to read';
    wide.textContent = 'too wide';
    document.querySelector('main h1')?.after(nameless, faint, wide);
  });
  expect((await violations(probe)).map((found) => found.split(':')[0])).toEqual(['button-name', 'color-contrast']);
  expect(await overflow(probe)).toEqual([expect.stringContaining('too wide')]);
  await probe.close();
});

it('onboarding', async () => {
  const carol = await world().arrive('Carol');
  await carol.goto('/');
  await carol.page.getByLabel('Your name').waitFor();
  await look(carol.page, 'onboarding');
});

it('chat', async () => {
  await look(ann.page, 'chat');
});

it('chat list', async () => {
  await ann.goto('/');
  await ann.chat('Bob').waitFor();
  await look(ann.page, 'chat-list');
});

it('search', async () => {
  await ann.page.getByRole('searchbox', { name: 'Search messages and people' }).fill('the');
  await ann.page.getByText('thermos').first().waitFor();
  await look(ann.page, 'search');
});

it('safety number', async () => {
  await ann.goto('/');
  await ann.openChat('Bob');
  await ann.goto(`${ann.page.url()}/safety`);
  await ann.page.getByRole('heading', { name: 'Safety number' }).waitFor();
  await look(ann.page, 'safety-number');
});

it('settings', async () => {
  await ann.goto('/settings');
  await ann.page.getByRole('heading', { name: 'Settings' }).waitFor();
  await look(ann.page, 'settings');
});

it('a phone shows one thing at a time, and Back leads to the list', async () => {
  const dora = await world().arrive('Dora', { viewport: SIZES.phone, hasTouch: true });
  const { page } = dora;
  await dora.onboard();
  await dora.chat('Note to self').tap();
  await dora.box.fill('Written with one thumb');
  await page.getByRole('button', { name: 'Send' }).tap();
  await dora.sees('Written with one thumb');
  expect(await dora.chatList.isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Back' }).tap();
  await dora.chat('Written with one thumb').waitFor();
  expect(await dora.box.isVisible()).toBe(false);
});
