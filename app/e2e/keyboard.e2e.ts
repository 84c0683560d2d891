/** "No mouse needed": the whole way from the first start to a searched, reacted-to chat and the settings by keys alone. */
import { expect, it } from 'vitest';
import { gainsFocus, tabTo } from './world/keyboard.ts';
import type { Person } from './world/person.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

it('onboarding, adding by link, writing, answering, reacting, deleting, searching and settings work by keyboard alone', async () => {
  const [bob] = await world().residents('Bob');
  const ann = await world().arrive('Ann', { reducedMotion: 'no-preference' });
  await begin(ann, bob);
  await answer(ann, bob);
  await react(ann, bob);
  await change(ann, bob);
  await search(ann);
  await set(ann);
});

/** Onboarding: the name has the focus, Enter starts. Then a contact by link, and the first message. */
async function begin(ann: Person, bob: Person): Promise<void> {
  const { page } = ann;
  const { keyboard } = page;
  const bobsLink = await bob.inviteLink();
  await ann.goto('/');
  await gainsFocus(page.getByLabel('Your name'));
  await keyboard.type('Ann');
  await keyboard.press('Enter');
  await ann.chatList.waitFor();

  await tabTo(page, page.getByRole('link', { name: 'New chat' }));
  await keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Invite link you received'));
  await keyboard.insertText(bobsLink);
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Start chat' }));
  await keyboard.press('Enter');

  await gainsFocus(ann.box);
  await keyboard.type('Greetings from the keys');
  await keyboard.press('Enter');
  await bob.chat('Greetings from the keys').click();
  await bob.page.getByRole('button', { name: 'Accept' }).click();
  await bob.send('Hello Ann');
  await ann.sees('Hello Ann');
}

/** From the box to the messages; a reply by its letter. */
async function answer(ann: Person, bob: Person): Promise<void> {
  const { keyboard } = ann.page;
  await gainsFocus(ann.box);
  await keyboard.press('Shift+Tab');
  await gainsFocus(ann.message('Hello Ann'));
  await keyboard.press('r');
  await gainsFocus(ann.box);
  await keyboard.type('A reply');
  await keyboard.press('Enter');
  await bob.message('A reply').getByText('Hello Ann').waitFor();
}

/** A reaction from a message's menu, after which the focus is back; then the picker, left with nothing done. */
async function react(ann: Person, bob: Person): Promise<void> {
  const { page } = ann;
  const { keyboard } = page;
  const hello = ann.message('Hello Ann').filter({ hasNotText: 'A reply' });
  await gainsFocus(ann.box);
  await keyboard.press('Shift+Tab');
  await keyboard.press('ArrowUp');
  await gainsFocus(hello);
  await keyboard.press('Enter');
  const menu = page.getByRole('menu', { name: 'Message actions' });
  await gainsFocus(menu.getByRole('menuitem', { name: 'React with 👍' }));
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  const hisHello = bob.message('Hello Ann').filter({ hasNotText: 'A reply' });
  await hisHello.getByRole('button', { name: 'React with ❤️' }).waitFor();
  await gainsFocus(hello);

  await keyboard.press('+');
  const picker = page.getByRole('dialog', { name: 'Pick a reaction' });
  await picker.waitFor();
  await keyboard.press('Escape');
  await picker.waitFor({ state: 'detached' });
  await gainsFocus(hello);
  await keyboard.press('Escape');
}

/** Edits the last message by arrow-up, then deletes it for everyone. */
async function change(ann: Person, bob: Person): Promise<void> {
  const { page } = ann;
  const { keyboard } = page;
  await gainsFocus(ann.box);
  await keyboard.press('ArrowUp');
  await expect.poll(() => ann.box.inputValue()).toBe('A reply');
  await keyboard.press('End');
  await keyboard.type(', edited');
  await keyboard.press('Enter');
  await bob.sees('A reply, edited');
  await keyboard.press('Shift+Tab');
  await gainsFocus(ann.message('A reply, edited'));
  await keyboard.press('Delete');
  await tabTo(page, page.getByRole('button', { name: 'Delete for everyone' }));
  await keyboard.press('Enter');
  await bob.sees('This message was deleted');
}

/** Searches everywhere and opens the hit; searches in the chat and comes back. */
async function search(ann: Person): Promise<void> {
  const { page } = ann;
  const { keyboard } = page;
  await keyboard.press('Control+k');
  await gainsFocus(page.getByRole('searchbox', { name: 'Search messages and people' }));
  await keyboard.type('from the KEYS');
  await ann.chatList.getByRole('button', { name: /Greetings from the keys/ }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await gainsFocus(ann.message('Greetings from the keys'));
  await keyboard.press('Control+Shift+f');
  await gainsFocus(page.getByRole('searchbox', { name: 'Search in this chat' }));
  await keyboard.type('hello');
  await page.getByRole('status').getByText('1 match').waitFor();
  await keyboard.press('Escape');
  await gainsFocus(ann.box);
}

/** Changes a setting, looks at the list of keys, and goes back to the chat. */
async function set(ann: Person): Promise<void> {
  const { page } = ann;
  const { keyboard } = page;
  await keyboard.press('Alt+Comma');
  const receipts = page.getByRole('switch', { name: 'Read receipts' });
  await tabTo(page, receipts);
  await keyboard.press('Space');
  await expect.poll(() => receipts.isChecked()).toBe(false);
  await keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await sheet.waitFor();
  await keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await keyboard.press('Escape');
  await receipts.waitFor({ state: 'detached' });
  await keyboard.press('Alt+ArrowDown');
  await ann.box.waitFor();
}
