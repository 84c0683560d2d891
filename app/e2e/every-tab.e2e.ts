/** "Every tab is live": one engine for all tabs of a profile, whichever of them is closed. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

/** The first tab leads, since it was there first; a second one looks at the same chat. */
async function twoTabs(ann: Person): Promise<{ leader: Page; follower: Page }> {
  const leader = ann.page;
  const follower = await ann.newTab(new URL(leader.url()).pathname);
  return { leader, follower };
}

it('what is written or arrives in one tab is in the other at once, and only once anywhere', async () => {
  const [ann, bob] = await world().friends('Ann', 'Bob');
  const { leader, follower } = await twoTabs(ann);
  ann.lookAt(follower);
  await ann.send('from the second tab');
  await bob.sees('from the second tab');
  await bob.send('to both tabs');
  for (const tab of [leader, follower]) {
    ann.lookAt(tab);
    await ann.sees('from the second tab');
    await ann.sees('to both tabs');
    expect(await ann.order(/from the second tab|to both tabs/)).toEqual(['from the second tab', 'to both tabs']);
  }
  expect(await bob.message('from the second tab').count()).toBe(1);
});

it('the tab that leads is closed: the other goes on, and what was just sent arrives once', async () => {
  const [ann, bob] = await world().friends('Ann L', 'Bob L');
  const { leader, follower } = await twoTabs(ann);
  ann.lookAt(follower);
  await ann.send('before');
  await bob.sees('before');

  // In the moment of the handover.
  await ann.box.fill('during');
  await Promise.all([leader.close(), ann.box.press('Enter')]);
  await bob.sees('during');
  await ann.send('after');
  await bob.sees('after');
  await bob.send('answer');
  await ann.sees('answer');
  await ann.seesTick('during', 'Read');
  await ann.seesTick('after', 'Read');
  for (const person of [ann, bob]) {
    expect(await person.order(/before|during|after|answer/)).toEqual(['before', 'during', 'after', 'answer']);
  }
});

it('settings, drafts and the lock are shared by all tabs', async () => {
  const ann = await world().arrive('Ann S');
  await ann.onboard({ passphrase: 'correct horse' });
  const second = await ann.newTab('/settings');
  await second.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await ann.page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
  await second.getByRole('button', { name: 'Lock now' }).click();
  for (const tab of [ann.page, second]) await tab.getByRole('heading', { name: 'SecureChat is locked' }).waitFor();
  await ann.page.getByLabel('Passphrase', { exact: true }).fill('correct horse');
  await ann.page.keyboard.press('Enter');
  await second.getByRole('link', { name: 'New chat' }).waitFor();
});
