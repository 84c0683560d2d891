/** "Two people who have never met here write to each other within a minute", and everything else that two people do. */
import { afterEach, expect, it } from 'vitest';
import { useWorld } from './world/world.ts';

const world = useWorld();

afterEach(() => {
  for (const person of world().people) expect(person.faults.all, person.name).toEqual([]);
});

it('two new profiles add each other by link and exchange messages both ways in under a minute', async () => {
  const ann = await world().arrive('Ann');
  await ann.onboard();
  const annsLink = await ann.inviteLink();

  // Bob comes by Ann's link and has no account yet: he is told who invited him, and the invite outlives the onboarding.
  const bob = await world().arrive('Bob');
  await bob.goto(annsLink);
  await bob.page.getByRole('heading', { name: 'Ann invited you' }).waitFor();
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.getByRole('button', { name: 'Start', exact: true }).click();
  await bob.page.getByRole('button', { name: 'Start chat' }).click();
  await bob.send('Hello Ann');

  await ann.addByLink(await bob.inviteLink());
  await ann.sees('Hello Ann');
  await ann.send('Hello Bob');
  await bob.openChat('Ann');
  await bob.sees('Hello Bob');
  await bob.seesTick('Hello Ann', 'Read');
  await ann.seesTick('Hello Bob', 'Read');
}, 60_000);

it('the other side is seen typing, and no longer when the message is there', async () => {
  const [ann, bob] = await world().friends('Ann T', 'Bob T');
  await bob.box.pressSequentially('I am thi');
  await ann.conversation('Bob T').getByText('typing…').waitFor();
  await bob.box.press('Enter');
  await ann.sees('I am thi');
  await ann.conversation('Bob T').getByText('typing…').waitFor({ state: 'detached' });
});

it('reply, reaction, edit and delete for everyone reach the other side', async () => {
  const [ann, bob] = await world().friends('Ann R', 'Bob R');
  await ann.send('Shall we meet at noon?');
  await bob.sees('Shall we meet at noon?');

  await bob.choose('Shall we meet at noon?', 'Reply');
  await bob.conversation('Ann R').getByText('Replying to Ann R').waitFor();
  await bob.send('Gladly');
  await ann.message('Gladly').getByRole('button', { name: 'Go to the quoted message of Ann R' }).waitFor();

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
  const [ann, bob] = await world().friends('Ann D', 'Bob D');
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
  const [ann, bob] = await world().friends('Ann U', 'Bob U');
  await ann.send('Before');
  await bob.sees('Before');
  await bob.page.getByRole('link', { name: 'New chat' }).click();
  await ann.send('While you were away');
  await bob.chat('Ann U').getByRole('img', { name: '1 unread' }).waitFor();
  await bob.chat('Ann U').getByText('While you were away').waitFor();
  await ann.seesTick('While you were away', 'Delivered');

  await bob.openChat('Ann U');
  await bob.messages.getByText('New messages').waitFor();
  await ann.seesTick('While you were away', 'Read');
  await bob.chat('Ann U').getByRole('img', { name: '1 unread' }).waitFor({ state: 'detached' });
});

it('a draft is kept over another chat and over a reload', async () => {
  const [ann] = await world().friends('Ann N', 'Bob N');
  await ann.box.fill('Half a thought');
  await ann.openChat('Note to self');
  await ann.chat('Bob N').getByText('Draft:').waitFor();
  await ann.page.reload();
  await ann.openChat('Bob N');
  await expect.poll(() => ann.box.inputValue()).toBe('Half a thought');
});

it('a note to self is kept, and goes to nobody', async () => {
  const [ann] = await world().residents('Ann S');
  await ann.openChat('Note to self');
  await ann.send('Buy milk');
  await ann.sees('Buy milk');
  await ann.page.reload();
  await ann.sees('Buy milk');
});
