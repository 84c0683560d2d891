/** "Two people who have never met here write to each other within a minute", and everything else that two people do. */
import { beforeAll, expect, it } from 'vitest';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

let ann: Person;
let bob: Person;

beforeAll(async () => {
  [ann, bob] = await world().friends('Ann', 'Bob');
});

it('two new profiles add each other by link and exchange messages both ways in under a minute', async () => {
  const carol = await world().arrive('Carol');
  await carol.onboard();
  const carolsLink = await carol.inviteLink();

  // Dave comes by Carol's link and has no account yet: he is told who invited him, and the invite outlives the onboarding.
  const dave = await world().arrive('Dave');
  await dave.goto(carolsLink);
  await dave.page.getByRole('heading', { name: 'Carol invited you' }).waitFor();
  await dave.page.getByLabel('Your name').fill('Dave');
  await dave.page.getByRole('button', { name: 'Start', exact: true }).click();
  await dave.page.getByRole('button', { name: 'Start chat' }).click();
  await dave.send('Hello Carol');

  await carol.addByLink(await dave.inviteLink());
  await carol.sees('Hello Carol');
  await carol.send('Hello Dave');
  await dave.openChat('Carol');
  await dave.sees('Hello Dave');
  await dave.seesTick('Hello Carol', 'Read');
  await carol.seesTick('Hello Dave', 'Read');
}, 60_000);

it('the other side is seen typing, and no longer when the message is there', async () => {
  await bob.box.pressSequentially('I am thi');
  await ann.conversation('Bob').getByText('typing…').waitFor();
  await bob.box.press('Enter');
  await ann.sees('I am thi');
  await ann.conversation('Bob').getByText('typing…').waitFor({ state: 'detached' });
});

it('reply, reaction, edit and delete for everyone reach the other side', async () => {
  await ann.send('Shall we meet at noon?');
  await bob.sees('Shall we meet at noon?');

  await bob.choose('Shall we meet at noon?', 'Reply');
  await bob.conversation('Ann').getByText('Replying to Ann').waitFor();
  await bob.send('Gladly');
  await ann.message('Gladly').getByRole('button', { name: 'Go to your quoted message' }).waitFor();

  await ann.choose('Gladly', 'React with 👍');
  await bob.message('Gladly').getByRole('button', { name: 'React with 👍' }).waitFor();
  await ann.message('Gladly').getByRole('button', { name: 'Take back 👍' }).click();
  await bob.message('Gladly').getByRole('button', { name: 'React with 👍' }).waitFor({ state: 'detached' });

  await bob.choose('Gladly', 'Edit');
  await bob.box.fill('Gladly, at one');
  await bob.box.press('Enter');
  await ann.message('Gladly, at one').getByText('edited').waitFor();

  await ann.send('Not meant for you');
  await bob.sees('Not meant for you');
  await ann.choose('Not meant for you', 'Delete…');
  await ann.page.getByRole('button', { name: 'Delete for everyone' }).click();
  await bob.sees('This message was deleted');
  expect(await bob.messages.getByText('Not meant for you').count()).toBe(0);
});

it('a message deleted for me stays with the other side, and comes back when it is undone', async () => {
  await ann.send('Keep this');
  await bob.sees('Keep this');
  await bob.choose('Keep this', 'Delete…');
  await bob.page.getByRole('button', { name: 'Delete for me' }).click();
  await bob.message('Keep this').waitFor({ state: 'detached' });
  await ann.sees('Keep this');
  await bob.page.getByRole('button', { name: 'Undo' }).click();
  await bob.sees('Keep this');
});

it('a message that arrives elsewhere is counted, divided off and previewed until it is read', async () => {
  await ann.send('Before');
  await bob.sees('Before');
  await bob.page.getByRole('link', { name: 'New chat' }).click();
  await ann.send('While you were away');
  await bob.chat('Ann').getByRole('img', { name: '1 unread' }).waitFor();
  await bob.chat('Ann').getByText('While you were away').waitFor();
  await ann.seesTick('While you were away', 'Delivered');

  await bob.openChat('Ann');
  await bob.messages.getByText('New messages').waitFor();
  await ann.seesTick('While you were away', 'Read');
  await bob.chat('Ann').getByRole('img', { name: '1 unread' }).waitFor({ state: 'detached' });
});

it('a chat with more unread than a page holds opens where they begin, and the rest of them stays unread', async () => {
  const badge = bob.chat('Ann').getByRole('img', { name: /unread/ });
  await bob.page.getByRole('link', { name: 'New chat' }).click();
  for (let n = 1; n <= 60; n += 1) await ann.send(`one of many, ${String(n)}.`);
  await badge.and(bob.page.getByRole('img', { name: '60 unread', exact: true })).waitFor();

  await bob.openChat('Ann');
  await bob.sees('one of many, 1.');
  await bob.messages.getByText('New messages').waitFor();
  await ann.seesTick('one of many, 60.', 'Delivered');
  // What is on the screen is read: the count gets smaller, but not by what nobody saw.
  const unread = async (): Promise<number> => Number.parseInt((await badge.getAttribute('aria-label')) ?? '', 10);
  await expect.poll(unread).toBeLessThan(60);
  expect(await unread()).toBeGreaterThan(30);

  await bob.page.getByRole('button', { name: /new messages, scroll down$/ }).click();
  await bob.sees('one of many, 60.');
  await ann.seesTick('one of many, 60.', 'Read');
  await badge.waitFor({ state: 'detached' });
});

it('a draft is kept over another chat and over a reload', async () => {
  await ann.box.fill('Half a thought');
  await ann.openChat('Note to self');
  await ann.chat('Bob').getByText('Draft:').waitFor();
  await ann.page.reload();
  await ann.openChat('Bob');
  await expect.poll(() => ann.box.inputValue()).toBe('Half a thought');
});

it('a note to self is kept, and goes to nobody', async () => {
  await ann.openChat('Note to self');
  await ann.send('Buy milk');
  await ann.sees('Buy milk');
  await ann.page.reload();
  await ann.sees('Buy milk');
});
