/** "A stranger has to ask": message requests, and the other ways to find each other: handle and QR code. */
import { expect, it } from 'vitest';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

async function scan({ page }: Person, open: string, picture: Buffer): Promise<void> {
  await page.getByRole('button', { name: open }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('dialog').getByRole('button', { name: 'Choose a picture' }).first().click();
  await (await chooser).setFiles({ name: 'code.png', mimeType: 'image/png', buffer: picture });
}

it('a request shows what the stranger wrote and tells them nothing until it is accepted', async () => {
  const [ann, bob] = await world().residents('Ann', 'Bob');
  await bob.addByLink(await ann.inviteLink());
  await bob.send('May I?');

  const requests = ann.chatList.getByRole('list', { name: 'Requests' });
  await requests.getByRole('link').filter({ hasText: 'Bob' }).click();
  await ann.sees('May I?');
  await ann.page.getByRole('heading', { name: 'Bob wants to write to you' }).waitFor();
  expect(await ann.box.count()).toBe(0);
  await bob.send('Please?');
  await ann.sees('Please?');
  await bob.seesTick('Please?', 'Sent');
  expect(await bob.messages.getByRole('img', { name: /^(Read|Delivered)$/ }).count()).toBe(0);

  await ann.page.getByRole('button', { name: 'Accept' }).click();
  await ann.send('You may');
  await bob.sees('You may');
  await bob.seesTick('May I?', 'Read');
  await bob.seesTick('Please?', 'Read');
  await requests.waitFor({ state: 'detached' });
});

it('a blocked stranger writes into the void and is not told; once accepted, nothing of it is lost', async () => {
  const [ann, eve] = await world().residents('Ann B', 'Eve');
  await eve.addByLink(await ann.inviteLink());
  await eve.send('Buy my coins');
  await ann.chat('Eve').click();
  await ann.sees('Buy my coins');
  await ann.page.getByRole('button', { name: 'Block' }).click();
  await ann.page.getByText('You blocked Eve.').waitFor();
  await eve.send('Are you there?');
  await eve.seesTick('Are you there?', 'Sent');

  await eve.send('Still nothing?');
  await eve.seesTick('Still nothing?', 'Sent');
  expect(await ann.message('Are you there?').count()).toBe(0);
  expect(await eve.messages.getByRole('img', { name: /^(Read|Delivered)$/ }).count()).toBe(0);

  // Unblocked and accepted, the conversation is whole again: what was missed is asked for.
  await ann.page.getByRole('button', { name: 'Unblock' }).click();
  await ann.page.getByRole('button', { name: 'Accept' }).click();
  await eve.send('Once more');
  await ann.sees('Once more');
  expect(await ann.order(/Buy my coins|Are you there\?|Still nothing\?|Once more/)).toEqual([
    'Buy my coins',
    'Are you there?',
    'Still nothing?',
    'Once more',
  ]);
});

it('somebody is found by the handle they claimed', async () => {
  const [ann, bob] = await world().residents('Ann H', 'Bob H');
  await ann.goto('/settings/profile');
  await ann.page.getByLabel('Handle').fill('ann.of.green_gables');
  await ann.page.getByRole('button', { name: 'Claim' }).click();
  await ann.page.getByText('@ann.of.green_gables is yours').waitFor();

  await bob.page.getByRole('link', { name: 'New chat' }).click();
  const handle = bob.page.getByLabel('Handle');
  await handle.fill('nobody.has.this');
  await bob.page.getByRole('button', { name: 'Find' }).click();
  await bob.page.getByRole('alert').getByText('Nobody has this handle.').waitFor();
  await handle.fill('@Ann.of.green_gables');
  await bob.page.getByRole('button', { name: 'Find' }).click();
  await bob.chat('@ann.of.green_gables').waitFor();
  await bob.send('Found you');
  await ann.chat('Found you').waitFor();
});

it('a code on one screen is read by the other: the contact is added, and verified by the safety number', async () => {
  const [ann, bob] = await world().residents('Ann Q', 'Bob Q');
  await ann.inviteLink();
  const invite = await ann.page.getByRole('img', { name: 'QR code of your invite link' }).screenshot();
  await bob.page.getByRole('link', { name: 'New chat' }).click();
  await scan(bob, 'Scan a code', invite);
  await bob.page.getByRole('button', { name: 'Start chat' }).click();
  await bob.send('Scanned');
  await ann.chat('Scanned').click();
  await ann.page.getByRole('button', { name: 'Accept' }).click();
  await ann.send('Welcome');
  await bob.sees('Welcome');

  const numbers = await Promise.all([ann, bob].map(safetyNumber));
  expect(numbers[0]).toMatch(/^(\d{5} ?){12}$/);
  expect(numbers[0]).toBe(numbers[1]);
  const code = await ann.page.getByRole('img', { name: 'QR code of the safety number' }).screenshot();
  await scan(bob, 'Scan their code', code);
  await bob.page.getByText('The codes match. This contact is verified.').waitFor();
  await bob.chat('Ann Q').getByRole('img', { name: 'Verified' }).waitFor();

  // A code of somebody else is told as such.
  await scan(ann, 'Scan their code', invite);
  await ann.page.getByRole('alert').getByText('The codes do not match.').waitFor();
});

async function safetyNumber(person: Person): Promise<string> {
  const { pathname } = new URL(person.page.url());
  await person.goto(`${pathname}/safety`);
  const digits = person.page.getByRole('list', { name: 'Safety number, 12 groups of 5 digits' });
  await digits.waitFor();
  return (await digits.getByRole('listitem').allInnerTexts()).join(' ');
}
